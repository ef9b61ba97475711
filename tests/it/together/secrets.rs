//! Nothing secret is logged or printed, by either side, at any level.

use http::{HeaderValue, Request, header::AUTHORIZATION};
use http_body_util::Full;
use serde_json::json;
use tower::ServiceExt;
use wcs_hooks::{
    AllowAll, Backend, Callers, Context, EventError, Hooks, OrRefuse, Refusal, hook,
    payloads::{Connection, Stream},
    ready::{JwtAuth, Verifier},
    status::SessionStatus,
};
use wcs_hooks_dispatcher::{App, Dispatcher, HttpTransport, Session, Settings, Verdict};
use wcs_hooks_protocol::{Object, SigningKey};

use super::stream;
use crate::support::{Act, Logs, WireServer, context, everything_on};

/// Stands in every secret, and nowhere else.
const MARK: &str = "Zm9vYmFy";

fn secret(name: &str) -> String {
    format!("{name}-{MARK}")
}

/// A body with a secret in every place that can have one.
fn body() -> String {
    let mark = secret("body");
    json!({
        "mediaSessionId": "m1", "name": format!("rtsp://user:{mark}@wcs:554/s?aclAuth={mark}&x=1"), "sipLogin": "1000",
        "sipPassword": mark, "authToken": mark, "token": mark, "sdp": mark, "sipMessageRaw": mark, "record": {"password": mark},
        "custom": {"token": mark, "aclAuth": mark, "deep": [{"api_key": mark}]}, "sipPort": {"secret": mark},
    })
    .to_string()
}

fn check_text(text: &str) {
    let shown = text.replace(MARK, "<<<HERE>>>");
    assert!(!text.contains(MARK), "{shown}");
    // A signature is no secret of the client's, but whoever reads it can send the body again.
    let is_signature = |rest: &str| rest.bytes().take(32).filter(u8::is_ascii_hexdigit).count() == 32;
    assert!(!text.split("WCS ").skip(1).any(is_signature), "{shown}");
    assert!(!text.contains("Basic "), "{shown}");
}

fn check_verdict(verdict: &Verdict) {
    check_text(&format!("{verdict:?}"));
    check_text(&format!("{:?} {:?}", verdict.reply(), verdict.failure()));
    check_text(&format!("{:?}", verdict.to_client()));
}

fn check_session(session: &Session) {
    check_text(&format!("{session:?} {:?}", session.connection()));
    check_verdict(session.opening());
}

/// Handlers that accept, change in vain, refuse, fail, panic, and print what they are given.
fn hooks() -> Hooks {
    let printed = |ctx: &Context, stream: &Stream| {
        check_text(&format!("{ctx:?} {stream:?} {}", ctx.redacted_body()));
        tracing::info!(?ctx, ?stream, body = ctx.redacted_body(), "given");
    };
    Hooks::new(AllowAll)
        .on(hook::PublishStream, move |ctx, mut stream: Stream| async move {
            printed(&ctx, &stream);
            stream.sdp = Some(secret("sdp"));
            stream.extra.insert("sipPassword".into(), secret("changed").into());
            Ok(stream)
        })
        .on(hook::PlayStream, move |ctx, stream| async move {
            printed(&ctx, &stream);
            Err(Refusal::forbidden("no").because("the token has expired"))
        })
        .on(hook::PauseStream, async |_, _| Err("x".parse::<u8>().unwrap_err().into()))
        .on(hook::Snapshot, async |_, stream: Stream| {
            stream.custom.get("missing").or_unauthorized("no ticket")?;
            Ok(stream)
        })
        .on(hook::StreamStatus, async |_, _| Err(EventError::new("disk full")))
        .on(hook::StreamKeepAlive, async |_, _| panic!("on purpose"))
}

const METHODS: &[&str] = &[
    "publishStream",
    "playStream",
    "pauseStream",
    "snapshot",
    "StreamStatusEvent",
    "StreamKeepAliveEvent",
    "stopStream",
    "newThing",
    "playHLS",
    "playRTSP",
];

async fn drive(dispatcher: &Dispatcher, app: &App) {
    let body = body();
    let body = Object::parse(&body).unwrap();
    match dispatcher.connect_raw(app, context(), &body).await {
        Ok(session) => {
            check_session(&session);
            check_verdict(&session.send_status(SessionStatus::Established).await);
            for method in METHODS {
                check_verdict(&session.send_raw(method, &body).await);
            }
        }
        Err(declined) => {
            check_text(&format!("{declined:?} {declined}"));
            check_verdict(declined.verdict());
        }
    }
    for method in METHODS {
        check_verdict(&dispatcher.send_raw(app, context(), method, &body).await);
    }
}

fn apps(url: &str) -> [App; 2] {
    let app = App::new("defaultApp", url).unwrap();
    [app.clone(), app.with_credentials("wcs", &secret("password").into()).unwrap()]
}

fn settings() -> [Settings; 3] {
    let signed = |key: String| Settings { hook_secret: Some(key.into()), ..everything_on("defaultApp") };
    [everything_on("defaultApp"), signed(secret("key")), signed(secret("another-key"))]
}

