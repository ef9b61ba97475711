//! Each example as it is run: its program, started on a free port, called over sockets.

mod program;
mod rooms;

use std::process::ExitStatus;

use wcs_hooks::{
    Secret, hook,
    payloads::{Call, Connection, Stream},
    status::{CallStatus, SessionStatus, StreamStatus},
};
use wcs_hooks_dispatcher::{App, Declined, Dispatcher, HttpTransport, Session, Settings, ToClient, Verdict};
use wcs_hooks_protocol::{Effect, Outcome};

use crate::support::object;
pub(crate) use program::{Program, command, run, run_with};

/// A session with an example, as a client that brings these things in `custom`.
async fn connect(example: &Program, key: Option<&str>, custom: &[(&str, &str)]) -> Result<Session, Declined> {
    let settings = Settings { hook_secret: key.map(Into::into), ..Settings::default() };
    let dispatcher = Dispatcher::new(settings, HttpTransport::new().unwrap());
    let app = App::new("defaultApp", &format!("{}/apps/EchoApp", example.url)).unwrap();
    let custom = custom.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
    dispatcher.connect(&app, Connection { custom, ..Connection::default() }).await
}

fn stream(name: &str) -> Stream {
    Stream { media_session_id: "m1".into(), name: name.into(), ..Stream::default() }
}

fn call(callee: &str) -> Call {
    Call { call_id: "c1".into(), caller: "1000".into(), callee: callee.into(), ..Call::default() }
}

/// Why the client is told that something failed.
fn info(verdict: &Verdict) -> String {
    match verdict.to_client() {
        ToClient::Fail(fail) => fail.info,
        _ => panic!("the client is not told that {} failed", verdict.hook()),
    }
}

#[tokio::test]
async fn token_auth() {
    let mut example = Program::start("token-auth", &[]).await;
    let token = example.line_after("a token for alice").await;
    let key = Some("1234567890");

    let session = connect(&example, key, &[("token", &token)]).await.unwrap();
    for (name, effect) in [("studio-1", Effect::GoOn), ("backstage", Effect::BreakOperation)] {
        assert_eq!(session.send(hook::PublishStream, stream(name)).await.effect(), effect, "{name}");
    }
    assert_eq!(session.send(hook::PlayStream, stream("backstage")).await.effect(), Effect::GoOn);

    let declined = connect(&example, key, &[("token", &format!("{token}x"))]).await.unwrap_err();
    assert_eq!(
        (declined.verdict().outcome(), &*info(declined.verdict())),
        (Outcome::Status(401), "invalid token")
    );
    let unsigned = connect(&example, None, &[("token", &token)]).await.unwrap_err();
    assert_eq!(unsigned.verdict().outcome(), Outcome::Status(403));
}

#[tokio::test]
async fn password_sip() {
    let example = Program::start("password-sip", &[]).await;
    let session = connect(&example, None, &[("login", "alice"), ("password", "demo")]).await.unwrap();
    let connection = session.connection().unwrap();
    assert_eq!(connection.sip_login.as_deref(), Some("10001"));
    assert_eq!(connection.sip_password, Some(Secret::from("sip-secret-of-alice")));
    let ToClient::Delivered(told) = session.send_status(SessionStatus::Established).await.to_client() else {
        panic!("the client is told that its session is there")
    };
    assert_eq!(object(&told)["sipPort"], 5060);
    for name in ["sipLogin", "sipAuthenticationName", "sipPassword", "sipDomain"] {
        assert!(!object(&told).contains_key(name), "{name}");
    }
    for (login, password) in [("alice", "wrong"), ("nobody", "demo")] {
        let declined =
            connect(&example, None, &[("login", login), ("password", password)]).await.unwrap_err();
        assert_eq!(declined.verdict().outcome(), Outcome::Status(401), "{login}");
        assert_eq!(info(declined.verdict()), "wrong login or password");
    }
}

#[tokio::test]
async fn stream_alias() {
    let example = Program::start("stream-alias", &["lobby=cam-7f3a"]).await;
    let session = connect(&example, None, &[]).await.unwrap();
    let verdict = session.send(hook::PlayStream, stream("lobby")).await;
    let played = verdict.payload::<Stream>().unwrap();
    assert_eq!((verdict.effect(), &*played.name), (Effect::GoOn, "cam-7f3a"));

    let event = Stream { status: Some(StreamStatus::Playing), ..played };
    let ToClient::Delivered(told) = session.send(hook::StreamStatus, event).await.to_client() else {
        panic!("the client is told that its stream plays")
    };
    assert!(!told.contains("cam-7f3a"), "{told}");

    let verdict = session.send(hook::PlayStream, stream("cam-7f3a")).await;
    assert_eq!((verdict.effect(), &*info(&verdict)), (Effect::BreakOperation, "no such stream"));
}

#[tokio::test]
async fn call_redirect() {
    let example = Program::start("call-redirect", &["support=1001", "0900123="]).await;
    let session = connect(&example, None, &[]).await.unwrap();
    for (callee, reached) in [("support", "1001"), ("1002", "1002")] {
        let verdict = session.send(hook::PlaceCall, call(callee)).await;
        assert_eq!(verdict.payload::<Call>().unwrap(), call(reached));
    }
    let verdict = session.send(hook::PlaceCall, call("0900123")).await;
    assert_eq!(
        (verdict.effect(), &*info(&verdict)),
        (Effect::BreakOperation, "this number cannot be called")
    );
}

#[tokio::test]
async fn event_log() {
    let mut example = Program::start("event-log", &[]).await;
    let session = connect(&example, None, &[("token", "t0ps3cret")]).await.unwrap();
    assert!(session.send_status(SessionStatus::Established).await.goes_on());
    let event =
        Call { status: Some(CallStatus::Finish), sip_message_raw: Some("BYE t0ps3cret".into()), ..call("1") };
    assert!(session.send(hook::CallStatus, event).await.goes_on());
    for hook in ["ConnectionStatusEvent", "CallStatusEvent"] {
        let line = example.line().await;
        let event = object(&line);
        assert_eq!(event["hook"], hook);
        assert_eq!(event["body"]["sessionId"], session.context().session_id);
        assert!(!line.contains("t0ps3cret"), "{line}");
    }
}

async fn drive(arguments: &[&str]) -> (ExitStatus, String) {
    run("drive", arguments).await
}

#[tokio::test]
async fn drive_against_other_examples() {
    let aliases = Program::start("stream-alias", &["lobby=cam-7f3a"]).await;
    let (status, text) = drive(&[&aliases.url, "--play", "lobby"]).await;
    assert!(status.success() && text.contains(r#"WCS     goes on, with name="cam-7f3a""#), "{text}");
    let (status, text) = drive(&[&aliases.url, "--play", "cam-7f3a"]).await;
    assert_eq!(status.code(), Some(1), "{text}");
    assert!(text.contains(r#""info":"no such stream","apiMethod":"StreamStatusEvent""#), "{text}");

    let routes = Program::start("call-redirect", &["support=1001"]).await;
    let (status, text) = drive(&[&routes.url, "--call", "support"]).await;
    assert!(status.success() && text.contains(r#"WCS     goes on, with callee="1001""#), "{text}");

    let (status, _) = drive(&["not a URL"]).await;
    assert_eq!(status.code(), Some(2));
}
