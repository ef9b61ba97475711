//! Handlers that panic, and that never end.

use std::time::Duration;

use wcs_hooks::Answered;
use wcs_hooks_protocol::HookName;

use super::{
    raw::{request, until},
    server::{Served, anyone, here, impatient},
};

#[tokio::test]
async fn a_panic_is_an_answer_and_its_connection_goes_on() {
    let served = Served::start(here());
    let mut client = served.connect().await;
    for _ in 0..3 {
        let answer = client.ask(request(HookName::PushLogs, "x")).await;
        assert!(answer.status == 500 && !answer.body.contains("as the test wants"), "{answer:?}");
        assert_eq!(client.ask(request(HookName::PublishStream, "x")).await.status, 200);
    }
    let counters = served.backend.counters();
    assert_eq!(counters.answered(HookName::PushLogs, Answered::Panicked), 3);
    assert_eq!((served.counts().accepted, served.backend.in_flight()), (1, 0));
    served.stop_in_order().await;
}

#[tokio::test]
async fn a_handler_that_never_ends_is_cancelled_at_its_deadline() {
    let mut settings = anyone();
    settings.deadlines.refusable = Duration::from_millis(100);
    let served = Served::start_with(here(), settings);
    let mut client = served.connect().await;
    assert_eq!(client.ask(request(HookName::PlayStream, "x")).await.status, 503);
    assert_eq!((served.seen.playing(), served.backend.in_flight()), (0, 0));
    assert_eq!(served.backend.counters().answered(HookName::PlayStream, Answered::TimedOut), 1);
    assert_eq!(client.ask(request(HookName::PublishStream, "x")).await.status, 200);
    served.stop_in_order().await;
}

/// The drain says what it has cut.
#[tokio::test]
async fn a_handler_that_never_ends_does_not_hang_the_drain() {
    let served = Served::start_with(impatient(), endless());
    let mut clients = Vec::new();
    for _ in 0..3 {
        let mut client = served.connect().await;
        client.send(request(HookName::PlayStream, "x")).await;
        served.seen.plays().await;
        clients.push(client);
    }
    let seen = served.seen.clone();
    assert_eq!((served.stop().await.cut, seen.playing()), (3, 0));
    for client in &mut clients {
        client.is_closed().await;
    }
}

fn endless() -> wcs_hooks::Settings {
    let mut settings = anyone();
    settings.deadlines.refusable = Duration::ZERO;
    settings
}

/// In good order or not, what WCS does not wait for is not handled on.
#[tokio::test]
async fn a_handler_is_cancelled_when_wcs_has_gone_away() {
    let served = Served::start_with(here(), endless());
    for (gone, is_reset) in [false, true].into_iter().enumerate() {
        let mut client = served.connect().await;
        client.send(request(HookName::PlayStream, "x")).await;
        served.seen.plays().await;
        assert_eq!((served.seen.playing(), served.backend.in_flight()), (1, 1));
        if is_reset {
            client.reset();
        } else {
            drop(client);
        }
        until("the end of the handler", || served.seen.playing() == 0).await;
        served.is_empty().await;
        assert_eq!(served.backend.counters().abandoned(), gone as u64 + 1);
        assert_eq!(served.backend.in_flight(), 0);
    }
    served.stop_in_order().await;
}