#[tokio::test]
async fn in_process() {
    let logs = Logs::start();
    let callers = Callers::signed([secret("key")]).or_basic("wcs", secret("password"));
    let builder = Backend::builder(hooks()).callers(callers).app("roomApp", Hooks::new(AllowAll));
    check_text(&format!("{builder:?}"));
    let backend = builder.build().unwrap();
    for settings in settings() {
        check_text(&format!("{settings:?}"));
        let dispatcher = Dispatcher::new(settings, backend.clone());
        for app in apps("http://backend") {
            check_text(&format!("{app:?} {dispatcher:?}"));
            drive(&dispatcher, &app).await;
        }
    }
    check_text(&format!("{backend:?} {:?}", backend.counters()));
    let text = logs.text();
    check_text(&text);
    for line in [
        "refused",
        "handler failed",
        "panicked",
        "changed in vain",
        "request rejected",
        "Interaction error",
        "given",
    ] {
        assert!(text.contains(line), "nothing was logged of {line:?}: {text}");
    }
}

/// Bodies that are no objects, or hold a key twice.
#[tokio::test]
async fn in_malformed_bodies() {
    let logs = Logs::start();
    let key = SigningKey::new(&secret("key").into());
    let backend = Backend::builder(hooks()).callers(Callers::signed([secret("key")])).build().unwrap();
    for body in [
        format!(r#"{{"sipPassword":"{MARK}","sipPassword":"{MARK}"}}"#),
        format!(r#"{{"token":"{MARK}"#),
        format!(r#"["{MARK}"]"#),
        MARK.to_owned(),
    ] {
        let mut authorization = HeaderValue::try_from(key.sign(body.as_bytes())).unwrap();
        authorization.set_sensitive(true);
        let request = Request::post("/publishStream")
            .header("content-type", "application/json")
            .header(AUTHORIZATION, authorization)
            .body(Full::<bytes::Bytes>::from(body))
            .unwrap();
        assert_eq!(backend.clone().oneshot(request).await.unwrap().status(), 400);
    }
    assert_eq!(logs.text().matches("malformed body").count(), 4);
    check_text(&logs.text());
}

/// Answers of a backend that breaks every rule, and connections that break.
#[tokio::test]
async fn over_sockets() {
    let logs = Logs::start();
    let broken = |request: &str| {
        let policy = r#""restClientConfig":{"publishStream":{"restOnError":"PERHAPS","restPolicy":"OVERWRITE","restOverwrite":"sipPort,sipPassword,custom"}}"#;
        let body = format!(
            r#"{{"sipPassword":"{MARK}","custom":"{MARK}","sipPort":{{"secret":"{MARK}"}},{policy}}}"#
        );
        let head = "Content-Type: application/json\r\nSet-Cookie: a=";
        let answer = format!("{head}{MARK}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        match request.split(' ').nth(1).unwrap().rsplit('/').next().unwrap() {
            "playStream" => Act::Reset,
            "pauseStream" => Act::SayAndClose(format!("HTTP/1.1 200 OK\r\nSet-Cookie: {MARK}")),
            "snapshot" => Act::Say(format!("HTTP/1.1 500 Oops\r\n{answer}")),
            "StreamStatusEvent" => Act::SayAndClose(format!("{MARK}\r\n\r\n")),
            _ => Act::Say(format!("HTTP/1.1 200 OK\r\n{answer}")),
        }
    };
    let server = WireServer::start(broken).await;
    let transport = HttpTransport::new().unwrap();
    for settings in settings() {
        let dispatcher = Dispatcher::new(settings, transport.clone());
        for app in apps(&server.url()) {
            drive(&dispatcher, &app).await;
        }
    }
    let text = logs.text();
    check_text(&text);
    for line in ["Got exception in REST", "Interaction error", "restClientConfig", "was not taken"] {
        assert!(text.contains(line), "nothing was logged of {line:?}: {text}");
    }
}

#[tokio::test]
async fn in_tokens() {
    let logs = Logs::start();
    let verifier = Verifier::builder().secret(secret("at least 32 bytes, known to few")).build().unwrap();
    let auth = JwtAuth::new(verifier.clone());
    check_text(&format!("{verifier:?} {auth:?}"));
    let backend = Backend::builder(Hooks::new(auth)).callers(Callers::anyone()).build().unwrap();
    let dispatcher = Dispatcher::new(Settings::default(), backend);
    for token in [secret("no-token"), format!("eyJhbGciOiJub25lIn0.{MARK}.{MARK}"), String::new()] {
        let mut connection = Connection::default();
        connection.custom.insert("token".into(), token.into());
        let declined = dispatcher.connect(&apps("http://backend")[0], connection).await.unwrap_err();
        check_verdict(declined.verdict());
    }
    assert_eq!(
        logs.text().matches("refused:").count() + logs.text().matches("refused ").count(),
        3,
        "{}",
        logs.text()
    );
    check_text(&logs.text());
}

#[tokio::test]
async fn the_mark_would_be_found() {
    let logs = Logs::start();
    tracing::trace!(token = secret("token"), "leak");
    assert!(logs.text().contains(MARK));
    assert!(!stream("b4e7").name.contains(MARK));
}
