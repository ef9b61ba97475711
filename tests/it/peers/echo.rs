//! The dispatcher against backends on the standard HTTP servers of Node and Python.

use serde_json::Value;
use wcs_hooks::{
    hook,
    payloads::{Connection, Stream},
};
use wcs_hooks_dispatcher::{App, Dispatcher, HttpTransport, Settings, ToClient};
use wcs_hooks_protocol::{Effect, Object};

use super::Foreign;
use crate::support::{context, object};

const ENTRIES: &str = include_str!("../../data/payloads.json");

async fn drive(backend: Foreign) {
    let dispatcher = Dispatcher::new(Settings::default(), HttpTransport::new().unwrap());
    let app = App::new("defaultApp", &backend.url()).unwrap();
    let connection =
        Connection { origin: Some("https://example.com/\u{fc}".into()), ..Connection::default() };
    let session = dispatcher.connect_as(&app, context(), connection.clone()).await.unwrap();
    assert_eq!(session.connection().unwrap(), connection);
    assert_eq!(session.policies().iter().count(), 1);

    for entry in serde_json::from_str::<Vec<Value>>(ENTRIES).unwrap() {
        if entry["method"] == "publishStream" && entry["direction"] == "request" {
            let body = entry["body"].to_string();
            let verdict = session.send_raw("publishStream", &Object::parse(&body).unwrap()).await;
            assert_eq!((verdict.effect(), verdict.attempts()), (Effect::GoOn, 1));
            let mut expected = object(&body);
            expected
                .extend(object(session.opening().fields()).into_iter().filter(|(name, _)| name != "origin"));
            assert_eq!(object(verdict.fields()), expected);
        }
    }

    let forbidden = Stream { media_session_id: "m1".into(), name: "forbidden".into(), ..Stream::default() };
    let verdict = session.send(hook::PublishStream, forbidden).await;
    assert_eq!(verdict.effect(), Effect::BreakOperation);
    let ToClient::Fail(fail) = verdict.to_client() else { panic!("the client is told") };
    assert_eq!((&*fail.info, fail.id.as_deref()), ("No such stream", Some("m1")));
}

#[tokio::test]
async fn node() {
    drive(Foreign::start("node", "echo.mjs").await).await;
}

#[tokio::test]
async fn python() {
    drive(Foreign::start("python3", "echo.py").await).await;
}
