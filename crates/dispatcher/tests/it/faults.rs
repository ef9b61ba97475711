//! What goes wrong on the network, over sockets. Spec §1.3.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
    runtime::Handle,
    time::Instant,
};
use tower::ServiceExt;
use wcs_hooks_dispatcher::{
    App, Dispatcher, FailureKind, HttpTransport, Options, RetryRule, Settings, Verdict,
};
use wcs_hooks_protocol::{HookContext, Object, Outcome};

use crate::backend::{http, read_request};

/// What a server does with a connection, once it has read a request.
#[derive(Debug, Clone, Copy)]
enum Fault {
    Close,
    Reset,
    /// Writes this and closes.
    Write(&'static str),
    /// Writes this and resets the connection.
    WriteAndReset(&'static str),
    /// Does not even read, and resets.
    ResetUnread,
    Silence,
}

impl Fault {
    async fn commit(self, mut stream: TcpStream) {
        if !matches!(self, Self::ResetUnread) {
            read_request(&mut stream).await;
        }
        match self {
            Self::Close => {}
            Self::Reset | Self::ResetUnread => stream.set_zero_linger().unwrap(),
            Self::Write(text) => stream.write_all(text.as_bytes()).await.unwrap(),
            Self::WriteAndReset(text) => {
                stream.write_all(text.as_bytes()).await.unwrap();
                stream.set_zero_linger().unwrap();
            }
            Self::Silence => std::future::pending().await,
        }
    }
}

/// Serves connections with a fault; gives the address, and how many connections there were.
async fn server(fault: Fault) -> (SocketAddr, Arc<AtomicU32>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, connections) = (listener.local_addr().unwrap(), Arc::new(AtomicU32::new(0)));
    let counted = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(fault.commit(stream));
        }
    });
    (address, connections)
}

fn dispatcher(retry: RetryRule) -> Dispatcher {
    let settings = Settings { retry, ..Settings::default() };
    let options = Options { max_answer: 1000, ..Options::default() };
    Dispatcher::with_options(settings, HttpTransport::new().unwrap(), options)
}

async fn call(dispatcher: &Dispatcher, url: &str, body: &str) -> Verdict {
    let app = App::new("defaultApp", url).unwrap();
    dispatcher.send_raw(&app, HookContext::default(), "publishStream", &Object::parse(body).unwrap()).await
}

const AFTER_SENT_TOO: RetryRule = RetryRule { count: 3, after_sent: true };
const UNSENT_ONLY: RetryRule = RetryRule { count: 3, after_sent: false };

/// The kind, and the attempts with and without `rest_client_request_sent_retry_enabled`.
const FAULTS: [(Fault, FailureKind, u32, u32); 11] = [
    (Fault::Close, FailureKind::ClosedWithoutAnswer, 4, 1),
    (Fault::Reset, FailureKind::Reset, 4, 1),
    (Fault::Write("HTTP/1.1 2"), FailureKind::ClosedWithoutAnswer, 4, 1),
    (Fault::Write("HTTP/1.1 200 OK\r\nContent-Ty"), FailureKind::ClosedWithoutAnswer, 4, 1),
    (Fault::WriteAndReset("HTTP/1.1 200 OK\r\nContent-Ty"), FailureKind::Reset, 4, 1),
    (Fault::Write("SSH-2.0-OpenSSH_9.2\r\n"), FailureKind::InvalidAnswer, 1, 1),
    (Fault::Write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{\"a\""), FailureKind::BrokenBody, 1, 1),
    (
        Fault::WriteAndReset("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{\"a\""),
        FailureKind::BrokenBody,
        1,
        1,
    ),
    (
        Fault::Write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{\"a\"\r\n"),
        FailureKind::BrokenBody,
        1,
        1,
    ),
    (
        Fault::Write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        FailureKind::BrokenBody,
        1,
        1,
    ),
    (Fault::Write("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n"), FailureKind::BrokenBody, 1, 1),
];

#[tokio::test]
async fn faults_are_told_apart_and_retried_as_apache_does() {
    for (fault, kind, attempts, attempts_unsent_only) in FAULTS {
        for (rule, attempts) in [(AFTER_SENT_TOO, attempts), (UNSENT_ONLY, attempts_unsent_only)] {
            let (address, connections) = server(fault).await;
            let verdict = call(&dispatcher(rule), &format!("http://{address}"), "{}").await;
            let failure = verdict.failure().unwrap();
            assert_eq!((failure.kind(), verdict.attempts()), (kind, attempts), "{fault:?}: {failure}");
            assert!(failure.request_sent(), "{fault:?}");
            assert_eq!(connections.load(Ordering::SeqCst), attempts, "{fault:?}");
            assert_eq!(verdict.outcome(), Outcome::NoAnswer);
        }
    }
}

#[tokio::test]
async fn addresses_without_a_backend_are_tried_once() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    for (url, kind) in [
        (format!("http://{free}"), FailureKind::ConnectionRefused),
        // A label of 64 letters is one too long for DNS, so no name server has to be asked.
        (format!("http://{}.invalid", "x".repeat(64)), FailureKind::UnknownHost),
    ] {
        let verdict = call(&dispatcher(AFTER_SENT_TOO), &url, "{}").await;
        let failure = verdict.failure().unwrap();
        assert_eq!((failure.kind(), verdict.attempts()), (kind, 1), "{failure}");
        assert!(!failure.request_sent());
    }
}

