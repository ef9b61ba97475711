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
    let Begun::First = begin(remembered, body, limits) else { return false };
    ticket(remembered, body).answered(Answered::Changed, &reply::accepted(body.clone()), WITHIN);
    true
}

fn ticket<'r>(remembered: &'r Remembered, body: &Bytes) -> Ticket<'r> {
    Ticket { remembered, digest: Some(remembered.digest(identity(body))) }
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
    assert_eq!(remembered.lock().answered.len(), 10);
    // The oldest have gone first.
    assert!(!answer(&remembered, &body(90), &limits) && answer(&remembered, &body(89), &limits));
    advance(WITHIN).await;
    assert!(answer(&remembered, &body(99), &limits));
    let answered = &remembered.lock().answered;
    assert_eq!((answered.len(), answered.bytes()), (1, body(99).len()));
}

#[tokio::test(start_paused = true)]
async fn answers_are_bounded_in_bytes_too() {
    let (remembered, limits) = (Remembered::default(), Duplicates { bytes: 10, ..Duplicates::default() });
    let (long, short) = (Bytes::from_static(b"eight by"), Bytes::from_static(b"six by"));
    assert!(answer(&remembered, &long, &limits) && answer(&remembered, &short, &limits));
    // The two are more than ten bytes: the next call takes the place of the oldest.
    let third = begin(&remembered, &Bytes::from_static(b"third"), &limits);
    assert!(matches!(third, Begun::First));
    assert_eq!(remembered.lock().answered.bytes(), short.len());
    assert!(!answer(&remembered, &short, &limits) && answer(&remembered, &long, &limits));
    // What came back as it was takes no room.
    let fourth = Bytes::from_static(b"as it came");
    assert!(matches!(begin(&remembered, &fourth, &limits), Begun::First));
    let bytes = remembered.lock().answered.bytes();
    ticket(&remembered, &fourth).answered(Answered::Accepted, &reply::accepted(long), WITHIN);
    assert_eq!(remembered.lock().answered.bytes(), bytes);
}

#[tokio::test(start_paused = true)]
async fn what_runs_is_not_forgotten() {
    let (remembered, limits) = (Remembered::default(), Duplicates { remembered: 1, ..Duplicates::default() });
    let (first, second) = (Bytes::from_static(b"first"), Bytes::from_static(b"second"));
    assert!(matches!(begin(&remembered, &first, &limits), Begun::First));
    let ticket = ticket(&remembered, &first);
    assert!(matches!(begin(&remembered, &second, &limits), Begun::Unremembered));
    assert!(matches!(begin(&remembered, &first, &limits), Begun::Running(_)));
    drop(ticket);
    assert!(matches!(begin(&remembered, &second, &limits), Begun::First));
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

#[tokio::test(start_paused = true)]
async fn an_answer_gives_way_to_the_next_though_an_older_one_is_kept() {
    let (remembered, limits) = (Remembered::default(), Duplicates::default());
    let (lasting, brief) = (Bytes::from_static(b"lasting"), Bytes::from_static(b"brief"));
    let answered = |body: &Bytes, within: Duration| {
        assert!(matches!(begin(&remembered, body, &limits), Begun::First));
        ticket(&remembered, body).answered(Answered::Changed, &reply::accepted(body.clone()), within);
    };
    answered(&lasting, 5 * WITHIN);
    answered(&brief, WITHIN);
    advance(2 * WITHIN).await;
    answered(&brief, 10 * WITHIN);
    assert_eq!(remembered.lock().answered.len(), 3);
    advance(5 * WITHIN).await;
    answered(&lasting, WITHIN);
    assert_eq!(remembered.lock().answered.len(), 2);
    assert!(matches!(begin(&remembered, &brief, &limits), Begun::Answered(Answer::Reply(_))));
}
