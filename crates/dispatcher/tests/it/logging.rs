//! What is written to the log, and what is not.

use std::{
    io,
    io::ErrorKind,
    sync::{Arc, Mutex, Once},
};

use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;
use wcs_hooks_dispatcher::{App, Dispatcher, Settings};
use wcs_hooks_protocol::{Object, hook, payloads::Connection};

use crate::backend::{Answer, Backend, fails, json};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// While there is one subscriber in the process, and it is another thread's, a place that logs for the first time is taken
/// for one that nobody listens to. So there is a second one that listens to everything.
fn listen_everywhere() {
    static ONCE: Once = Once::new();
    let listener =
        || tracing_subscriber::fmt().with_max_level(LevelFilter::TRACE).with_writer(io::sink).finish();
    ONCE.call_once(|| tracing::subscriber::set_global_default(listener()).unwrap());
}

/// The lines that a call of `pushLogs` leaves, in a session that opened with `opening`.
async fn lines(opening: &'static str, answer: fn() -> Answer) -> Vec<String> {
    listen_everywhere();
    let log = Log::default();
    let subscriber =
        tracing_subscriber::fmt().with_writer(log.clone()).with_ansi(false).without_time().with_target(false);
    let _guard = tracing::subscriber::set_default(subscriber.finish());
    let service = Backend::default().service(move |hook, _| match hook {
        "connect" => json(200, opening),
        _ => answer(),
    });
    let app = App::new("defaultApp", "http://backend").unwrap().with_name("Test");
    let session =
        Dispatcher::new(Settings::default(), service).connect(&app, Connection::default()).await.unwrap();
    session.send_raw("pushLogs", &Object::parse(r#"{"logs":"l"}"#).unwrap()).await;
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    text.lines().map(|line| line.trim().to_owned()).collect()
}

#[tokio::test]
async fn every_failed_attempt_leaves_one_line() {
    let line = |attempt| {
        format!(
            r#"WARN Got exception in REST connection reset: connection reset app="Test" hook="pushLogs" attempt={attempt}"#
        )
    };
    assert_eq!(lines("{}", || fails(ErrorKind::ConnectionReset)).await, [line(1), line(2), line(3), line(4)]);
}

#[tokio::test]
async fn a_refusal_leaves_one_line_and_agreement_none() {
    assert_eq!(lines("{}", || json(200, "{}")).await, [""; 0]);
    assert_eq!(
        lines("{}", || json(403, r#"{"status":403,"reason":"secret"}"#)).await,
        [r#"WARN Interaction error in REST: 403 Forbidden app="Test" hook="pushLogs" attempt=1 effect=GoOn"#],
    );
}

#[tokio::test]
async fn what_cannot_be_understood_in_an_answer_is_said() {
    let opening = r#"{"restClientConfig":{"pushLogs":{"restOnError":"fail","restPolicy":"OVERWRITE","restOverwrite":"logs"}}}"#;
    assert_eq!(
        lines(opening, || json(200, r#"{"logs":{}}"#)).await,
        [
            r#"WARN restClientConfig.pushLogs.restOnError has a key or value that WCS does not know app="Test""#,
            r#"WARN The answer's field is of another kind and was not taken app="Test" hook="pushLogs" field="logs""#,
        ],
    );
}

#[tokio::test]
async fn secrets_are_not_printed() {
    let service = Backend::default().service(|_, body| json(200, body.to_owned()));
    let app =
        App::new("defaultApp", "http://backend").unwrap().with_credentials("user", &"hush1".into()).unwrap();
    let settings = Settings { hook_secret: Some("hush2".into()), ..Settings::default() };
    let connection = Connection { sip_password: Some("hush3".into()), ..Connection::default() };
    let dispatcher = Dispatcher::new(settings, service);
    let session = dispatcher.connect(&app, connection.clone()).await.unwrap();
    let verdict = session.send(hook::ConnectionStatus, connection).await;
    let printed = format!(
        "{app:?} {dispatcher:?} {session:?} {:?} {verdict:?} {:?}",
        session.opening(),
        verdict.to_client()
    );
    assert!(verdict.fields().contains("hush3") && printed.contains("[hidden]"));
    assert!(!printed.contains("hush"), "{printed}");
}
