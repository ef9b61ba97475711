//! Order within a session, and how many calls there are at a time; attempts and waiting, by the paused clock.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};
use wcs_hooks_dispatcher::{App, Dispatcher, FailureKind, Options, RetryRule, Settings};
use wcs_hooks_protocol::{
    Object, hook,
    payloads::{Connection, Logs},
};

/// A backend that takes one second for the first call after `connect`, and a tenth of it less for each further one.
#[derive(Clone, Default)]
struct Slow {
    calls: Arc<AtomicUsize>,
    now: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
    answered: Arc<Mutex<Vec<String>>>,
}

impl Slow {
    fn service(&self) -> crate::backend::Service {
        let slow = self.clone();
        crate::backend::Service::new(tower::service_fn(move |request: Request<Full<Bytes>>| {
            let slow = slow.clone();
            async move {
                let hook = request.uri().path().trim_start_matches('/').to_owned();
                if hook != "connect" {
                    slow.handle(hook).await;
                }
                let response = Response::builder().header("content-type", "application/json");
                Ok(response.body(Full::new(Bytes::from_static(b"{}")))?)
            }
        }))
    }

    async fn handle(&self, hook: String) {
        self.most.fetch_max(self.now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        let call = u32::try_from(self.calls.fetch_add(1, Ordering::SeqCst)).unwrap();
        sleep(Duration::from_secs(1).saturating_sub(Duration::from_millis(100) * call)).await;
        self.answered.lock().unwrap().push(hook);
        self.now.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Sends five hooks in each of the sessions; gives the most calls at one time and the order of the answers.
async fn run(options: Options, sessions: usize) -> (usize, Vec<String>) {
    let slow = Slow::default();
    let app = App::new("defaultApp", "http://backend").unwrap();
    let dispatcher = Dispatcher::with_options(Settings::default(), slow.service(), options);
    let mut tasks = JoinSet::new();
    for _ in 0..sessions {
        let session = dispatcher.connect(&app, Connection::default()).await.unwrap();
        for number in 0..5 {
            let session = session.clone();
            tasks.spawn(async move {
                let empty = Object::parse("{}").unwrap();
                assert!(session.send_raw(&format!("hook{number}"), &empty).await.goes_on());
            });
        }
    }
    tasks.join_all().await;
    let answered = slow.answered.lock().unwrap().clone();
    (slow.most.load(Ordering::SeqCst), answered)
}

#[tokio::test(start_paused = true)]
async fn hooks_of_a_session_go_one_after_the_other() {
    let in_order = ["hook0", "hook1", "hook2", "hook3", "hook4"];
    assert_eq!(run(Options::default(), 1).await, (1, in_order.map(str::to_owned).to_vec()));

    let mut reversed = in_order;
    reversed.reverse();
    let unordered = Options { in_order: false, ..Options::default() };
    assert_eq!(run(unordered, 1).await, (5, reversed.map(str::to_owned).to_vec()));
}

#[tokio::test(start_paused = true)]
async fn sessions_go_at_the_same_time_up_to_the_limit() {
    assert_eq!(run(Options::default(), 7).await.0, 7);
    let limited = Options { max_in_flight: 3, ..Options::default() };
    let (most, answered) = run(limited, 7).await;
    assert_eq!((most, answered.len()), (3, 35));
    assert_eq!(run(Options { max_in_flight: 0, ..Options::default() }, 2).await.0, 1);
}

/// A service that never answers, and counts.
async fn unanswered(settings: Settings) -> (Duration, u32) {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let service = tower::service_fn(move |_: Request<Full<Bytes>>| {
        counted.fetch_add(1, Ordering::SeqCst);
        std::future::pending::<Result<Response<Full<Bytes>>, std::io::Error>>()
    });
    let app = App::new("defaultApp", "http://backend").unwrap();
    let started = Instant::now();
    let declined = Dispatcher::new(settings, service).connect(&app, Connection::default()).await.unwrap_err();
    assert_eq!(declined.verdict().failure().unwrap().kind(), FailureKind::Timeout);
    assert_eq!(u32::try_from(calls.load(Ordering::SeqCst)).unwrap(), declined.verdict().attempts());
    (started.elapsed(), declined.verdict().attempts())
}

#[tokio::test(start_paused = true)]
async fn the_wait_ends_with_the_timeout_and_is_not_repeated() {
    assert_eq!(unanswered(Settings::default()).await, (Duration::from_secs(15), 1));
    let short = Settings { request_timeout: Some(Duration::from_secs(2)), ..Settings::default() };
    assert_eq!(unanswered(short).await, (Duration::from_secs(2), 1));
}

/// The whole answer counts: a head in time does not help if the body is late.
#[tokio::test(start_paused = true)]
async fn a_body_that_stops_is_late_too() {
    let service = tower::service_fn(|_: Request<Full<Bytes>>| async {
        Ok::<_, std::io::Error>(Response::new(Stopping))
    });
    let app = App::new("defaultApp", "http://backend").unwrap();
    let declined =
        Dispatcher::new(Settings::default(), service).connect(&app, Connection::default()).await.unwrap_err();
    assert_eq!(declined.verdict().failure().unwrap().kind(), FailureKind::Timeout);
}

struct Stopping;

impl http_body::Body for Stopping {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
        std::task::Poll::Pending
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_timeout_the_wait_has_no_end() {
    let endless = Settings { request_timeout: None, ..Settings::default() };
    let wait = tokio::time::timeout(Duration::from_secs(1_000_000), unanswered(endless)).await;
    assert!(wait.is_err());
}

#[tokio::test(start_paused = true)]
async fn retries_follow_at_once_and_an_answer_ends_them() {
    for (failing, count, attempts, is_open) in
        [(0, 3, 1, true), (3, 3, 4, true), (4, 3, 4, false), (9, 0, 1, false)]
    {
        let calls = Arc::new(AtomicUsize::new(0));
        let service = tower::service_fn(move |_: Request<Full<Bytes>>| {
            let is_failing = calls.fetch_add(1, Ordering::SeqCst) < failing;
            async move {
                if is_failing {
                    return Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset));
                }
                let response = Response::builder().header("content-type", "application/json");
                Ok(response.body(Full::new(Bytes::from_static(b"{}"))).unwrap())
            }
        });
        let settings = Settings { retry: RetryRule { count, after_sent: true }, ..Settings::default() };
        let app = App::new("defaultApp", "http://backend").unwrap();
        let started = Instant::now();
        let connected = Dispatcher::new(settings, service).connect(&app, Connection::default()).await;
        let made = match &connected {
            Ok(session) => session.opening().attempts(),
            Err(declined) => declined.verdict().attempts(),
        };
        assert_eq!((made, connected.is_ok(), started.elapsed()), (attempts, is_open, Duration::ZERO));
        if let Ok(session) = connected {
            assert!(session.send(hook::PushLogs, Logs::default()).await.goes_on());
        }
    }
}
