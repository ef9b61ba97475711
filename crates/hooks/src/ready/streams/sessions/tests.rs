use std::time::{Duration, UNIX_EPOCH};

use super::*;

fn session(id: &str) -> HookContext {
    HookContext { session_id: id.to_owned(), ..HookContext::default() }
}

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

fn rights(name: &str) -> StreamRights {
    StreamRights::new([name], [name])
}

fn known(name: &str) -> Known {
    Known::Rights(Arc::new(rights(name)))
}

/// The sessions `ids`, opened in this order at second 0.
fn opened(capacity: usize, ids: &[&str], expires_at: Option<SystemTime>) -> Sessions {
    let mut sessions = Sessions::with_capacity(capacity);
    for id in ids {
        sessions.open(&session(id), rights(id), expires_at, at(0));
    }
    sessions
}

#[test]
fn rights_are_known_from_opening_to_closing() {
    let mut sessions = opened(10, &["a", "b"], None);
    assert_eq!(sessions.find(&session("a"), at(1_000_000)), known("a"));
    sessions.close(&session("a"));
    sessions.close(&session("never"));
    assert_eq!(sessions.find(&session("a"), at(0)), Known::Nothing);
    assert_eq!(sessions.find(&session("b"), at(0)), known("b"));
    assert_eq!(sessions.len(), 1);
}

#[test]
fn a_session_that_opens_anew_has_its_new_rights_only() {
    let mut sessions = opened(10, &["a"], None);
    sessions.open(&session("a"), rights("other"), None, at(0));
    assert_eq!((sessions.len(), sessions.find(&session("a"), at(0))), (1, known("other")));
}

#[test]
fn the_same_id_on_another_server_is_another_session() {
    let mut other = session("a");
    other.node_id = "other".to_owned();
    let mut sessions = opened(10, &["a"], None);
    assert_eq!(sessions.find(&other, at(0)), Known::Nothing);
    sessions.open(&other, rights("b"), None, at(0));
    sessions.close(&other);
    assert_eq!(sessions.find(&session("a"), at(0)), known("a"));
}

#[test]
fn a_session_without_an_id_is_not_kept() {
    let sessions = opened(10, &[""], None);
    assert_eq!((sessions.len(), sessions.find(&session(""), at(0))), (0, Known::Nothing));
}

#[test]
fn what_has_expired_is_known_as_such_until_a_newer_one_comes() {
    let mut sessions = opened(10, &["a", "b"], Some(at(5)));
    assert_eq!(sessions.find(&session("a"), at(5)), known("a"));
    assert_eq!(sessions.find(&session("a"), at(6)), Known::Expired);
    sessions.open(&session("c"), rights("c"), Some(at(20)), at(6));
    assert_eq!(sessions.find(&session("a"), at(6)), Known::Nothing);
    assert_eq!(sessions.len(), 1);
}

#[test]
fn the_oldest_gives_way_when_it_is_full() {
    let mut sessions = opened(2, &["a", "b", "a", "c"], None);
    // `a` opened anew, and is younger than `b`.
    assert_eq!(sessions.find(&session("b"), at(0)), Known::Nothing);
    assert_eq!(sessions.find(&session("a"), at(0)), known("a"));
    assert_eq!(sessions.find(&session("c"), at(0)), known("c"));
    for number in 0..1_000 {
        sessions.open(&session(&number.to_string()), rights("x"), None, at(0));
    }
    assert_eq!(sessions.len(), 2);
    assert_eq!(opened(0, &["a"], None).len(), 0);
}
