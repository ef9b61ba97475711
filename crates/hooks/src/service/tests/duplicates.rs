use std::{future::pending, time::Duration};

use tokio::{
    task::yield_now,
    time::{advance, sleep},
};

use super::*;
use crate::{Duplicates, HookSettings, Settings};

/// A backend that counts what its handlers are asked, and takes a second for an answer.
fn counting(settings: Settings) -> (Backend, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let ask = |asked: &Arc<AtomicUsize>| asked.fetch_add(1, Ordering::Relaxed);
    let (play, dtmf) = (Arc::clone(&asked), Arc::clone(&asked));
    let hooks = Hooks::new(AllowAll)
        .on(hook::PlayStream, move |_, mut stream: crate::payloads::Stream| {
            let before = ask(&play);
            async move {
                sleep(Duration::from_secs(1)).await;
                match &*stream.name {
                    "endless" => pending().await,
                    "panic" => panic!("on purpose"),
                    "refuse" => Err(Refusal::forbidden("no such stream")),
                    _ => {
                        stream.name = before.to_string();
                        Ok(stream)
                    }
                }
            }
        })
        .on(hook::SendDtmf, move |_, tone| {
            ask(&dtmf);
            async { Ok(tone) }
        });
    let settings = Settings { callers: Some(Callers::anyone()), ..settings };
    (Backend::builder(hooks).settings(settings).build().unwrap(), asked)
}

fn call(name: &str) -> Request<Full<Bytes>> {
    request(&format!("/{}", HookName::PlayStream), BODY.replace("b4e7", name))
}

#[tokio::test(start_paused = true)]
async fn twins_and_who_comes_soon_after_them_get_one_answer() {
    let instant = Duration::from_millis(1);
    let almost = Duplicates::default().within.saturating_sub(instant);
    for (name, status) in [("b4e7", 200), ("refuse", 403), ("panic", 500), ("endless", 503)] {
        let (backend, asked) = counting(Settings::default());
        let (first, second) = tokio::join!(send(&backend, call(name)), send(&backend, call(name)));
        advance(almost).await;
        let third = send(&backend, call(name)).await;
        for got in [&second, &third] {
            assert_eq!((got.status, &got.body, &got.phrase), (status, &first.body, &first.phrase), "{name}");
        }
        assert_eq!((first.status, asked.load(Ordering::Relaxed)), (status, 1), "{name}");
        assert_eq!(backend.counters().duplicates(HookName::PlayStream), 2, "{name}");
        advance(instant).await;
        send(&backend, call(name)).await;
        assert_eq!(asked.load(Ordering::Relaxed), 2, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_twin_takes_over_from_one_that_was_cancelled() {
    let (backend, asked) = counting(Settings::default());
    let first = tokio::spawn(backend.clone().oneshot(call("b4e7")));
    yield_now().await;
    let second = tokio::spawn(backend.clone().oneshot(call("b4e7")));
    yield_now().await;
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    first.abort();
    assert_eq!(second.await.unwrap().unwrap().status(), 200);
    assert_eq!((asked.load(Ordering::Relaxed), backend.counters().abandoned()), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn a_signed_twin_is_known_though_the_secret_has_changed() {
    let signed_by = |key: &str| Settings { callers: Some(Callers::signed([key])), ..Settings::default() };
    let (backend, asked) = counting(Settings::default());
    let key = SigningKey::new(&"old".into());
    let signed = || {
        let mut signed = call("b4e7");
        let header = key.sign(BODY.as_bytes()).parse().unwrap();
        signed.headers_mut().insert(header::AUTHORIZATION, header);
        signed
    };
    for settings in [signed_by("old"), signed_by("new")] {
        backend.apply(settings).unwrap();
        assert_eq!(send(&backend, signed()).await.status, 200);
        assert_eq!(asked.load(Ordering::Relaxed), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn what_may_repeat_or_differs_is_handled_each_time() {
    let (backend, asked) = counting(Settings::default());
    let tone = || request(&format!("/{}", HookName::SendDtmf), BODY);
    for _ in 0..3 {
        send(&backend, tone()).await;
    }
    send(&backend, call("a")).await;
    send(&backend, call("b")).await;
    // Nobody verifies these: they are no signatures of the bodies.
    for name in ["d", "e"] {
        let mut unverified = call(name);
        let header = http::HeaderValue::from_static("WCS 00000000000000000000000000000000");
        unverified.headers_mut().insert(header::AUTHORIZATION, header);
        send(&backend, unverified).await;
    }
    let mut elsewhere = call("a");
    *elsewhere.uri_mut() = format!("/apps/x/{}", HookName::PlayStream).parse().unwrap();
    send(&backend, elsewhere).await;
    assert_eq!(asked.load(Ordering::Relaxed), 8);

    let mut settings = backend.settings();
    let within = |seconds| HookSettings {
        duplicates_within: Some(Duration::from_secs(seconds)),
        ..HookSettings::default()
    };
    settings.hooks.insert(HookName::SendDtmf, within(5));
    settings.hooks.insert(HookName::PlayStream, within(0));
    backend.apply(settings).unwrap();
    for _ in 0..2 {
        send(&backend, tone()).await;
        send(&backend, call("c")).await;
    }
    assert_eq!(asked.load(Ordering::Relaxed), 11);
}
