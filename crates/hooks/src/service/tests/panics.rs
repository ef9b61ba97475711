//! Code that is not ours panics beside the handlers, and the call is answered all the same.

use wcs_hooks_metrics::{Page, Source};

use super::*;
use crate::Report;

struct Panicking;

impl Observer for Panicking {
    fn answered(&self, _: &Report<'_>) {
        panic!("nobody reads what I print");
    }
}

impl Source for Panicking {
    fn write(&self, _: &mut Page) {
        panic!("no numbers today");
    }
}

impl crate::ready::KeyFiles for Panicking {
    fn files(&self) -> Vec<std::path::PathBuf> {
        Vec::new()
    }

    fn reload(&self) -> Result<(), crate::ready::ConfigError> {
        panic!("a lock is poisoned");
    }
}

#[tokio::test]
async fn keys_that_panic_are_a_mistake() {
    let backend =
        Backend::builder(every_kind()).callers(Callers::anyone()).reloading(Panicking).build().unwrap();
    for count in 1..3 {
        let error = backend.reload_keys().unwrap_err();
        assert_eq!(error.to_string(), "files of keys: reading them again panicked");
        assert_eq!(backend.metrics().value("wcs_hooks_panics", &[("place", "keys")]), Some(count));
    }
}

fn panics(backend: &Backend) -> [Option<u64>; 3] {
    let page = backend.metrics();
    ["observer", "metrics", "answering"].map(|place| page.value("wcs_hooks_panics", &[("place", place)]))
}

#[tokio::test]
async fn an_observer_that_panics_keeps_nobody_from_an_answer() {
    let builder = Backend::builder(every_kind()).callers(Callers::anyone()).observer(Panicking);
    let backend = builder.build().unwrap();
    for (name, status) in [("b4e7", 200), ("refuse", 403), ("fail", 500), ("panic", 500)] {
        let got = send(&backend, request("/publishStream", BODY.replace("b4e7", name))).await;
        assert_eq!(got.status, status, "{name}");
    }
    assert_eq!(panics(&backend), [Some(4), Some(0), Some(0)]);
}

#[tokio::test]
async fn a_source_that_panics_keeps_no_other_from_the_page() {
    let builder = Backend::builder(every_kind()).callers(Callers::anyone()).metrics_of(Panicking);
    let backend = builder.metrics_of(crate::registry::Registry::new()).build().unwrap();
    assert_eq!(backend.metrics().value("wcs_hooks_registry_sessions", &[]), Some(0));
    assert_eq!(panics(&backend), [Some(0), Some(2), Some(0)]);
}

/// As `tracing_subscriber::fmt` does, if neither what is logged nor the error of it can be written.
struct PanickingLog;

impl tracing::Subscriber for PanickingLog {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.is_event()
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, _: &tracing::Event<'_>) {
        panic!("standard error is closed");
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}

/// What panics while a call is answered refuses it: nothing fails open.
#[tokio::test]
async fn a_log_that_panics_is_an_answer() {
    let backend = open(every_kind());
    let _guard = tracing::subscriber::set_default(PanickingLog);
    let got = send(&backend, request("/publishStream", BODY.replace("b4e7", "refuse"))).await;
    assert_refused(&got, 500, "Internal Server Error");
    let rejected = Request::get("/connect").body(Full::new(Bytes::new())).unwrap();
    assert_refused(&send(&backend, rejected).await, 500, "Internal Server Error");
    assert_eq!(panics(&backend), [Some(0), Some(0), Some(2)]);
    assert_eq!(backend.counters().abandoned(), 0);
}

#[tokio::test]
async fn a_handler_that_blocks_its_thread_is_counted_by_hook() {
    let hooks = Hooks::new(AllowAll).on(hook::PublishStream, async |_, stream| {
        let begun = std::time::Instant::now();
        while begun.elapsed() < crate::polls::LONG {}
        Ok(stream)
    });
    let backend = open(hooks);
    for hook in ["publishStream", "connect"] {
        assert_eq!(send(&backend, request(&format!("/{hook}"), BODY)).await.status, 200);
    }
    let page = backend.metrics();
    let count = |hook| page.value("wcs_hooks_blocking_polls", &[("hook", hook)]);
    // A machine that is busy may have made the other one late.
    assert!(count("publishStream") == Some(1) && count("connect").is_some());
    assert_eq!(backend.counters().blocking(HookName::PublishStream), 1);
}
