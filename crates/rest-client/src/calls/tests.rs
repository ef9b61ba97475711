use serde_json::json;
use wcs_hooks_protocol::status::CallStatus;

use super::*;
use crate::testing::{Wcs, published};

fn call() -> CallStartup {
    CallStartup {
        call_id: "123456711".into(),
        callee: "10000".into(),
        rtmp_url: Some("rtmp://localhost:1935/live".into()),
        rtmp_stream: Some("stream1".into()),
        has_audio: Some(true),
        has_video: Some(true),
        sip_login: Some("10009".into()),
        sip_authentication_name: Some("10009".into()),
        sip_password: Some("1234".into()),
        sip_domain: Some("226.226.225.226".into()),
        sip_outbound_proxy: Some("226.226.225.226".into()),
        sip_port: Some(5060),
        app_key: Some("defaultApp".into()),
        sip_register_required: Some(false),
        visible_name: Some("WCS_10009".into()),
        ..CallStartup::default()
    }
}

/// Published with texts in place of numbers and booleans.
fn as_texts(value: &Value) -> Value {
    let members = value.as_object().unwrap().iter();
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    members.map(|(name, value)| (name.clone(), text(value).into())).collect::<Map<String, Value>>().into()
}

#[tokio::test]
async fn a_call_is_started_as_published() {
    let wcs = Wcs::answering(200, "").await;
    wcs.node().calls().start(&call()).await.unwrap();
    assert_eq!(as_texts(&wcs.command().body), published("/call/startup", "request")[0]);
}

#[tokio::test]
async fn a_conflict_is_an_error_without_the_password() {
    let wcs = Wcs::start(|command| (409, format!("exists: {}", command.body))).await;
    let error =
        wcs.node().calls().start(&CallStartup { sip_password: Some("s3cr3t".into()), ..call() }).await;
    let error = error.unwrap_err();
    assert_eq!(error.status(), Some(409));
    assert!(
        error.to_string().contains("409 Conflict: exists")
            && !format!("{error} {error:?}").contains("s3cr3t")
    );
}

#[tokio::test]
async fn published_calls_are_read_with_their_nulls() {
    let answer = published("/call/find_all", "response").remove(0).to_string();
    let wcs = Wcs::start(move |_| (200, answer.clone())).await;
    let calls = wcs.node().calls().all().await.unwrap();
    let read: Vec<_> =
        calls.iter().map(|call| (&*call.caller, call.status.clone(), call.sip_status)).collect();
    assert_eq!(
        read,
        [("005", Some(CallStatus::Established), None), ("002", Some(CallStatus::Ring), Some(180))]
    );
    assert!(calls.iter().all(|call| call.extra.is_empty() && call.context.session_id.is_empty()));
}

#[test]
fn what_is_not_set_is_not_sent() {
    let call = CallStartup {
        callee: "1".into(),
        extra: Map::from_iter([("new".into(), 1.into())]),
        ..CallStartup::default()
    };
    assert_eq!(json!(call), json!({"callId": "", "callee": "1", "new": 1}));
}
