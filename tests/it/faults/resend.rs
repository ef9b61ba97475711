//! What WCS sends again since it has had no answer.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use wcs_hooks::{Answered, Settings, hook};
use wcs_hooks_dispatcher::{App, Dispatcher, HttpTransport, RetryRule, Verdict};
use wcs_hooks_protocol::{HookContext, HookName, Object, Outcome};

use super::{
    raw::{head, request, until},
    server::{Seen, Served, anyone, here, hooks},
};

/// How many answers are lost before one is passed on.
const LOST: usize = 2;

fn remembering() -> Settings {
    let mut settings = anyone();
    settings.duplicates.within = Duration::from_mins(1);
    settings
}

/// A proxy that passes requests on, and closes so many connections instead of giving the answer before it gives one.
async fn losing(answers: usize, listener: TcpListener, backend: SocketAddr) {
    for attempt in 0.. {
        let (mut client, _) = listener.accept().await.unwrap();
        let mut server = TcpStream::connect(backend).await.unwrap();
        if attempt % (answers + 1) == answers {
            tokio::spawn(async move { tokio::io::copy_bidirectional(&mut client, &mut server).await });
            continue;
        }
        let mut buffer = [0; 4096];
        loop {
            tokio::select! {
                read = client.read(&mut buffer) => {
                    let length = read.unwrap();
                    server.write_all(&buffer[..length]).await.unwrap();
                }
                answered = server.readable() => break answered.unwrap(),
            }
        }
    }
}

/// With a connection of its own for each attempt.
async fn publish(url: &str, name: &str) -> Verdict {
    let retry = RetryRule { count: 3, after_sent: true };
    let settings = wcs_hooks_dispatcher::Settings { retry, ..Default::default() };
    let wcs = Dispatcher::new(settings, HttpTransport::new().unwrap());
    let body = format!(r#"{{"name":"{name}"}}"#);
    let body = Object::parse(&body).unwrap();
    let hook = HookName::PublishStream.as_str();
    wcs.send_raw(&App::new("defaultApp", url).unwrap(), HookContext::default(), hook, &body).await
}

#[tokio::test]
async fn a_call_whose_answer_was_lost_is_handled_once_and_gets_the_same_answer() {
    let served = Served::start_with(here(), remembering());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hooks", listener.local_addr().unwrap());
    let proxy = tokio::spawn(losing(LOST, listener, served.address));
    for call in 1..=5 {
        let verdict = publish(&url, &format!("stream{call}")).await;
        assert_eq!((verdict.outcome(), verdict.attempts()), (Outcome::Accepted, 3));
        // What it was answered is what it would be answered once more.
        let sent = verdict.sent().unwrap();
        let again = format!("{}Content-Length: {}\r\n\r\n{sent}", head(HookName::PublishStream), sent.len());
        let answer = served.connect().await.ask(again).await;
        assert!(answer.body.contains(&format!(r#""stream{call}-{call}""#)), "{answer:?}");
        assert_eq!(served.seen.published(), call);
    }
    proxy.abort();
    assert!(proxy.await.unwrap_err().is_cancelled());
    served.is_empty().await;
    let counters = served.backend.counters();
    assert_eq!(counters.answered(HookName::PublishStream, Answered::Duplicate), 5 * (LOST as u64 + 1));
    served.stop_in_order().await;
}

/// The second comes while the first is being handled.
#[tokio::test]
async fn a_twin_waits_for_the_answer_of_the_first() {
    let (seen, gate) = (Seen::default(), Arc::new(Semaphore::new(0)));
    let (begun, opened) = (seen.clone(), Arc::clone(&gate));
    let hooks = hooks(&seen).on(hook::PlaceCall, move |_, call| {
        let (playing, opened) = (begun.play(), Arc::clone(&opened));
        async move {
            let _playing = playing;
            opened.acquire().await.unwrap().forget();
            Ok(call)
        }
    });
    let served = Served::start_of(hooks, seen, here(), remembering());
    let (mut first, mut second) = (served.connect().await, served.connect().await);
    let call = request(HookName::PlaceCall, "x");
    first.send(&call).await;
    served.seen.plays().await;
    second.send(&call).await;
    until("both requests", || served.counts().accepted == 2).await;
    // There is one permit: if both were handled, one of them would have no answer.
    gate.add_permits(1);
    let answer = first.answer().await.unwrap();
    assert_eq!((answer.status, second.answer().await.unwrap()), (200, answer));
    assert_eq!(served.backend.counters().answered(HookName::PlaceCall, Answered::Duplicate), 1);
    served.stop_in_order().await;
}

/// WCS has gone away from the first, whose handler is cancelled: the second is handled in its place.
#[tokio::test]
async fn a_twin_takes_over_what_was_given_up() {
    let mut settings = remembering();
    settings.deadlines.refusable = Duration::ZERO;
    let served = Served::start_with(here(), settings);
    let play = request(HookName::PlayStream, "x");
    let mut first = served.connect().await;
    first.send(&play).await;
    served.seen.plays().await;
    let mut second = served.connect().await;
    second.send(&play).await;
    first.reset();
    served.seen.plays().await;
    until("the end of the first", || served.counts().open == 1).await;
    assert_eq!((served.seen.playing(), served.backend.counters().abandoned()), (1, 1));
    second.reset();
    served.is_empty().await;
    assert_eq!((served.seen.playing(), served.backend.in_flight()), (0, 0));
    served.stop_in_order().await;
}
