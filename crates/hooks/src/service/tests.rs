mod bodies;
mod callers;
mod duplicates;
mod load;
mod panics;
mod seen;

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

/// A reply takes the room of the request's headers, and nothing of what stands there.
#[tokio::test]
async fn headers_of_a_request_do_not_come_back() {
    for (path, extra) in [("/publishStream", 1), ("/publishStream", 100), ("/", 1)] {
        let mut request = request(path, BODY);
        for number in 0..extra {
            let name = http::HeaderName::try_from(format!("x-{number}")).unwrap();
            request.headers_mut().append(name, http::HeaderValue::from_static("secret"));
        }
        let got = send(&open(every_kind()), request).await;
        assert_eq!(got.headers.len(), 1, "{extra}");
        assert_eq!(got.headers["content-type"], "application/json");
        assert!(got.headers.capacity() < 64, "{extra}");
    }
}

#[test]
#[should_panic(expected = "the hook publishStream has a handler already")]
fn a_hook_has_one_handler() {
    let _ = every_kind().on(hook::PublishStream, async |_, stream| Ok(stream));
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
