//! What is sent, and when nothing is.

use std::time::Duration;

use wcs_hooks_dispatcher::{App, Dispatcher, Options, PlayerRefusal, Settings};
use wcs_hooks_protocol::{
    HookContext, HookName, Object, Outcome, hook,
    payloads::{Connection, HlsPlay, RtspPlay, Stream},
};

use crate::backend::{Backend, json};

fn app() -> App {
    App::new("defaultApp", "http://backend").unwrap()
}

fn echo(backend: &Backend) -> crate::backend::Service {
    backend.service(|_, body| json(200, body.to_owned()))
}

#[tokio::test]
async fn the_signature_wins_over_the_credentials() {
    let with_credentials = app().with_credentials("user", &"pass".into()).unwrap();
    let signed = Settings { hook_secret: Some("1234567890".into()), ..Settings::default() };
    for (settings, app, expected) in [
        (Settings::default(), app(), None),
        (Settings::default(), with_credentials.clone(), Some("authorization: Basic dXNlcjpwYXNz")),
        (signed.clone(), app(), Some("authorization: WCS e4b1dc5789bee71859f1f1d4052649fa")),
        (signed, with_credentials, Some("authorization: WCS e4b1dc5789bee71859f1f1d4052649fa")),
    ] {
        let backend = Backend::default();
        let dispatcher = Dispatcher::new(settings, echo(&backend));
        // Spec §1.5: the body of the test vector.
        let context = HookContext {
            node_id: "Hw47CFMBEchVOpBMDr29IxjudnJ1sjOY@192.168.1.101".into(),
            session_id: "/192.168.1.102:55839/192.168.1.101:8443".into(),
            ..HookContext::default()
        };
        let data = r#"{"operationId":"d1999750-fde9-11e6-9f1b-913210792931","payload":{"message":"hello"}}"#;
        let data = Object::parse(data).unwrap();
        dispatcher.send_raw(&app, context, "OnDataEvent", &data).await;
        let received = &backend.received()[0];
        assert!(received.headers.contains(&"content-length: 218".to_owned()));
        let authorization = received.headers.iter().find(|header| header.starts_with("authorization"));
        assert_eq!(authorization.map(|header| &**header), expected);
    }
}

#[tokio::test]
async fn what_is_switched_off_is_not_sent_and_goes_on_with_the_clients_data() {
    let off = Settings { requests_disabled: true, ..Settings::default() };
    for (settings, app) in [(off, app()), (Settings::default(), app().with_only([]))] {
        let backend = Backend::default();
        let dispatcher = Dispatcher::new(settings, echo(&backend));
        let session = dispatcher.connect(&app, Connection::default()).await.unwrap();
        let verdict =
            session.send(hook::PublishStream, Stream { name: "n".into(), ..Stream::default() }).await;
        assert_eq!((verdict.outcome(), verdict.attempts()), (Outcome::NotAsked, 0));
        assert_eq!(verdict.payload::<Stream>().unwrap().name, "n");
        assert!(verdict.goes_on() && backend.received().is_empty());
    }
}

#[tokio::test]
async fn a_policy_can_stop_hooks_but_not_those_without_a_session() {
    let backend = Backend::default();
    let service = backend.service(|_, _| {
        json(
            200,
            r#"{"restClientConfig":{"pushLogs":{"restPolicy":"DISABLE"},"call":{"restPolicy":"DISABLED"}}}"#,
        )
    });
    let session =
        Dispatcher::new(Settings::default(), service).connect(&app(), Connection::default()).await.unwrap();
    let empty = Object::parse("{}").unwrap();
    for (hook, outcome) in [
        ("pushLogs", Outcome::NotAsked),
        ("call", Outcome::NotAsked),
        ("answer", Outcome::Accepted),
        ("playHLS", Outcome::NotAsked),
    ] {
        assert_eq!(session.send_raw(hook, &empty).await.outcome(), outcome, "{hook}");
    }
    assert_eq!(backend.received().len(), 2);
}

