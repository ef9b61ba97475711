//! Spans as a collector gets them, by OTLP over a socket.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest, common::v1::any_value::Value, trace::v1::Span,
};
use prost::Message;
use tower::ServiceExt;
use tracing::Instrument;
use wcs_hooks::{AllowAll, HookName, Hooks, LogFormat, LogSettings, TraceSettings};

use crate::support::{Lines, listen_everywhere, open};

const TRACE: u128 = 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736;
const PARENT: u128 = 0x00f0_67aa_0ba9_02b7;

pub(super) type Spans = Arc<Mutex<Vec<Span>>>;

/// A collector: gives its address, and what it gets.
pub(super) async fn collector() -> (String, Spans) {
    let spans = Spans::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let app = {
        let spans = Arc::clone(&spans);
        let collect = async move |body: Bytes| {
            let request = ExportTraceServiceRequest::decode(body).unwrap();
            let scopes = request.resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
            spans.lock().unwrap().extend(scopes.flat_map(|scope| scope.spans));
        };
        axum::Router::new().route("/v1/traces", axum::routing::post(collect))
    };
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    (url, spans)
}

fn text<'s>(span: &'s Span, name: &str) -> Option<&'s str> {
    let attribute = span.attributes.iter().find(|attribute| attribute.key == name)?;
    match attribute.value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => Some(text),
        _ => None,
    }
}

fn u128_of(bytes: &[u8]) -> u128 {
    bytes.iter().fold(0, |number, byte| number << 8 | u128::from(*byte))
}

async fn call(traceparent: bool) {
    let body = r#"{"nodeId":"n","appKey":"defaultApp","sessionId":"s1","callId":"c1"}"#;
    let request =
        Request::post(format!("/{}", HookName::PlaceCall)).header("content-type", "application/json");
    let request = if traceparent {
        request.header("traceparent", format!("00-{TRACE:032x}-{PARENT:016x}-01"))
    } else {
        request
    };
    let request = request.body(Full::<Bytes>::from(body)).unwrap();
    let reply = open(Hooks::new(AllowAll)).oneshot(request).await.unwrap();
    reply.into_body().collect().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_gets_the_span_of_a_hook_in_the_trace_of_the_request() {
    listen_everywhere();
    let (url, spans) = collector().await;
    let mut settings = LogSettings::default();
    settings.filter = "info,wcs_hooks=trace".to_owned();
    settings.format = LogFormat::Json;
    settings.traces = Some(TraceSettings::new(url));
    let lines = Lines::default();
    let (subscriber, logging) = settings.subscriber(lines.clone()).unwrap();
    let guard = tracing::subscriber::set_default(subscriber);
    call(true).await;
    call(false).instrument(tracing::info_span!("outer")).await;
    drop(guard);
    tokio::task::spawn_blocking(move || drop(logging)).await.unwrap();

    let spans = spans.lock().unwrap();
    let hooks: Vec<_> = spans.iter().filter(|span| span.name == "hook").collect();
    assert_eq!(hooks.len(), 2, "{spans:?}");
    let span = hooks[0];
    let ids = (u128_of(&span.trace_id), u128_of(&span.parent_span_id));
    assert_eq!(ids, (TRACE, PARENT));
    for (name, value) in [
        ("hook", HookName::PlaceCall.as_str()),
        ("app", "default"),
        ("session", "s1"),
        ("id", "c1"),
        ("answered", "unhandled"),
    ] {
        assert_eq!(text(span, name), Some(value), "{name}");
    }
    assert_ne!(u128_of(&hooks[1].trace_id), TRACE);
}

#[tokio::test]
async fn lines_are_objects_with_the_hooks_span() {
    listen_everywhere();
    let mut settings = LogSettings::default();
    settings.filter = "debug".to_owned();
    settings.format = LogFormat::Json;
    let lines = Lines::default();
    let (subscriber, _logging) = settings.subscriber(lines.clone()).unwrap();
    let _guard = tracing::subscriber::set_default(subscriber);
    let body = r#"{"nodeId":"n","appKey":"defaultApp","sessionId":"s1"}"#;
    let request = Request::post(format!("/{}", HookName::Connect)).header("content-type", "application/json");
    let request = request.body(Full::<Bytes>::from(body)).unwrap();
    open(Hooks::new(AllowAll)).oneshot(request).await.unwrap();
    let text = lines.text();
    let line = text.lines().find(|line| line.contains("accepted")).expect(&text);
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    assert_eq!((&line["message"], &line["span"]["session"]), (&"accepted".into(), &"s1".into()));
}