/// Too much for the buffers of a connection: the reset finds the request half written.
#[tokio::test]
async fn a_request_that_was_not_fully_sent_is_retried_in_any_case() {
    let (address, connections) = server(Fault::ResetUnread).await;
    let body = format!(r#"{{"logs":"{}"}}"#, "x".repeat(16 << 20));
    let verdict = call(&dispatcher(UNSENT_ONLY), &format!("http://{address}"), &body).await;
    let failure = verdict.failure().unwrap();
    assert!(!failure.request_sent(), "{failure}");
    assert!(matches!(failure.kind(), FailureKind::Reset | FailureKind::ClosedWithoutAnswer), "{failure}");
    assert_eq!((verdict.attempts(), connections.load(Ordering::SeqCst)), (4, 4));
}

#[tokio::test(start_paused = true)]
async fn a_silent_backend_is_waited_for_once() {
    let (address, _) = server(Fault::Silence).await;
    let verdict = call(&dispatcher(AFTER_SENT_TOO), &format!("http://{address}"), "{}").await;
    assert_eq!((verdict.failure().unwrap().kind(), verdict.attempts()), (FailureKind::Timeout, 1));
}

#[tokio::test]
async fn an_answer_is_never_retried_nor_followed() {
    for (status, code) in [
        ("403 Forbidden", 403),
        ("500 Internal Server Error", 500),
        ("503 Service Unavailable", 503),
        ("302 Found\r\nLocation: /elsewhere", 302),
    ] {
        let answer: &'static str = http(status, "").leak();
        let (address, connections) = server(Fault::Write(answer)).await;
        let verdict = call(&dispatcher(AFTER_SENT_TOO), &format!("http://{address}"), "{}").await;
        assert_eq!((verdict.outcome(), verdict.attempts()), (Outcome::Status(code), 1));
        assert_eq!(connections.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test]
async fn an_answer_that_is_too_long_is_not_taken() {
    let answer: &'static str = http("200 OK", &"x".repeat(1001)).leak();
    let (address, _) = server(Fault::Write(answer)).await;
    let verdict = call(&dispatcher(AFTER_SENT_TOO), &format!("http://{address}"), "{}").await;
    assert_eq!((verdict.failure().unwrap().kind(), verdict.attempts()), (FailureKind::TooLarge, 1));
}

/// Answers the first request of each connection, and closes it when it has read a second one.
async fn forgetful(listener: TcpListener) {
    while let Ok((mut stream, _)) = listener.accept().await {
        tokio::spawn(async move {
            read_request(&mut stream).await;
            stream.write_all(http("200 OK", "{}").as_bytes()).await.unwrap();
            read_request(&mut stream).await;
        });
    }
}

#[tokio::test]
async fn a_stale_connection_costs_an_attempt() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(forgetful(listener));
    for (rule, outcome, attempts) in
        [(AFTER_SENT_TOO, Outcome::Accepted, 2), (UNSENT_ONLY, Outcome::NoAnswer, 1)]
    {
        let dispatcher = dispatcher(rule);
        assert_eq!(call(&dispatcher, &url, "{}").await.attempts(), 1);
        let second = call(&dispatcher, &url, "{}").await;
        assert_eq!((second.outcome(), second.attempts()), (outcome, attempts));
    }
}

#[tokio::test]
async fn one_connection_serves_many_calls() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let once = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        for _ in 0..3 {
            read_request(&mut stream).await.unwrap();
            stream.write_all(http("200 OK", "{}").as_bytes()).await.unwrap();
        }
    });
    let dispatcher = dispatcher(AFTER_SENT_TOO);
    for _ in 0..3 {
        let verdict = call(&dispatcher, &url, "{}").await;
        assert_eq!((verdict.outcome(), verdict.attempts()), (Outcome::Accepted, 1));
    }
    tokio::time::timeout(Duration::from_secs(5), once).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_connection_is_kept_when_its_answer_has_been_read() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let (read_head, head_was_read) = tokio::sync::oneshot::channel();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_request(&mut stream).await.unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n").await.unwrap();
        head_was_read.await.unwrap();
        stream.write_all(b"{}").await.unwrap();
        read_request(&mut stream).await.unwrap();
        stream.write_all(http("200 OK", "[]").as_bytes()).await.unwrap();
    });
    let transport = HttpTransport::new().unwrap();
    let request = || Request::get(&url).body(Full::<Bytes>::default()).unwrap();
    let first = transport.clone().oneshot(request()).await.unwrap();
    read_head.send(()).unwrap();
    assert_eq!(first.into_body().collect().await.unwrap().to_bytes(), "{}");
    // The connection is given back by a task of its own.
    tokio::task::yield_now().await;
    let second = transport.oneshot(request()).await.unwrap();
    assert_eq!(second.into_body().collect().await.unwrap().to_bytes(), "[]");
}

#[tokio::test]
async fn a_connection_is_closed_after_a_minute_without_a_request() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let idle = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_request(&mut stream).await.unwrap();
        stream.write_all(http("200 OK", "{}").as_bytes()).await.unwrap();
        let answered = Instant::now();
        assert_eq!(read_request(&mut stream).await, None);
        answered.elapsed()
    });
    let dispatcher = dispatcher(AFTER_SENT_TOO);
    assert_eq!(call(&dispatcher, &url, "{}").await.outcome(), Outcome::Accepted);
    tokio::time::pause();
    assert_eq!(idle.await.unwrap().as_secs(), 60);
}

#[tokio::test]
async fn nothing_goes_on_without_a_transport() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let connection = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_request(&mut stream).await.unwrap();
        stream.write_all(http("200 OK", "{}").as_bytes()).await.unwrap();
        read_request(&mut stream).await
    });
    call(&dispatcher(AFTER_SENT_TOO), &url, "{}").await;
    assert_eq!(connection.await.unwrap(), None);
    let tasks = Handle::current().metrics();
    tokio::time::timeout(Duration::from_secs(5), async {
        while tasks.num_alive_tasks() > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
}
