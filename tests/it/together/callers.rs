//! Who may call, and whose handlers answer.

use wcs_hooks::{
    AllowAll, Backend, Callers, Hooks, hook,
    payloads::{Connection, Stream},
};
use wcs_hooks_dispatcher::{App, Declined, Dispatcher, Session, Settings};
use wcs_hooks_protocol::Outcome;

use super::stream;
use crate::support::app;

fn renaming(name: &'static str) -> Hooks {
    Hooks::new(AllowAll)
        .on(hook::PublishStream, move |_, stream| async move { Ok(Stream { name: name.into(), ..stream }) })
}

fn built(hooks: Hooks, callers: Callers) -> Backend {
    Backend::builder(hooks).callers(callers).build().unwrap()
}

/// A session of an app on a server with this `rest_hook_secret_key`, if it has one.
async fn connect(backend: &Backend, app: &App, secret: Option<&str>) -> Result<Session, Declined> {
    let settings = Settings { hook_secret: secret.map(Into::into), ..Settings::default() };
    Dispatcher::new(settings, backend.clone()).connect(app, Connection::default()).await
}

async fn published_name(session: Session) -> String {
    session.send(hook::PublishStream, stream("b4e7")).await.payload::<Stream>().unwrap().name
}

/// The steps of replacing a secret: the backend takes both, the servers change over, the old one goes.
#[tokio::test]
async fn secrets_are_replaced_without_a_gap() {
    let app = app("defaultApp");
    for (keys, accepted, turned_away) in [
        (&["old"][..], &["old"][..], &["new", "other"][..]),
        (&["old", "new"], &["old", "new"], &["other"]),
        (&["new"], &["new"], &["old", "other"]),
    ] {
        let backend = built(renaming("renamed"), Callers::signed(keys.iter().copied()));
        for key in accepted {
            let session = connect(&backend, &app, Some(key)).await.unwrap();
            assert_eq!(published_name(session).await, "renamed", "{key} of {keys:?}");
        }
        for key in turned_away.iter().map(|key| Some(*key)).chain([None]) {
            let declined = connect(&backend, &app, key).await.unwrap_err();
            assert_eq!(declined.verdict().outcome(), Outcome::Status(403), "{key:?} of {keys:?}");
        }
        assert_eq!(backend.counters().denied_callers(), turned_away.len() as u64 + 1);
    }
}

#[tokio::test]
async fn basic_credentials_are_checked() {
    let backend = built(renaming("renamed"), Callers::basic("wcs", "pass:word"));
    let with =
        |user: &str, password: &str| app("defaultApp").with_credentials(user, &password.into()).unwrap();
    let session = connect(&backend, &with("wcs", "pass:word"), None).await.unwrap();
    assert_eq!(published_name(session).await, "renamed");
    for app in [with("wcs", "password"), with("WCS", "pass:word"), app("defaultApp")] {
        let declined = connect(&backend, &app, None).await.unwrap_err();
        assert_eq!(declined.verdict().outcome(), Outcome::Status(401));
    }
}

#[tokio::test]
async fn each_app_has_its_own_handlers_and_callers() {
    let backend = Backend::builder(renaming("by default"))
        .app("flashStreamingApp", renaming("by RTMP").callers(Callers::basic("rtmp", "password")))
        .app("callApp", renaming("by callApp"))
        .callers(Callers::signed(["1234567890"]))
        .build()
        .unwrap();
    let rtmp = app("flashStreamingApp").with_credentials("rtmp", &"password".into()).unwrap();
    for (app, secret, expected) in [
        (app("defaultApp"), Some("1234567890"), Some("by default")),
        (app("anotherApp"), Some("1234567890"), Some("by default")),
        (app("callApp"), Some("1234567890"), Some("by callApp")),
        (rtmp.clone(), None, Some("by RTMP")),
        // The signature is that of the other apps.
        (rtmp, Some("1234567890"), None),
        // The credentials are those of another app.
        (app("callApp").with_credentials("rtmp", &"password".into()).unwrap(), None, None),
    ] {
        match (connect(&backend, &app, secret).await, expected) {
            (Ok(session), Some(name)) => assert_eq!(published_name(session).await, name, "{app:?}"),
            (Err(declined), None) => {
                assert_eq!(declined.verdict().outcome(), Outcome::Status(403), "{app:?}");
            }
            (result, _) => panic!("{app:?}: {result:?}"),
        }
    }
}
