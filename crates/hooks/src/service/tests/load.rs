use std::{future::pending, time::Duration};

use tokio::{
    sync::{Semaphore, SemaphorePermit},
    task::yield_now,
    time::advance,
};

use super::*;
use crate::{Fallback, HookSettings, Limits, RestClientConfig, Settings};

/// Handlers that never answer.
fn endless() -> Hooks {
    Hooks::new(Endless)
        .on(hook::PlayStream, async |_, _| pending().await)
        .on(hook::Hangup, async |_, _| pending().await)
        .on(hook::CallStatus, async |_, _| pending().await)
        .on(hook::StreamKeepAlive, async |_, _| pending().await)
}

struct Endless;

impl crate::ConnectHandler for Endless {
    async fn connect(&self, _: crate::Context, _: Connection) -> crate::HookResult<Connection> {
        pending().await
    }
}

fn settings() -> Settings {
    Settings { callers: Some(Callers::anyone()), ..Settings::default() }
}

fn call(hook: HookName) -> Request<Full<Bytes>> {
    request(&format!("/{hook}"), BODY)
}

#[tokio::test(start_paused = true)]
async fn a_handler_is_cancelled_at_its_deadline_and_the_fallback_answered() {
    let mut settings = settings();
    let half = HookSettings { deadline: Some(Duration::from_millis(500)), ..HookSettings::default() };
    settings
        .hooks
        .insert(HookName::CallStatus, HookSettings { fallback: Some(Fallback::Refuse), ..half.clone() });
    settings.apps.entry("default".to_owned()).or_default().hooks.insert(HookName::PlayStream, half);
    let backend = Backend::builder(endless()).settings(settings).build().unwrap();
    for (hook, after, status) in [
        (HookName::Connect, 3000, 503),
        (HookName::PlayStream, 500, 503),
        (HookName::Hangup, 3000, 200),
        (HookName::CallStatus, 500, 503),
        (HookName::StreamKeepAlive, 10_000, 200),
    ] {
        let started = Instant::now();
        let got = send(&backend, call(hook)).await;
        assert_eq!(started.elapsed(), Duration::from_millis(after), "{hook}");
        if status == 200 {
            assert_eq!((got.status, &*got.body), (200, BODY), "{hook}");
        } else {
            assert_refused(&got, 503, "the backend did not answer in time");
        }
        assert_eq!(backend.counters().answered(hook, Answered::TimedOut), 1, "{hook}");
    }
    assert_eq!((backend.in_flight(), backend.counters().abandoned()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn who_is_let_in_at_the_deadline_gets_the_policies_all_the_same() {
    let mut settings = settings();
    let allow = HookSettings { fallback: Some(Fallback::Allow), ..HookSettings::default() };
    settings.hooks.insert(HookName::Connect, allow);
    let backend = Backend::builder(endless()).settings(settings).build().unwrap();
    let got = send(&backend, call(HookName::Connect)).await;
    assert_eq!(got.status, 200);
    assert!(got.body.contains(RestClientConfig::FIELD));
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_has_gone_away_is_counted_and_its_handler_cancelled() {
    let backend = Backend::builder(endless()).settings(settings()).build().unwrap();
    let calling = tokio::spawn(backend.clone().oneshot(call(HookName::StreamKeepAlive)));
    yield_now().await;
    assert_eq!(backend.in_flight(), 1);
    calling.abort();
    assert!(calling.await.is_err());
    assert_eq!((backend.in_flight(), backend.counters().abandoned()), (0, 1));
}

/// A backend with few places, whose handlers answer when they are told to.
fn busy(limits: Limits) -> (Backend, Arc<Semaphore>) {
    let told = Arc::new(Semaphore::new(0));
    let waits = |told: &Arc<Semaphore>| {
        let told = Arc::clone(told);
        async move { told.acquire().await.map(SemaphorePermit::forget) }
    };
    let (play, status) = (Arc::clone(&told), Arc::clone(&told));
    let hooks = Hooks::new(AllowAll)
        .on(hook::PlayStream, move |_, stream| {
            let told = waits(&play);
            async move { told.await.map(|()| stream).map_err(Into::into) }
        })
        .on(hook::CallStatus, move |_, _| {
            let told = waits(&status);
            async move { told.await.map_err(Into::into) }
        });
    let settings = Settings { limits, ..settings() };
    (Backend::builder(hooks).settings(settings).build().unwrap(), told)
}

#[tokio::test(start_paused = true)]
async fn past_the_cap_hooks_are_shed_and_events_wait_in_a_bounded_line() {
    let limits = Limits { hooks: 2, waiting_events: 1, ..Limits::default() };
    let (backend, told) = busy(limits);
    let handled = [HookName::PlayStream, HookName::CallStatus].map(|hook| {
        let numbered = request(&format!("/{hook}"), BODY.replace("b4e7", hook.as_str()));
        tokio::spawn(backend.clone().oneshot(numbered))
    });
    yield_now().await;
    let waiting = tokio::spawn(backend.clone().oneshot(call(HookName::CallStatus)));
    yield_now().await;
    assert_eq!((backend.in_flight(), backend.waiting()), (2, 1));

    for hook in [HookName::PlayStream, HookName::CallStatus] {
        let other = request(&format!("/{hook}"), BODY.replace("b4e7", "other"));
        assert_refused(&send(&backend, other).await, 503, "the backend is busy");
        assert_eq!(backend.counters().answered(hook, Answered::Shed), 1);
    }
    // What needs no handler needs no place.
    assert_eq!(send(&backend, call(HookName::Hold)).await.status, 200);

    told.add_permits(3);
    for call in handled.into_iter().chain([waiting]) {
        assert_eq!(call.await.unwrap().unwrap().status(), 200);
    }
    assert_eq!((backend.in_flight(), backend.waiting()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn an_event_waits_no_longer_than_its_deadline() {
    let (backend, _told) = busy(Limits { hooks: 1, ..Limits::default() });
    let first = tokio::spawn(backend.clone().oneshot(call(HookName::CallStatus)));
    yield_now().await;
    advance(Duration::from_secs(1)).await;
    let mut settings = backend.settings();
    settings.deadlines.events = Duration::from_secs(2);
    backend.apply(settings).unwrap();
    let other = request(&format!("/{}", HookName::CallStatus), BODY.replace("b4e7", "other"));
    assert_refused(&send(&backend, other).await, 503, "the backend is busy");
    assert_eq!(backend.waiting(), 0);
    assert_eq!(first.await.unwrap().unwrap().status(), 200);
    assert_eq!(backend.counters().answered(HookName::CallStatus, Answered::TimedOut), 1);
}

#[tokio::test(start_paused = true)]
async fn who_has_no_secret_takes_no_place() {
    let limits = Limits { hooks: 1, ..Limits::default() };
    let (backend, _told) = busy(limits);
    backend.apply(Settings { callers: Some(Callers::signed(["key"])), ..backend.settings() }).unwrap();
    let denied = send(&backend, call(HookName::PlayStream)).await;
    assert_eq!((denied.status, backend.in_flight()), (403, 0));
}
