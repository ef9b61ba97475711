//! What is counted of what is sent.

use std::{io::ErrorKind, sync::Arc, time::Duration};

use tokio::sync::Barrier;
use wcs_hooks_dispatcher::{
    App, Dispatcher, HookContext, HookName, Object, Options, RetryRule, Settings, metrics::Page,
};

use crate::backend::{Backend, fails, json};

fn app() -> App {
    App::new("defaultApp", "http://backend/apps/EchoApp").unwrap()
}

async fn send(dispatcher: &Dispatcher, method: &str) {
    let body = Object::parse(r#"{"name":"b4e7","custom":{"auth":"t"}}"#).unwrap();
    dispatcher.send_raw(&app(), HookContext::default(), method, &body).await;
}

fn calls(page: &Page, hook: &str, result: &str) -> Option<u64> {
    page.value("wcs_hooks_dispatcher_calls", &[("app", app().name()), ("hook", hook), ("result", result)])
}

/// Every kind of result, each of a hook of its own.
#[tokio::test]
async fn calls_are_counted_by_what_came_of_them() {
    let service = Backend::default().service(|method, _| match method.parse() {
        Ok(HookName::PlayStream) => json(403, ""),
        Ok(HookName::StopStream) => json(502, ""),
        Ok(HookName::PauseStream) => fails(ErrorKind::ConnectionReset),
        _ => json(200, "{}"),
    });
    let settings = Settings {
        hls_auth_enabled: true,
        hls_auth_token_cache: Duration::from_mins(1),
        client_acl_property_name: "auth".into(),
        ..Settings::default()
    };
    let dispatcher = Dispatcher::new(settings, service);
    for hook in [
        HookName::PublishStream,
        HookName::PlayStream,
        HookName::StopStream,
        HookName::PauseStream,
        HookName::PlayHls,
        HookName::PlayHls,
        HookName::PlayRtsp,
    ] {
        send(&dispatcher, hook.as_str()).await;
    }
    send(&dispatcher, "neverHeardOf").await;
    let page = dispatcher.metrics();
    for (hook, result) in [
        (HookName::PublishStream.as_str(), "accepted"),
        (HookName::PlayStream.as_str(), "refused"),
        (HookName::StopStream.as_str(), "failed"),
        (HookName::PauseStream.as_str(), "no_answer"),
        (HookName::PlayHls.as_str(), "accepted"),
        (HookName::PlayHls.as_str(), "remembered"),
        (HookName::PlayRtsp.as_str(), "not_asked"),
        ("unknown", "accepted"),
    ] {
        assert_eq!(calls(&page, hook, result), Some(1), "{hook} {result}: {}", page.to_text());
    }
    assert_eq!(page.sum("wcs_hooks_dispatcher_calls"), 8);
    assert_eq!(page.sum("wcs_hooks_dispatcher_duration_seconds"), 6, "of those that were asked");
    assert!(!page.to_text().contains("neverHeardOf"));
}

#[tokio::test]
async fn attempts_and_retries_are_counted() {
    let service = Backend::default().service(|_, _| fails(ErrorKind::ConnectionReset));
    let retry = RetryRule { count: 2, after_sent: true };
    let dispatcher = Dispatcher::new(Settings { retry, ..Settings::default() }, service);
    send(&dispatcher, HookName::PublishStream.as_str()).await;
    let page = dispatcher.metrics();
    let failed = page.value("wcs_hooks_dispatcher_failed_attempts", &[("kind", "reset")]).unwrap();
    let attempts = page.sum("wcs_hooks_dispatcher_attempts");
    assert_eq!((failed, attempts, page.sum("wcs_hooks_dispatcher_retries")), (3, 3, 2));
}

#[tokio::test]
async fn what_is_under_way_and_what_waits_is_counted() {
    let barrier = Arc::new(Barrier::new(2));
    let service = {
        let barrier = Arc::clone(&barrier);
        tower::service_fn(move |_: http::Request<http_body_util::Full<bytes::Bytes>>| {
            let barrier = Arc::clone(&barrier);
            async move {
                barrier.wait().await;
                json(200, "{}")
            }
        })
    };
    let options = Options { max_in_flight: 1, ..Options::default() };
    let dispatcher = Dispatcher::with_options(Settings::default(), service, options);
    let numbers = || {
        let page = dispatcher.metrics();
        (page.sum("wcs_hooks_dispatcher_in_flight"), page.sum("wcs_hooks_dispatcher_waiting"))
    };
    let both = async {
        tokio::join!(
            send(&dispatcher, HookName::PublishStream.as_str()),
            send(&dispatcher, HookName::PlayStream.as_str())
        )
    };
    let watching = async {
        assert_eq!(numbers(), (1, 1));
        barrier.wait().await;
        barrier.wait().await;
    };
    tokio::join!(both, watching);
    assert_eq!(numbers(), (0, 0));
}
