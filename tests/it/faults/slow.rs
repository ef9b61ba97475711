//! Requests that take too long, however they pass the time.

use std::time::Duration;

use wcs_hooks::ServerCounts;
use wcs_hooks_protocol::HookName;

use super::{
    raw::{head, request},
    server::{Served, impatient},
};

struct Slow {
    what: &'static str,
    begins: String,
    goes_on: &'static str,
    /// The statuses of what is answered until it is closed.
    answered: &'static [u16],
    counted: fn(&ServerCounts) -> u64,
}

fn cases() -> Vec<Slow> {
    let (publish, heads, bodies) = (
        head(HookName::PublishStream),
        (|counts: &ServerCounts| counts.slow_heads) as fn(&_) -> _,
        (|counts: &ServerCounts| counts.slow_bodies) as fn(&_) -> _,
    );
    let case = |what, begins, goes_on, answered, counted| Slow { what, begins, goes_on, answered, counted };
    vec![
        case("nothing", String::new(), "", &[], heads),
        case("empty lines", String::new(), "\r\n", &[], heads),
        case("a name that grows", "POST /".into(), "x", &[], heads),
        case("a header that grows", publish.clone(), "x", &[], heads),
        case("more and more headers", publish.clone(), "a: b\r\n", &[], heads),
        case("a body that stops", format!("{publish}Content-Length: 1000\r\n\r\n{{"), "", &[408], bodies),
        case("a body that trickles", format!("{publish}Content-Length: 1000\r\n\r\n"), " ", &[408], bodies),
        case(
            "chunks that trickle",
            format!("{publish}Transfer-Encoding: chunked\r\n\r\n"),
            "1\r\n \r\n",
            &[408],
            bodies,
        ),
        case("nothing after an answer", request(HookName::Connect, "x"), "", &[200], |counts| counts.idle),
        case("a second head", request(HookName::Connect, "x"), "P", &[200], heads),
    ]
}

#[tokio::test]
async fn what_takes_too_long_is_ended_and_counted() {
    for Slow { what, begins, goes_on, answered, counted } in cases() {
        let served = Served::start(impatient());
        let mut client = served.connect().await;
        client.send(&begins).await;
        let answers = client.trickle(goes_on, Duration::from_millis(20)).await;
        let statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
        assert_eq!(statuses, answered, "{what}");
        served.is_empty().await;
        assert_eq!(
            (counted(&served.counts()), served.seen.published()),
            (1, 0),
            "{what}: {:?}",
            served.counts()
        );
        served.stop_in_order().await;
    }
}

#[tokio::test]
async fn slow_ones_do_not_keep_others_from_being_served() {
    let served = Served::start(impatient());
    let mut slow = Vec::new();
    for _ in 0..200 {
        let mut client = served.connect().await;
        client.send("POST /hooks/").await;
        slow.push(client);
    }
    let mut other = served.connect().await;
    assert_eq!(other.ask(request(HookName::Connect, "x")).await.status, 200);
    for client in &mut slow {
        client.is_closed().await;
    }
    assert_eq!(served.counts().slow_heads, 200);
    served.stop_in_order().await;
}

/// Answers fill the connection, and then nothing moves.
#[tokio::test]
async fn who_takes_no_answers_is_ended() {
    let served = Served::start(impatient());
    let mut client = served.connect().await;
    let requests = request(HookName::PublishStream, &"x".repeat(32 << 10)).repeat(1000);
    assert!(client.try_send(requests).await.is_err(), "all is taken");
    served.is_empty().await;
    assert!(served.seen.published() < 1000);
    served.stop_in_order().await;
}