#[tokio::test]
async fn players_and_keep_alives_are_asked_for_where_the_settings_say_so() {
    let on = Settings {
        keep_alive_enabled: true,
        keep_alive_app_keys: vec!["defaultApp".into()],
        hls_auth_enabled: true,
        rtsp_auth_enabled: true,
        ..Settings::default()
    };
    let not_listed = Settings { keep_alive_app_keys: vec!["other".into()], ..on.clone() };
    for (settings, app, expected) in [
        (Settings::default(), app(), [false, false, false]),
        (on.clone(), app(), [true, true, true]),
        (not_listed, app(), [false, true, true]),
        (on, app().without([HookName::StreamKeepAlive, HookName::PlayRtsp]), [false, true, false]),
    ] {
        let backend = Backend::default();
        let dispatcher = Dispatcher::new(settings, echo(&backend));
        let session = dispatcher.connect(&app, Connection::default()).await.unwrap();
        let asked = [
            session.keep_alive(Stream::default()).await.attempts() == 1,
            dispatcher.play(&app, hook::PlayHls, HlsPlay::default()).await.attempts() == 1,
            dispatcher.play(&app, hook::PlayRtsp, RtspPlay::default()).await.attempts() == 1,
        ];
        assert_eq!(asked, expected);
        assert_eq!(dispatcher.is_keep_alive_on(&app), expected[0]);
    }
}

#[tokio::test]
async fn contexts_are_made_up_in_the_newer_style() {
    let backend = Backend::default();
    let dispatcher = Dispatcher::new(Settings::default(), echo(&backend));
    let session = dispatcher.connect(&app(), Connection::default()).await.unwrap();
    let context = session.context();
    let (id, address) = context.node_id.split_once('@').unwrap();
    assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    assert_eq!((address, &*context.app_key), ("127.0.0.1", "defaultApp"));
    assert_eq!(context.session_id.len(), 36);
    let other = dispatcher.connect(&app(), Connection::default()).await.unwrap();
    assert_eq!(other.context().node_id, context.node_id);
    assert_ne!(other.context().session_id, context.session_id);

    let options = Options { node_id: "n@h".into(), ..Options::default() };
    let dispatcher = Dispatcher::with_options(Settings::default(), echo(&backend), options);
    let session = dispatcher.connect(&app(), Connection::default()).await.unwrap();
    assert_eq!(session.context().node_id, "n@h");
}

#[tokio::test]
async fn a_declined_connection_says_why() {
    for (answer, expected) in [
        ((|| json(403, "")) as fn() -> crate::backend::Answer, "403 Forbidden"),
        (|| json(200, ""), "its 200 has no JSON object"),
        (|| crate::backend::fails(std::io::ErrorKind::TimedOut), "no answer in time: timed out"),
    ] {
        let service = Backend::default().service(move |_, _| answer());
        let declined = Dispatcher::new(Settings::default(), service)
            .connect(&app(), Connection::default())
            .await
            .unwrap_err();
        assert_eq!(declined.to_string(), format!("the backend declined the connection: {expected}"));
    }
}

#[tokio::test]
async fn urls_that_cannot_be_used_are_turned_away() {
    for (url, problem) in [
        ("localhost:8081", "must start with http:// or https://"),
        ("/apps/EchoApp", "must start with http:// or https://"),
        ("ftp://localhost", "must start with http:// or https://"),
        ("http://user:secret@localhost", "must have no credentials in it"),
        ("http://localhost/?a=b", "must have no ? or #"),
        ("http://local host", "is not a URL"),
    ] {
        let error = App::new("a", url).unwrap_err().to_string();
        assert!(error.starts_with(&format!("the app's url {problem}")), "{url}: {error}");
        assert!(!error.contains("secret"));
    }
}

#[tokio::test(start_paused = true)]
async fn the_answer_to_an_hls_player_is_kept_for_its_token() {
    let settings = Settings {
        hls_auth_enabled: true,
        hls_auth_token_cache: Duration::from_secs(30),
        client_acl_property_name: "acl".into(),
        ..Settings::default()
    };
    let backend = Backend::default();
    let dispatcher = Dispatcher::new(settings, backend.service(|_, _| json(403, "")));
    let mut attempts = Vec::new();
    for (token, seconds) in [("1", 0), ("1", 29), ("2", 0), ("1", 1)] {
        tokio::time::advance(Duration::from_secs(seconds)).await;
        let mut play = HlsPlay { name: "s".into(), ..HlsPlay::default() };
        play.custom.insert("acl".into(), token.into());
        let verdict = dispatcher.play(&app(), hook::PlayHls, play).await;
        assert_eq!(verdict.player_refusal(), Some(PlayerRefusal::Unauthorized));
        attempts.push(verdict.attempts());
    }
    assert_eq!(attempts, [1, 0, 1, 1]);
}
