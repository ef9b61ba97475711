use std::time::Duration;

use bytes::Bytes;
use http::{Request, header};
use http_body_util::{BodyExt, Full};
use tokio::time::advance;
use tower::ServiceExt;

use crate::{
    AllowAll, AppSettings, Backend, Callers, HookName, HookSettings, Hooks, RestClientConfig, RestOnError,
    RestPolicy, Settings, SigningKey, hook,
};

fn of_app(app: &str) -> String {
    format!(r#"{{"appKey":"{app}"}}"#)
}

async fn answer(backend: &Backend, key: &str, body: String) -> (u16, String) {
    let request = Request::post(format!("/{}", HookName::Connect))
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::AUTHORIZATION, SigningKey::new(&key.into()).sign(body.as_bytes()));
    let reply = backend.clone().oneshot(request.body(Full::<Bytes>::from(body)).unwrap()).await.unwrap();
    let status = reply.status().as_u16();
    (status, String::from_utf8(reply.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap())
}

async fn status(backend: &Backend, key: &str, app: &str) -> u16 {
    answer(backend, key, of_app(app)).await.0
}

fn signed(key: &str) -> Settings {
    Settings { callers: Some(Callers::signed([key])), ..Settings::default() }
}

fn with_app(mut settings: Settings, app: &str, callers: Callers) -> Settings {
    settings.apps.insert(app.to_owned(), AppSettings { callers: Some(callers), ..AppSettings::default() });
    settings
}

fn two_apps(settings: Settings) -> Backend {
    let builder = Backend::builder(Hooks::new(AllowAll)).app("rtmp", Hooks::new(AllowAll));
    builder.settings(settings).build().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_secret_counts_for_the_overlap_after_it_has_been_replaced() {
    let backend = two_apps(with_app(signed("common"), "rtmp", Callers::signed(["first"])));
    let second = with_app(signed("common"), "rtmp", Callers::signed(["second"]));
    backend.apply(second.clone()).unwrap();
    advance(Duration::from_mins(5)).await;
    // Again and again: the times do not start anew.
    for _ in 0..20 {
        backend.apply(second.clone()).unwrap();
    }
    for (key, app, expected) in [
        ("first", "rtmp", 200),
        ("second", "rtmp", 200),
        ("common", "rtmp", 403),
        ("first", "room", 403),
        ("second", "room", 403),
        ("common", "room", 200),
    ] {
        assert_eq!(status(&backend, key, app).await, expected, "{key} {app}");
    }
    advance(Duration::from_secs(299)).await;
    assert_eq!(status(&backend, "first", "rtmp").await, 200);
    advance(Duration::from_secs(1)).await;
    assert_eq!(status(&backend, "first", "rtmp").await, 403);
    assert_eq!(status(&backend, "second", "rtmp").await, 200);
}

#[tokio::test(start_paused = true)]
async fn secrets_of_several_changes_count_and_none_without_an_overlap() {
    let backend = two_apps(signed("first"));
    backend.apply(signed("second")).unwrap();
    backend.apply(signed("third")).unwrap();
    for key in ["first", "second", "third"] {
        assert_eq!(status(&backend, key, "room").await, 200, "{key}");
    }
    backend.apply(Settings { secret_overlap: Duration::ZERO, ..signed("third") }).unwrap();
    for (key, expected) in [("first", 403), ("second", 403), ("third", 200)] {
        assert_eq!(status(&backend, key, "room").await, expected, "{key}");
    }
}

#[tokio::test(start_paused = true)]
async fn apps_that_swap_their_secrets_keep_both_for_the_overlap() {
    let backend = two_apps(with_app(signed("a"), "rtmp", Callers::signed(["b"])));
    backend.apply(with_app(signed("b"), "rtmp", Callers::signed(["a"]))).unwrap();
    for (key, app) in [("a", "rtmp"), ("b", "rtmp"), ("a", "room"), ("b", "room")] {
        assert_eq!(status(&backend, key, app).await, 200, "{key} {app}");
    }
}

#[tokio::test(start_paused = true)]
async fn anyone_is_no_secret() {
    let backend =
        two_apps(Settings { callers: Some(Callers::anyone().or_signed(["old"])), ..Settings::default() });
    assert_eq!(status(&backend, "any", "room").await, 200);
    backend.apply(signed("new")).unwrap();
    for (key, expected) in [("any", 403), ("old", 200), ("new", 200)] {
        assert_eq!(status(&backend, key, "room").await, expected, "{key}");
    }
}

#[tokio::test]
async fn callers_set_in_code_stay_unless_the_settings_name_others() {
    let rtmp = Hooks::new(AllowAll).callers(Callers::signed(["code"]));
    let builder = Backend::builder(Hooks::new(AllowAll)).app("rtmp", rtmp);
    let at_once = |settings| Settings { secret_overlap: Duration::ZERO, ..settings };
    let backend = builder.settings(signed("common")).build().unwrap();
    backend.apply(at_once(signed("other"))).unwrap();
    assert_eq!(status(&backend, "code", "rtmp").await, 200);
    backend.apply(with_app(at_once(signed("other")), "rtmp", Callers::signed(["file"]))).unwrap();
    assert_eq!((status(&backend, "code", "rtmp").await, status(&backend, "file", "rtmp").await), (403, 200));
    backend.apply(at_once(signed("other"))).unwrap();
    assert_eq!(status(&backend, "code", "rtmp").await, 200);
}

fn of_hook(hook: HookName, settings: HookSettings) -> AppSettings {
    AppSettings { hooks: [(hook, settings)].into(), ..AppSettings::default() }
}

#[tokio::test]
async fn bad_settings_change_nothing() {
    let backend = two_apps(signed("key"));
    let changed = |change: &dyn Fn(&mut Settings)| {
        let mut settings = signed("other");
        change(&mut settings);
        settings
    };
    let with_policy = |hook, rest_policy| {
        let settings = HookSettings { rest_policy: Some(rest_policy), ..HookSettings::default() };
        Settings { apps: [("rtmp".to_owned(), of_hook(hook, settings))].into(), ..signed("other") }
    };
    for (settings, expected) in [
        (Settings::default(), r#"app "default": who may call? Set `callers`"#),
        (
            signed(""),
            "app \"default\": a signing key is missing or empty: give the rest_hook_secret_key of flashphoner.properties",
        ),
        (
            with_app(signed("a"), "room", Callers::anyone()),
            r#"app "room": it has no handlers: register it in code, by `app`"#,
        ),
        (changed(&|settings| settings.limits.hooks = 0), "limits.hooks: at least 1 is needed"),
        (
            changed(&|settings| settings.limits.hooks_per_app = 0),
            "limits.hooks_per_app: at least 1 is needed",
        ),
        (
            with_policy(HookName::PlayHls, RestPolicy::Disable),
            "apps.rtmp.hooks.playHLS: this hook has no policy: refusing it is always effective",
        ),
        (
            with_policy(HookName::CallStatus, RestPolicy::Overwrite),
            "apps.rtmp.hooks.CallStatusEvent: WCS takes nothing from the answer to an event: say NOTIFY or DISABLE",
        ),
    ] {
        assert_eq!(backend.apply(settings).unwrap_err().to_string(), expected);
        assert_eq!(
            (status(&backend, "key", "room").await, status(&backend, "other", "room").await),
            (200, 403)
        );
    }
}

#[tokio::test]
async fn limits_and_policies_change_while_it_runs() {
    let hooks = || Hooks::new(AllowAll).on(hook::PlayStream, async |_, stream| Ok(stream));
    let backend = Backend::builder(hooks()).app("rtmp", hooks()).settings(signed("key")).build().unwrap();
    let log = HookSettings { rest_on_error: Some(RestOnError::Log), ..HookSettings::default() };
    let disable = HookSettings { rest_policy: Some(RestPolicy::Disable), ..HookSettings::default() };
    let mut settings = signed("key");
    settings.hooks.insert(HookName::PlayStream, log);
    settings.apps.insert("default".to_owned(), of_hook(HookName::PlayStream, disable));
    settings.limits.body = 100;
    backend.apply(settings).unwrap();
    for (app, rest_policy) in [("room", RestPolicy::Disable), ("rtmp", RestPolicy::Overwrite)] {
        let (_, body) = answer(&backend, "key", of_app(app)).await;
        let object = wcs_hooks_protocol::Object::parse(&body).unwrap();
        let config = RestClientConfig::read_strictly(object.get(RestClientConfig::FIELD).unwrap()).0;
        let policy = config.policy(HookName::PlayStream);
        assert_eq!((policy.rest_on_error, policy.rest_policy), (RestOnError::Log, rest_policy), "{app}");
    }
    assert_eq!(answer(&backend, "key", of_app(&"x".repeat(100))).await.0, 413);
    assert_eq!(backend.settings().limits.body, 100);
}

/// A call has the settings of before it or of after it, never some of each.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn settings_are_swapped_as_a_whole_under_load() {
    let with = |common: &str, rtmp: &str| Settings {
        secret_overlap: Duration::ZERO,
        ..with_app(signed(common), "rtmp", Callers::signed([rtmp]))
    };
    let backend = two_apps(with("a", "b"));
    let callers = ["room", "rtmp"].map(|app| {
        let backend = backend.clone();
        tokio::spawn(async move {
            for _ in 0..500 {
                // One of the secrets opens this app, the other one the other app: 200 or 403, and nothing else.
                assert!([200, 403].contains(&status(&backend, "a", app).await));
                assert_eq!(status(&backend, "c", app).await, 403);
                tokio::task::yield_now().await;
            }
        })
    });
    for round in 0..500 {
        backend.apply(if round % 2 == 0 { with("b", "a") } else { with("a", "b") }).unwrap();
        tokio::task::yield_now().await;
    }
    for caller in callers {
        caller.await.unwrap();
    }
    assert_eq!((status(&backend, "a", "room").await, status(&backend, "b", "rtmp").await), (200, 200));
}
