use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use http_body_util::{BodyExt, Full};
use hyper::ext::ReasonPhrase;
use tower::ServiceExt;
use wcs_hooks_protocol::{HookName, RefusalBody};

use super::*;
use crate::{
    AllowAll, Answered, Callers, EventError, Hooks, KeepAlive, Observer, OrRefuse, Refusal, SigningKey,
    Unhandled, hook, payloads::Connection,
};

const BODY: &str =
    r#"{"nodeId":"n@10.0.0.1","appKey":"defaultApp","sessionId":"s","name":"b4e7","isNew":1.0,"x":null}"#;

fn request(path: &str, body: impl Into<Bytes>) -> Request<Full<Bytes>> {
    let request = Request::post(path).header("content-type", "application/json;charset=UTF-8");
    request.body(Full::new(body.into())).unwrap()
}

fn open(hooks: Hooks) -> Backend {
    Backend::builder(hooks).callers(Callers::anyone()).build().unwrap()
}

struct Got {
    status: u16,
    phrase: Option<String>,
    body: String,
    headers: HeaderMap,
}

async fn send(backend: &Backend, request: Request<Full<Bytes>>) -> Got {
    let (head, body) = backend.clone().oneshot(request).await.unwrap().into_parts();
    let phrase = head.extensions.get::<ReasonPhrase>();
    Got {
        status: head.status.as_u16(),
        phrase: phrase.map(|phrase| String::from_utf8(phrase.as_bytes().to_vec()).unwrap()),
        body: String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap(),
        headers: head.headers,
    }
}

/// A refusal has its reason in the status line and in a body of two fields.
fn assert_refused(got: &Got, status: u16, reason: &str) {
    assert_eq!((got.status, got.phrase.as_deref()), (status, Some(reason)));
    let body = RefusalBody::read(got.body.as_bytes()).unwrap();
    assert_eq!((body.status, &*body.reason), (status, reason));
    assert_eq!(got.headers["content-type"], "application/json");
}

fn every_kind() -> Hooks {
    Hooks::new(AllowAll)
        .on(hook::PublishStream, async |_, mut stream: crate::payloads::Stream| match &*stream.name {
            "refuse" => Err(Refusal::forbidden("no such stream")),
            "fail" => Err("x".parse::<u8>().unwrap_err().into()),
            "panic" => panic!("on purpose"),
            _ => {
                stream.name = "studio".into();
                Ok(stream)
            }
        })
        .on(hook::PlayHls, async |_, play| play.token.map(drop).or_forbidden("no token"))
        .on(hook::StreamStatus, async |_, stream| match &*stream.name {
            "fail" => Err(EventError::new("disk full")),
            "panic" => panic!("on purpose"),
            _ => Ok(()),
        })
        .on(hook::StreamKeepAlive, async |_, stream| match &*stream.name {
            "end" => Ok(KeepAlive::EndStream),
            "fail" => Err(EventError::new("disk full")),
            _ => Ok(KeepAlive::Continue),
        })
}

#[tokio::test]
async fn every_answer_of_a_handler_takes_its_form() {
    use Answered::{Accepted, Changed, Failed, Panicked, Refused, Unhandled};
    let backend = open(every_kind());
    let internal = "Internal Server Error";
    for (method, name, status, reason, answered) in [
        ("publishStream", "b4e7", 200, None, Changed),
        ("publishStream", "studio", 200, None, Accepted),
        ("publishStream", "refuse", 403, Some("no such stream"), Refused),
        ("publishStream", "fail", 500, Some(internal), Failed),
        ("publishStream", "panic", 500, Some(internal), Panicked),
        ("playHLS", "b4e7", 403, Some("no token"), Refused),
        ("StreamStatusEvent", "b4e7", 200, None, Accepted),
        ("StreamStatusEvent", "fail", 200, None, Failed),
        ("StreamStatusEvent", "panic", 500, Some(internal), Panicked),
        ("StreamKeepAliveEvent", "b4e7", 200, None, Accepted),
        ("StreamKeepAliveEvent", "end", 403, Some("Terminated by keep-alive"), Refused),
        ("StreamKeepAliveEvent", "fail", 200, None, Failed),
        ("playStream", "b4e7", 200, None, Unhandled),
    ] {
        let hook: HookName = method.parse().unwrap();
        let before = backend.counters().answered(hook, answered);
        let body = BODY.replace("b4e7", name);
        let got = send(&backend, request(&format!("/any/prefix/{method}"), body.clone())).await;
        match reason {
            Some(reason) => assert_refused(&got, status, reason),
            None if answered == Changed => assert_eq!(got.body, BODY.replace("b4e7", "studio")),
            None => assert_eq!((got.status, got.body), (status, body)),
        }
        assert_eq!(backend.counters().answered(hook, answered), before + 1, "{method} {name}");
    }
}

