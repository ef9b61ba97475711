//! A session from its start to its end.

use wcs_hooks_dispatcher::{App, Dispatcher, HttpTransport, Settings, ToClient};
use wcs_hooks_protocol::{
    Effect, HookContext, hook,
    payloads::{Connection, Stream},
    status::{SessionStatus, StreamStatus},
};

use crate::backend::{Backend, http, json, serve};

const POLICY: &str = r#"{"sipLogin":"1000","sipPort":"5060","restClientConfig":{
    "publishStream":{"restOnError":"FAIL","restPolicy":"OVERWRITE","restOverwrite":"name","restExclude":"sdp"},
    "ConnectionStatusEvent":{"clientExclude":"sipLogin"},
    "StreamStatusEvent":{"restPolicy":"NOTIFY"}}}"#;

fn context() -> HookContext {
    HookContext { node_id: "Hw47@10.0.0.1".into(), session_id: "s1".into(), ..HookContext::default() }
}

#[tokio::test]
async fn a_session_in_process() {
    let backend = Backend::default();
    let service = backend.service(|hook, body| match hook {
        "connect" => json(200, POLICY),
        "publishStream" => json(200, r#"{"name":"studio","record":true}"#),
        _ => json(200, body.to_owned()),
    });
    let app = App::new("defaultApp", "http://backend/apps/EchoApp/").unwrap();
    let dispatcher = Dispatcher::new(Settings::default(), service);

    let session = dispatcher.connect_as(&app, context(), Connection::default()).await.unwrap();
    let connection = session.connection().unwrap();
    assert_eq!((connection.sip_login.as_deref(), connection.sip_port), (Some("1000"), Some(5060)));

    let stream = Stream { name: "alias".into(), sdp: Some("v=0".into()), ..Stream::default() };
    let verdict = session.send(hook::PublishStream, stream).await;
    assert_eq!(verdict.effect(), Effect::GoOn);
    assert_eq!(
        verdict.sent(),
        Some(r#"{"nodeId":"Hw47@10.0.0.1","appKey":"defaultApp","sessionId":"s1","name":"alias"}"#)
    );
    assert_eq!(
        verdict.fields(),
        r#"{"nodeId":"Hw47@10.0.0.1","appKey":"defaultApp","sessionId":"s1","name":"studio","sdp":"v=0"}"#,
    );

    let status = Stream { status: Some(StreamStatus::Publishing), ..verdict.payload().unwrap() };
    let verdict = session.send(hook::StreamStatus, status).await;
    assert_eq!(
        verdict.to_client(),
        ToClient::Delivered(r#"{"name":"studio","status":"PUBLISHING","sdp":"v=0"}"#.into()),
    );
    let verdict = session.send_status(SessionStatus::Established).await;
    assert_eq!(
        verdict.to_client(),
        ToClient::Delivered(r#"{"sipPort":5060,"authToken":"s1","status":"ESTABLISHED"}"#.into()),
    );

    let received = backend.received();
    let paths: Vec<_> = received.iter().map(|request| &*request.path).collect();
    let expected = ["connect", "publishStream", "StreamStatusEvent", "ConnectionStatusEvent"];
    assert_eq!(paths, expected.map(|hook| format!("/apps/EchoApp/{hook}")));
    assert_eq!(
        received[1].body,
        r#"{"nodeId":"Hw47@10.0.0.1","appKey":"defaultApp","sessionId":"s1","name":"alias"}"#,
    );
    assert_eq!(
        received[1].headers,
        [
            "accept: application/json",
            "content-type: application/json;charset=UTF-8",
            concat!("user-agent: wcs-hooks-dispatcher/", env!("CARGO_PKG_VERSION")),
            "host: backend",
            "connection: keep-alive",
            "content-length: 80",
        ]
    );
}

#[tokio::test]
async fn a_session_over_http() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve(listener, |hook| match hook {
        "connect" => http("200 OK", r#"{"restClientConfig":{"publishStream":{"restOnError":"FAIL"}}}"#),
        "publishStream" => http("403 Not today", ""),
        _ => http("200 OK", "{}"),
    }));
    let app = App::new("defaultApp", &format!("http://{address}/apps/EchoApp")).unwrap();
    let dispatcher = Dispatcher::new(Settings::default(), HttpTransport::new().unwrap());
    let session = dispatcher.connect(&app, Connection::default()).await.unwrap();
    let stream = Stream { media_session_id: "m1".into(), ..Stream::default() };
    let verdict = session.send(hook::PublishStream, stream.clone()).await;
    assert_eq!(verdict.effect(), Effect::BreakOperation);
    let ToClient::Fail(fail) = verdict.to_client() else { panic!("the client is told") };
    assert_eq!(
        fail.message(),
        r#"{"message":"fail","data":[{"status":"FAILED","info":"Not today","apiMethod":"StreamStatusEvent","id":"m1"}]}"#,
    );
    assert!(session.send(hook::StreamStatus, stream).await.goes_on());
}
