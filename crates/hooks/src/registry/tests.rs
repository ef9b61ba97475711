mod concurrent;

use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::time::Instant;
use wcs_hooks_protocol::{Edits, HookName, Object, RestOnError, RestPolicy};

use super::{Bounds, Change, Query, Registry, state::State};
use crate::{
    AllowAll, HookSettings, Hooks, KeepAlive, Refusal, hook, policy::AppPolicy, ready::testing::Wcs,
};

const LATE: u64 = 30;

fn change(hook: HookName, session: &str, fields: &[(&str, &str)]) -> Change {
    let mut body = json!({"nodeId": "n", "appKey": "app", "sessionId": session});
    for (name, value) in fields {
        body[*name] = Value::from(*value);
    }
    Change::of(hook, &Object::parse(&body.to_string()).unwrap(), &Edits::new()).unwrap()
}

fn connect(session: &str) -> Change {
    change(HookName::Connect, session, &[])
}

fn connection(session: &str, status: &str) -> Change {
    change(HookName::ConnectionStatus, session, &[("status", status)])
}

fn stream(session: &str, id: &str, status: &str) -> Change {
    let fields = [("mediaSessionId", id), ("name", "b4e7"), ("status", status)];
    change(HookName::StreamStatus, session, &fields)
}

fn call(session: &str, id: &str, status: &str) -> Change {
    change(HookName::CallStatus, session, &[("callId", id), ("status", status)])
}

/// What is live after changes at these seconds, as the ids of sessions, streams and calls.
fn live(changes: impl IntoIterator<Item = (u64, Change)>) -> Vec<String> {
    let mut state = State::new(Bounds::default());
    let start = Instant::now();
    for (second, change) in changes {
        state.apply(change, start + Duration::from_secs(second));
    }
    let all = Query::new();
    let sessions = state.sessions(&all).into_iter().map(|session| session.id);
    let others = state.streams(&all).into_iter().map(|stream| stream.id);
    let ids = sessions.chain(others).chain(state.calls(&all).into_iter().map(|call| call.id));
    ids.map(|id| format!("{}/{}", id.session_id, id.own)).collect()
}

#[test]
fn a_late_end_ends_no_newer_generation() {
    let published_again =
        [stream("a", "m1", "PUBLISHING"), stream("b", "m2", "PUBLISHING"), stream("a", "m1", "FAILED")];
    assert_eq!(live(published_again.map(|change| (0, change))), ["b/m2"]);
    let reconnected = [(0, connect("a")), (1, connect("a")), (2, connection("a", "DISCONNECTED"))];
    assert_eq!(live(reconnected), ["a/"]);
    let told_twice = [
        (0, connect("a")),
        (1, connection("a", "DISCONNECTED")),
        (2, connect("a")),
        (2, stream("a", "m2", "PUBLISHING")),
        (3, connection("a", "DISCONNECTED")),
    ];
    assert_eq!(live(told_twice), ["a/", "a/m2"]);
    let in_time = [(0, connect("a")), (1, connect("a")), (1 + LATE, connection("a", "DISCONNECTED"))];
    assert!(live(in_time).is_empty());
}

#[test]
fn what_ended_before_it_began_stays_ended_for_a_while() {
    for (end, begin) in [
        (stream("a", "m1", "UNPUBLISHED"), stream("a", "m1", "PUBLISHING")),
        (connection("a", "DISCONNECTED"), stream("a", "m1", "PUBLISHING")),
        (connection("a", "DISCONNECTED"), connection("a", "ESTABLISHED")),
        (call("a", "c1", "BUSY"), call("a", "c1", "RING")),
    ] {
        assert!(live([(0, end.clone()), (LATE - 1, begin.clone())]).is_empty(), "{begin:?}");
        assert_eq!(live([(0, end), (LATE, begin)]).len(), 1);
    }
}

#[test]
fn the_end_of_a_session_ends_what_belongs_to_it() {
    let changes = [
        connect("a"),
        stream("a", "m1", "PUBLISHING"),
        call("a", "c1", "ESTABLISHED"),
        stream("b", "m2", "PLAYING"),
        connection("a", "DISCONNECTED"),
    ];
    assert_eq!(live(changes.map(|change| (0, change))), ["b/m2"]);
}

#[test]
fn there_are_never_more_than_the_most() {
    let mut state = State::new(Bounds { most_streams: 2, ..Bounds::default() });
    let start = Instant::now();
    for (second, id) in [(0, "m1"), (1, "m2"), (2, "m1"), (3, "m3")] {
        state.apply(stream("a", id, "PUBLISHING"), start + Duration::from_secs(second));
    }
    let ids: Vec<_> = state.streams(&Query::new()).into_iter().map(|stream| stream.id.own).collect();
    assert_eq!((ids.len(), ids.contains(&"m2".into()), state.displaced()), (2, false, 1));
    state.apply(stream("a", &"x".repeat(10_000), "PUBLISHING"), start + Duration::from_secs(3));
    assert_eq!(state.counts().streams, 2);
}

