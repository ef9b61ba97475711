//! The span of a call, in which everything about it is logged. Where nobody wants spans it costs a look at a flag.

use http::HeaderMap;
use tracing::{Span, field::Empty};
use wcs_hooks_protocol::{HookContext, HookName, Object, read_string};

use crate::Report;

/// No longer ids than this are written: whoever calls chooses them.
const LONGEST_ID: usize = 200;

/// Begins the span of a call. It continues the trace of its `traceparent`.
pub(crate) fn begin(hook: Option<HookName>, headers: &HeaderMap, body: &[u8]) -> Span {
    let span = tracing::info_span!(
        "hook",
        hook = hook.map_or("unknown", HookName::as_str),
        app = Empty,
        session = Empty,
        id = Empty,
        answered = Empty,
        micros = Empty,
    );
    if !span.is_disabled() {
        continue_trace(&span, headers);
        name_subject(&span, hook, body);
    }
    span
}

/// What came of the call.
pub(crate) fn end(span: &Span, report: &Report<'_>) {
    if !span.is_disabled() {
        let micros = u64::try_from(report.elapsed.as_micros()).unwrap_or(u64::MAX);
        span.record("app", report.app).record("answered", report.answered.as_str()).record("micros", micros);
    }
}

/// The session, and the id of the stream, call, message or operation.
fn name_subject(span: &Span, hook: Option<HookName>, body: &[u8]) {
    let Ok(object) = Object::from_slice(body) else { return };
    span.record("session", shortened(&HookContext::read(&object).session_id));
    let id = hook.and_then(|hook| hook.info().fields.iter().find(|field| field.id));
    if let Some(id) = id.and_then(|id| object.get(id.name)).and_then(read_string) {
        span.record("id", shortened(&id));
    }
}

fn shortened(text: &str) -> &str {
    &text[..text.floor_char_boundary(LONGEST_ID)]
}

#[cfg(feature = "otel")]
fn continue_trace(span: &Span, headers: &HeaderMap) {
    use opentelemetry::propagation::TextMapPropagator;
    use opentelemetry_sdk::propagation::TraceContextPropagator;
    use tracing_opentelemetry::OpenTelemetrySpanExt;

    if headers.contains_key("traceparent") {
        let parent = TraceContextPropagator::new().extract(&opentelemetry_http::HeaderExtractor(headers));
        // It fails if no layer for OpenTelemetry is there: then there is no trace to continue.
        drop(span.set_parent(parent));
    }
}

#[cfg(not(feature = "otel"))]
fn continue_trace(_: &Span, _: &HeaderMap) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_nobody_wants_spans_there_is_none() {
        assert!(begin(Some(HookName::ALL[0]), &HeaderMap::new(), b"{}").is_none());
    }

    #[test]
    fn ids_are_cut_between_characters() {
        let id = "ü".repeat(LONGEST_ID);
        assert_eq!(shortened(&id), "ü".repeat(LONGEST_ID / 2));
        assert_eq!(shortened("s1"), "s1");
    }
}
