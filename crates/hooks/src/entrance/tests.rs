use base64::{Engine, prelude::BASE64_STANDARD};
use http::HeaderValue;
use tokio::time::advance;
use wcs_hooks_protocol::SigningKey;

use super::*;
use crate::Callers;

const BODY: &[u8] = b"{}";
const OVERLAP: Duration = Duration::from_mins(10);

fn gates(apps: &[Callers]) -> Gates {
    Gates::new(None, apps.iter().map(|callers| ("app", Some(callers)))).unwrap()
}

fn signature(key: &str) -> String {
    SigningKey::new(&key.into()).sign(BODY)
}

fn basic(password: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(format!("wcs:{password}")))
}

#[derive(Debug, PartialEq)]
enum Verdict {
    TurnedAwayUnread,
    TurnedAway,
    /// To these apps, with a signature or without.
    LetIn(&'static [usize], bool),
}

use Verdict::{LetIn, TurnedAway as BodyRefused, TurnedAwayUnread as HeaderRefused};

/// What becomes of a caller of two apps.
fn verdict(entrance: &Entrance, header: &str) -> Verdict {
    let header = HeaderValue::from_str(header).unwrap();
    let Ok(admitted) = entrance.admit(Credentials::new(Some(&header))) else { return HeaderRefused };
    let Ok(caller) = entrance.open(admitted, BODY) else { return BodyRefused };
    let apps = match [0, 1].map(|app| entrance.lets_in(&caller, app, BODY)) {
        [true, true] => [0, 1].as_slice(),
        [true, false] => &[0],
        [false, true] => &[1],
        [false, false] => &[],
    };
    LetIn(apps, caller.signature.is_some())
}

#[test]
fn credentials_open_the_apps_whose_they_are_and_no_other() {
    let (a, b) = (|| Callers::signed(["a"]), || Callers::signed(["b"]));
    let (p, q) = (|| Callers::basic("wcs", "p"), || Callers::basic("wcs", "q"));
    let bearer = || basic("p").replace("Basic", "Bearer");
    for (apps, header, expected) in [
        ([a(), b()], signature("a"), LetIn(&[0], true)),
        ([a(), b()], signature("b"), LetIn(&[1], true)),
        ([a(), b()], signature("c"), BodyRefused),
        ([a(), b()], basic("p"), HeaderRefused),
        ([a(), a()], signature("a"), LetIn(&[0, 1], true)),
        ([p(), q()], basic("p"), LetIn(&[0], false)),
        ([p(), q()], basic("q"), LetIn(&[1], false)),
        ([p(), q()], basic("r"), HeaderRefused),
        ([p(), q()], bearer(), HeaderRefused),
        // There is no key that could have made it: the body need not be read.
        ([p(), q()], signature("a"), HeaderRefused),
        ([p(), b()], basic("p"), LetIn(&[0], false)),
        ([p(), b()], signature("b"), LetIn(&[1], true)),
        ([a(), q()], basic("q"), LetIn(&[1], false)),
        ([a(), q()], signature("a"), LetIn(&[0], true)),
        ([a().or_basic("wcs", "p"), b()], basic("p"), LetIn(&[0], false)),
        ([a().or_basic("wcs", "p"), b()], signature("a"), LetIn(&[0], true)),
        // Past an open gate, a signature counts only if it has been verified.
        ([Callers::anyone(), b()], signature("b"), LetIn(&[0, 1], true)),
        ([Callers::anyone(), b()], signature("c"), LetIn(&[0], false)),
        ([a(), Callers::anyone()], signature("a"), LetIn(&[0, 1], true)),
        ([a(), Callers::anyone()], basic("p"), LetIn(&[1], false)),
        ([Callers::anyone().or_signed(["a"]), b()], signature("a"), LetIn(&[0], false)),
    ] {
        assert_eq!(verdict(&Entrance::new(gates(&apps)), &header), expected, "{apps:?} {header}");
    }
}

/// Also if the new credentials are of another kind: the header of before then says nothing to the gates of now.
#[tokio::test(start_paused = true)]
async fn credentials_of_before_count_for_the_overlap_whatever_their_kind_and_that_of_the_new() {
    let other = || Callers::signed(["other app"]);
    let news = [Callers::signed(["new"]), Callers::basic("wcs", "new")];
    let olds = [
        (Callers::signed(["old"]), signature("old"), LetIn(&[0], true)),
        (Callers::basic("wcs", "old"), basic("old"), LetIn(&[0], false)),
        (Callers::anyone().or_basic("wcs", "old"), basic("old"), LetIn(&[0], false)),
        (Callers::anyone(), basic("old"), HeaderRefused),
    ];
    for (old, header, within) in olds {
        for new in &news {
            let past = Entrance::new(gates(&[old.clone(), other()]));
            let new = gates(&[new.clone(), other()]);
            let at_once = Entrance::replacing(new.clone(), &past, Duration::ZERO);
            assert!(at_once.before.is_empty() && !matches!(verdict(&at_once, &header), LetIn(..)));
            let entrance = Entrance::replacing(new, &past, OVERLAP);
            advance(OVERLAP.saturating_sub(Duration::from_nanos(1))).await;
            assert_eq!(verdict(&entrance, &header), within, "{old:?} {header}");
            advance(Duration::from_nanos(1)).await;
            assert!(!matches!(verdict(&entrance, &header), LetIn(..)), "{old:?} {header}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_overlap_longer_than_any_time_is_a_year() {
    let past = Entrance::new(gates(&[Callers::signed(["old"]), Callers::signed(["other"])]));
    let new = gates(&[Callers::signed(["new"]), Callers::signed(["other"])]);
    let entrance = Entrance::replacing(new, &past, Duration::MAX);
    advance(Duration::from_hours(24 * 364)).await;
    assert_eq!(verdict(&entrance, &signature("old")), LetIn(&[0], true));
    advance(Duration::from_hours(24)).await;
    assert_eq!(verdict(&entrance, &signature("old")), BodyRefused);
}

#[tokio::test(start_paused = true)]
async fn no_more_generations_count_than_there_is_room_for() {
    let of = |number: usize| gates(&[Callers::signed([format!("key {number}")]), Callers::signed(["other"])]);
    let mut entrance = Entrance::new(of(0));
    for number in 1..=MOST_GENERATIONS + 1 {
        entrance = Entrance::replacing(of(number), &entrance, OVERLAP);
    }
    for (number, expected) in [(0, BodyRefused), (1, LetIn(&[0], true)), (9, LetIn(&[0], true))] {
        assert_eq!(verdict(&entrance, &signature(&format!("key {number}"))), expected, "{number}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_shorter_overlap_holds_for_those_of_earlier_changes_too() {
    let of = |key: &str| gates(&[Callers::signed([key]), Callers::signed(["other"])]);
    let entrance = Entrance::replacing(of("second"), &Entrance::new(of("first")), OVERLAP);
    for (overlap, count) in [(Duration::ZERO, 0), (Duration::from_secs(1), 2)] {
        let entrance = Entrance::replacing(of("third"), &entrance, overlap);
        assert_eq!(entrance.before.len(), count);
        advance(overlap).await;
        assert_eq!(verdict(&entrance, &signature("first")), BodyRefused, "{overlap:?}");
    }
}

#[test]
fn there_are_as_many_gates_as_bits() {
    let apps = vec![Callers::signed(["key"]); 65];
    let made = |apps: &[Callers]| Gates::new(None, apps.iter().map(|callers| ("app", Some(callers))));
    assert!(made(&apps[1..]).is_ok());
    assert_eq!(
        made(&apps).unwrap_err().to_string(),
        r#"app "app": more than 64 apps have callers of their own"#
    );
}