#[tokio::test]
async fn no_text_of_an_error_is_on_the_wire() {
    let got = send(&open(every_kind()), request("/publishStream", BODY.replace("b4e7", "fail"))).await;
    assert!(!got.body.contains("invalid digit") && !got.phrase.unwrap().contains("invalid digit"));
}

#[tokio::test]
async fn connect_is_echoed_with_the_policy_added() {
    let got = send(&open(Hooks::new(AllowAll)), request("/connect", BODY)).await;
    let echo = BODY.strip_suffix('}').unwrap();
    assert!(got.body.starts_with(&format!(r#"{echo},"restClientConfig":{{"#)), "{}", got.body);
}

#[tokio::test]
async fn what_nobody_handles_is_echoed_unread_or_refused() {
    let echoing = open(Hooks::new(AllowAll));
    let refusing = open(Hooks::new(AllowAll).unhandled(Unhandled::Refuse));
    for method in ["publishStream", "publishSTREAM", "notYetKnown", "StreamStatusEvent"] {
        let got = send(&echoing, request(&format!("/{method}"), "no JSON")).await;
        assert_eq!((got.status, &*got.body), (200, "no JSON"), "{method}");
        let got = send(&refusing, request(&format!("/{method}"), BODY)).await;
        assert_eq!(got.status, if method == "StreamStatusEvent" { 200 } else { 403 }, "{method}");
    }
    // Refusing these makes no sense.
    for method in ["StreamKeepAliveEvent", "hangup"] {
        let got = send(&refusing, request(&format!("/{method}"), BODY)).await;
        assert_eq!((got.status, &*got.body), (200, BODY), "{method}");
    }
    assert_eq!(echoing.counters().unknown_methods(), 2);
}

#[tokio::test]
async fn the_spellings_of_the_docs_are_taken() {
    let calls = Arc::new(AtomicUsize::new(0));
    let hooks = Hooks::new(AllowAll).on(hook::SendDtmf, {
        let calls = Arc::clone(&calls);
        move |ctx, dtmf| {
            calls.fetch_add(1, Ordering::Relaxed);
            assert_eq!(ctx.hook(), HookName::SendDtmf);
            async { Ok(dtmf) }
        }
    });
    let backend = open(hooks);
    for method in ["sendDtmf", "sendDTMF"] {
        assert_eq!(
            send(&backend, request(&format!("/{method}"), r#"{"dtmf":5}"#)).await.body,
            r#"{"dtmf":5}"#
        );
    }
    assert_eq!(calls.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn requests_that_are_no_hooks_are_turned_away() {
    let backend =
        Backend::builder(every_kind()).callers(Callers::anyone()).body_limit(BODY.len()).build().unwrap();
    let with = |change: fn(&mut Request<Full<Bytes>>)| {
        let mut request = request("/publishStream", BODY);
        change(&mut request);
        request
    };
    let content_type = |value| {
        let mut request = request("/publishStream", BODY);
        request.headers_mut().insert(header::CONTENT_TYPE, http::HeaderValue::from_static(value));
        request
    };
    for (request, status) in [
        (with(|request| *request.method_mut() = Method::GET), 405),
        (with(|request| *request.uri_mut() = "/prefix/".parse().unwrap()), 404),
        (with(|request| drop(request.headers_mut().remove(header::CONTENT_TYPE))), 415),
        (content_type("text/plain"), 415),
        (content_type("application/json; charset=latin1"), 415),
        (content_type("application/vnd.x+json; charset=\"utf-8\""), 200),
        (with(|request| *request.body_mut() = Full::from(format!("{BODY} "))), 413),
        (with(|request| *request.body_mut() = Full::from("[]")), 400),
        (with(|request| *request.body_mut() = Full::from(r#"{"name":1,"name":2}"#)), 400),
        (with(|request| *request.body_mut() = Full::from("{\"name\":\"\u{1}\"}")), 400),
    ] {
        let shown = format!("{request:?}");
        assert_eq!(send(&backend, request).await.status, status, "{shown}");
    }
}

#[tokio::test]
async fn a_body_in_pieces_is_read_whole_up_to_the_limit() {
    let backend =
        Backend::builder(Hooks::new(AllowAll)).callers(Callers::anyone()).body_limit(8).build().unwrap();
    for (pieces, status) in [(&["ab", "", "cd", "efgh"][..], 200), (&["abcd", "efghi"], 413)] {
        let frames = pieces
            .iter()
            .map(|piece| Ok::<_, Infallible>(http_body::Frame::data(Bytes::from_static(piece.as_bytes()))));
        let body = http_body_util::StreamBody::new(Frames(frames.collect::<Vec<_>>().into_iter()));
        let request =
            Request::post("/unknown").header("content-type", "application/json").body(body).unwrap();
        let reply = backend.clone().oneshot(request).await.unwrap();
        assert_eq!(reply.status(), status);
        if status == 200 {
            assert_eq!(reply.into_body().collect().await.unwrap().to_bytes(), "abcdefgh");
        }
    }
}

#[tokio::test]
async fn a_body_that_is_too_long_is_taken_to_its_end_unless_that_is_far() {
    let backend =
        Backend::builder(Hooks::new(AllowAll)).callers(Callers::anyone()).body_limit(8).build().unwrap();
    for (pieces, taken) in [(3, 3), (4, 4), (100, 8)] {
        let polled = Arc::new(AtomicUsize::new(0));
        let frames = (0..pieces).map({
            let polled = Arc::clone(&polled);
            move |_| {
                polled.fetch_add(1, Ordering::Relaxed);
                Ok::<_, Infallible>(http_body::Frame::data(Bytes::from_static(b"abcd")))
            }
        });
        let body = http_body_util::StreamBody::new(Frames(frames));
        let request =
            Request::post("/unknown").header("content-type", "application/json").body(body).unwrap();
        assert_eq!(backend.clone().oneshot(request).await.unwrap().status(), 413);
        assert_eq!(polled.load(Ordering::Relaxed), taken, "{pieces}");
    }
}

/// A body's frames as a stream.
struct Frames<I>(I);

impl<I: Iterator + Unpin> futures_core::Stream for Frames<I> {
    type Item = I::Item;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut task::Context<'_>) -> Poll<Option<I::Item>> {
        Poll::Ready(self.0.next())
    }
}

fn authorized(path: &str, body: &'static str, header: &str) -> Request<Full<Bytes>> {
    let mut request = request(path, body);
    request.headers_mut().insert(header::AUTHORIZATION, header.parse().unwrap());
    request
}

fn signature(key: &str, body: &str) -> String {
    SigningKey::new(&key.into()).sign(body.as_bytes())
}

#[tokio::test]
async fn callers_prove_who_they_are() {
    let callers = Callers::signed(["new", "old"]).or_basic("wcs", "pass:word");
    let backend = Backend::builder(Hooks::new(AllowAll)).callers(callers).build().unwrap();
    for (header, status) in [
        (signature("new", BODY), 200),
        (signature("old", BODY), 200),
        (signature("other", BODY), 403),
        (signature("new", "{}"), 403),
        ("Basic d2NzOnBhc3M6d29yZA==".to_owned(), 200),
        ("basic d2NzOnBhc3M6d29yZA==".to_owned(), 200),
        ("Basic d2NzOnBhc3M6d29yZQ==".to_owned(), 401),
        ("Bearer x".to_owned(), 401),
        ("wcs x".to_owned(), 403),
    ] {
        let got = send(&backend, authorized("/connect", BODY, &header)).await;
        assert_eq!(got.status, status, "{header}");
        assert_eq!(got.headers.contains_key("www-authenticate"), status == 401);
    }
    assert_eq!(send(&backend, request("/connect", BODY)).await.status, 401);
    assert_eq!(backend.counters().denied_callers(), 6);
}

#[tokio::test]
async fn nothing_is_read_of_a_caller_without_a_header() {
    let backend =
        Backend::builder(Hooks::new(AllowAll)).callers(Callers::signed(["key"])).body_limit(0).build();
    assert_refused(&send(&backend.unwrap(), request("/connect", BODY)).await, 403, "Forbidden");
}

#[tokio::test]
async fn apps_have_handlers_and_secrets_of_their_own() {
    let named = |name: &'static str| {
        Hooks::new(AllowAll).on(hook::PublishStream, move |_, mut stream| async move {
            stream.name = name.into();
            Ok(stream)
        })
    };
    let backend = Backend::builder(named("default"))
        .app("roomApp", named("room"))
        .app("rtmp", named("rtmp").callers(Callers::signed(["rtmp key"])))
        .callers(Callers::signed(["key"]))
        .build()
        .unwrap();
    for (app, key, expected) in [
        ("defaultApp", "key", Some("default")),
        ("roomApp", "key", Some("room")),
        ("rtmp", "rtmp key", Some("rtmp")),
        ("rtmp", "key", None),
        ("roomApp", "rtmp key", None),
    ] {
        let body: &str = BODY.replace("defaultApp", app).leak();
        let got = send(&backend, authorized("/publishStream", body, &signature(key, body))).await;
        match expected {
            Some(name) => assert_eq!(got.body, body.replace("b4e7", name)),
            None => assert_refused(&got, 403, "Forbidden"),
        }
    }
}

#[test]
fn mistakes_are_errors_at_the_start() {
    let built = |callers: Option<Callers>| {
        let builder = Backend::builder(Hooks::new(AllowAll));
        callers.map_or(Backend::builder(Hooks::new(AllowAll)), |callers| builder.callers(callers)).build()
    };
    for callers in [
        None,
        Some(Callers::default()),
        Some(Callers::signed([""])),
        Some(Callers::signed([""; 0])),
        Some(Callers::basic("", "x")),
        Some(Callers::basic("a:b", "x")),
        Some(Callers::basic("a", "")),
    ] {
        assert!(built(callers.clone()).is_err(), "{callers:?}");
    }
    let twice = Backend::builder(Hooks::new(AllowAll)).callers(Callers::anyone());
    let twice = twice.app("a", Hooks::new(AllowAll)).app("a", Hooks::new(AllowAll)).build();
    assert_eq!(twice.unwrap_err().to_string(), r#"app "a": it has two sets of handlers"#);
}

#[test]
#[should_panic(expected = "the hook publishStream has a handler already")]
fn a_hook_has_one_handler() {
    let _ = every_kind().on(hook::PublishStream, async |_, stream| Ok(stream));
}

#[tokio::test]
async fn what_is_done_in_vain_is_counted() {
    let hooks = Hooks::new(AllowAll)
        .on(hook::PublishStream, async |_, mut stream| {
            stream.media_session_id = "mine".into();
            stream.extra.insert("nodeId".into(), "mine".into());
            stream.name = "renamed".into();
            Ok(stream)
        })
        .on(hook::StopStream, async |_, _| Err(Refusal::forbidden("stay")));
    let backend = open(hooks);
    send(&backend, request("/publishStream", BODY)).await;
    send(&backend, request("/stopStream", BODY)).await;
    assert_eq!(backend.counters().vain_changes(HookName::PublishStream), 2);
    assert_eq!(backend.counters().vain_refusals(HookName::StopStream), 1);
}

struct Seen(std::sync::Mutex<Vec<(Option<HookName>, Answered)>>);

impl Observer for Arc<Seen> {
    fn answered(&self, report: &Report<'_>) {
        assert_eq!(report.app, "default");
        self.0.lock().unwrap().push((report.hook, report.answered));
    }
}

#[tokio::test]
async fn an_observer_is_told_of_every_answer() {
    let seen = Arc::new(Seen(std::sync::Mutex::default()));
    let builder = Backend::builder(every_kind()).callers(Callers::anyone());
    let backend = builder.observer(Arc::clone(&seen)).build().unwrap();
    send(&backend, request("/publishStream", BODY)).await;
    send(&backend, request("/unknown", BODY)).await;
    let expected = [(Some(HookName::PublishStream), Answered::Changed), (None, Answered::Unhandled)];
    assert_eq!(*seen.0.lock().unwrap(), expected);
}

#[derive(Clone)]
struct Tenant(&'static str);

/// Lets in whoever a layer has given a tenant.
struct Owner;

impl crate::ConnectHandler for Owner {
    async fn connect(&self, ctx: crate::Context, connection: Connection) -> crate::HookResult<Connection> {
        let tenant = ctx.extensions().get::<Tenant>().or_forbidden("no tenant")?;
        assert_eq!((tenant.0, ctx.node_address()), ("acme", Some("10.0.0.1")));
        Ok(connection)
    }
}

#[tokio::test]
async fn a_handler_sees_what_layers_put_into_the_request() {
    let backend = open(Hooks::new(Owner));
    assert_refused(&send(&backend, request("/connect", BODY)).await, 403, "no tenant");
    let mut request = request("/connect", BODY);
    request.extensions_mut().insert(Tenant("acme"));
    assert_eq!(send(&backend, request).await.status, 200);
}

#[tokio::test]
async fn one_function_observes_every_event_beside_its_handler() {
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let hooks = every_kind().on_every_event({
        let seen = Arc::clone(&seen);
        move |ctx| {
            seen.lock().unwrap().push(ctx.hook());
            async { Ok(()) }
        }
    });
    let backend = open(hooks.on(hook::CallStatus, async |_, _| Err(EventError::new("disk full"))));
    for (method, hook, answered) in [
        ("StreamStatusEvent", HookName::StreamStatus, Answered::Accepted),
        ("CallStatusEvent", HookName::CallStatus, Answered::Failed),
        ("ErrorStatusEvent", HookName::ErrorStatus, Answered::Accepted),
        ("StreamKeepAliveEvent", HookName::StreamKeepAlive, Answered::Accepted),
        ("call", HookName::PlaceCall, Answered::Unhandled),
    ] {
        assert_eq!(send(&backend, request(&format!("/{method}"), BODY)).await.body, BODY);
        assert_eq!(backend.counters().answered(hook, answered), 1, "{method}");
    }
    let expected = [HookName::StreamStatus, HookName::CallStatus, HookName::ErrorStatus];
    assert_eq!(*seen.lock().unwrap(), expected);
}

#[tokio::test]
async fn what_fails_to_observe_an_event_hides_no_failure_of_its_handler() {
    let hooks = every_kind().on_every_event(async |_| Err(EventError::new("no log")));
    let backend = open(hooks);
    for name in ["b4e7", "fail"] {
        let body = BODY.replace("b4e7", name);
        assert_eq!(send(&backend, request("/StreamStatusEvent", body.clone())).await.body, body);
    }
    assert_eq!(backend.counters().answered(HookName::StreamStatus, Answered::Failed), 2);
}

#[tokio::test]
async fn the_router_nests_and_merges() {
    let router = axum::Router::new()
        .route("/health", axum::routing::get(async || "ok"))
        .nest("/apps/EchoApp", open(every_kind()).into_router());
    for (request, status) in [
        (request("/apps/EchoApp/publishStream", BODY), 200),
        (request("/apps/EchoApp/index.php/publishStream", BODY), 200),
        (request("/apps/publishStream", BODY), 404),
        (Request::get("/health").body(Full::default()).unwrap(), 200),
    ] {
        assert_eq!(router.clone().oneshot(request).await.unwrap().status(), status);
    }
}
