use bytes::Bytes;
use http_body_util::BodyExt;
use tokio::time::advance;

use super::*;

const WITHIN: Duration = Duration::from_secs(2);

fn identity(body: &Bytes) -> Identity<'_> {
    Identity { path: "/connect", body, signature: None }
}

/// Whether the call is the first of its kind; it is answered with a changed body then.
fn answer(remembered: &Remembered, body: &Bytes, limits: &Duplicates) -> bool {
    let Begun::First(call) = begin(remembered, body, limits) else { return false };
    let ticket = Ticket { remembered, call };
    ticket.answered(Answered::Changed, &reply::accepted(body.clone()), WITHIN);
    true
}

fn begin(remembered: &Remembered, body: &Bytes, limits: &Duplicates) -> Begun {
    remembered.begin(remembered.digest(identity(body)), limits)
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_remembered_for_its_time_and_memory_is_bounded() {
    let (remembered, limits) =
        (Remembered::default(), Duplicates { remembered: 10, ..Duplicates::default() });
    let body = |number: usize| Bytes::from(format!("body {number}"));
    for number in 0..100 {
        assert!(answer(&remembered, &body(number), &limits), "{number}");
        assert!(!answer(&remembered, &body(number), &limits), "{number}");
    }
    assert_eq!(remembered.lock().by_digest.len(), 10);
    // The oldest have gone first.
    assert!(!answer(&remembered, &body(90), &limits) && answer(&remembered, &body(89), &limits));
    advance(WITHIN).await;
    assert!(answer(&remembered, &body(99), &limits));
    let calls = remembered.lock();
    assert_eq!((calls.by_digest.len(), calls.answered.len(), calls.bytes), (1, 1, body(99).len()));
}

#[tokio::test(start_paused = true)]
async fn answers_are_bounded_in_bytes_too() {
    let (remembered, limits) = (Remembered::default(), Duplicates { bytes: 10, ..Duplicates::default() });
    let (long, short) = (Bytes::from_static(b"eight by"), Bytes::from_static(b"six by"));
    assert!(answer(&remembered, &long, &limits) && answer(&remembered, &short, &limits));
    // The two are more than ten bytes: the next call takes the place of the oldest.
    let third = begin(&remembered, &Bytes::from_static(b"third"), &limits);
    assert!(matches!(third, Begun::First(Some(_))));
    assert_eq!(remembered.lock().bytes, short.len());
    assert!(!answer(&remembered, &short, &limits) && answer(&remembered, &long, &limits));
    // What came back as it was takes no room.
    let Begun::First(call) = begin(&remembered, &Bytes::from_static(b"as it came"), &limits) else {
        panic!("is the first")
    };
    let bytes = remembered.lock().bytes;
    let ticket = Ticket { remembered: &remembered, call };
    ticket.answered(Answered::Accepted, &reply::accepted(long), WITHIN);
    assert_eq!(remembered.lock().bytes, bytes);
}

#[tokio::test(start_paused = true)]
async fn what_runs_is_not_forgotten() {
    let (remembered, limits) = (Remembered::default(), Duplicates { remembered: 1, ..Duplicates::default() });
    let (first, second) = (Bytes::from_static(b"first"), Bytes::from_static(b"second"));
    let Begun::First(call @ Some(_)) = begin(&remembered, &first, &limits) else { panic!("is remembered") };
    let ticket = Ticket { remembered: &remembered, call };
    assert!(matches!(begin(&remembered, &second, &limits), Begun::First(None)));
    assert!(matches!(begin(&remembered, &first, &limits), Begun::Running(_)));
    drop(ticket);
    assert!(matches!(begin(&remembered, &second, &limits), Begun::First(Some(_))));
}

#[tokio::test(start_paused = true)]
async fn a_duplicate_gets_the_answer_or_takes_over_what_was_given_up() {
    let (remembered, limits) = (Remembered::default(), Duplicates::default());
    let body = Bytes::from_static(b"{}");
    let identity = identity(&body);
    let Seen::First(first) = remembered.see(identity, &limits).await else { panic!("is the first") };
    let (second, ()) = tokio::join!(remembered.see(identity, &limits), async { drop(first) });
    let Seen::First(second) = second else { panic!("takes over") };
    let reply = reply::accepted(Bytes::from_static(b"changed"));
    let (third, ()) = tokio::join!(remembered.see(identity, &limits), async {
        second.answered(Answered::Changed, &reply, WITHIN);
    });
    let Seen::Duplicate(third) = third else { panic!("is a duplicate") };
    assert_eq!(third.into_body().collect().await.unwrap().to_bytes(), "changed");
    let signature = Signature::in_header(&format!("WCS {:032x}", 7));
    for other in [
        Identity { path: "/other/connect", ..identity },
        Identity { body: &Bytes::from_static(b"{ }"), ..identity },
        Identity { signature, ..identity },
    ] {
        assert!(matches!(remembered.see(other, &limits).await, Seen::First(_)));
    }
}