/// The rules once more, as a list of everything that has happened and no more.
fn lives_by_the_rules(log: &[(u64, usize, usize)], target: usize) -> bool {
    let session = target / 2;
    let mut ended_until = [0; 2];
    let (mut reused_until, mut is_open, mut stream_ended, mut heard) = (0, false, 0, None);
    for &(at, operation, of) in log.iter().filter(|(_, _, of)| of / 2 == session) {
        let is_open_now = is_open || at < ended_until[0];
        match operation {
            0 => {
                reused_until = if is_open_now { at + LATE } else { reused_until };
                (is_open, ended_until[0]) = (true, 0);
                stream_ended = if heard.is_some() { at + LATE } else { stream_ended };
                heard = None;
            }
            1 if at >= reused_until => {
                stream_ended = if heard.is_some() { at + LATE } else { stream_ended };
                (is_open, ended_until[0], heard) = (false, at + LATE, None);
            }
            2 if of == target && at >= stream_ended && at >= ended_until[0] => heard = Some(at),
            3 if of == target => (heard, stream_ended) = (None, at + LATE),
            _ => {}
        }
    }
    heard.is_some()
}

proptest! {
    #[test]
    fn any_order_of_hooks_leaves_what_the_rules_say(
        steps in prop::collection::vec((0_u64..20, 0_usize..4, 0_usize..4), 0..40)
    ) {
        let bounds = Bounds { accepted_silence: Duration::from_secs(9_999), ..Bounds::default() };
        let mut state = State::new(bounds);
        let (start, mut now, mut log) = (Instant::now(), 0, Vec::new());
        for (pause, operation, target) in steps {
            now += pause;
            let (session, id) = (["a", "b"][target / 2], ["m0", "m1", "m2", "m3"][target]);
            state.apply(
                match operation {
                    0 => connect(session),
                    1 => connection(session, "DISCONNECTED"),
                    2 => stream(session, id, "PUBLISHING"),
                    _ => stream(session, id, "UNPUBLISHED"),
                },
                start + Duration::from_secs(now),
            );
            log.push((now, operation, target));
            let live = state.streams(&Query::new());
            for target in 0..4 {
                let is_live = live.iter().any(|stream| stream.id.own == ["m0", "m1", "m2", "m3"][target]);
                prop_assert_eq!(is_live, lives_by_the_rules(&log, target), "stream {} after {:?}", target, &log);
            }
            prop_assert_eq!(state.counts().streams, live.len());
        }
    }
}

fn body(fields: &Value) -> Value {
    let mut body = json!({"nodeId": "n", "appKey": "app", "sessionId": "s"});
    body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    body
}

#[tokio::test(start_paused = true)]
async fn it_learns_beside_the_handlers_and_forgets_what_is_silent() {
    let registry = Registry::new();
    let hooks = Hooks::new(AllowAll)
        .registry(&registry)
        .on_every_event(async |_| Ok(()))
        .on(hook::StreamKeepAlive, async |_, _| Ok(KeepAlive::EndStream))
        .on(hook::OnCall, async |_, _| Err(Refusal::forbidden("no")));
    let wcs = Wcs::with(hooks);
    let connect = body(&json!({"login": "alice"}));
    assert_eq!(wcs.send(HookName::Connect.as_str(), &connect).await.0, 200);
    let live = body(&json!({"mediaSessionId": "m", "name": "b4e7", "status": "PUBLISHING"}));
    assert_eq!(wcs.send(HookName::StreamKeepAlive.as_str(), &live).await.0, 403);
    let refused = body(&json!({"callId": "c"}));
    assert_eq!(wcs.send(HookName::OnCall.as_str(), &refused).await.0, 403);
    assert_eq!(registry.calls(&Query::new()).await, Ok(vec![]));
    let Ok(publisher) = registry.publisher("app", "b4e7").await;
    assert!(publisher.unwrap().is_published);
    for query in [
        Query::new().login("alice"),
        Query::new().app("app").session("s").node("n"),
        Query::new().name("b4e7").login("alice"),
    ] {
        let (Ok(sessions), Ok(streams)) = (registry.sessions(&query).await, registry.streams(&query).await);
        assert_eq!((sessions.len(), streams.len()), (1, 1), "{query:?}");
    }
    for query in [Query::new().login("bob"), Query::new().name("x"), Query::new().app("x")] {
        let (Ok(sessions), Ok(streams)) = (registry.sessions(&query).await, registry.streams(&query).await);
        assert_eq!((sessions.len(), streams.len()), (0, 0), "{query:?}");
    }
    tokio::time::advance(Duration::from_mins(1)).await;
    let Ok(()) = registry.sweep().await;
    let counts = registry.counts();
    assert_eq!((counts.sessions, counts.streams), (0, 1), "it was never established");
}

#[test]
fn what_is_only_watched_is_sent_and_cannot_do_harm() {
    let hooks = Hooks::new(AllowAll).registry(&Registry::new()).completed();
    let policy = AppPolicy::of(&hooks, |_| HookSettings::default());
    for hook in HookName::ALL.iter().filter(|hook| super::is_watched(**hook) && **hook != HookName::Connect) {
        let policy = policy.policy(*hook);
        assert_eq!(
            (policy.rest_policy, policy.rest_on_error),
            (RestPolicy::Notify, RestOnError::Log),
            "{hook}"
        );
    }
}
