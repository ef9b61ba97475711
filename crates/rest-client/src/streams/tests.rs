use wcs_hooks_protocol::status::StreamStatus;

use super::*;
use crate::{
    ErrorKind, RestClient,
    testing::{Wcs, published},
};

#[tokio::test]
async fn streams_are_found_with_their_session_and_metrics() {
    let wcs = Wcs::answering(
        200,
        r#" [{"nodeId":null,"appKey":"defaultApp","sessionId":"s","mediaSessionId":"m","name":"stream1","status":"PUBLISHING",
              "sdp":null,"width":"640","metrics":{"NACK":3},"newer":[1]}, null] "#,
    )
    .await;
    let client = RestClient::builder().node("n", &*wcs.url).build().unwrap();
    let node = client.node("n").unwrap();
    let filter = StreamFilter::named("stream1").and(StreamFilter::published(true));
    let found = node.streams().find_with_metrics(&filter).await.unwrap();
    assert_eq!(wcs.command().body, published("/stream/find", "request")[0]);
    let [stream] = &found[..] else { panic!("{found:?}") };
    assert_eq!(stream.context.session_id, "s");
    assert_eq!(stream.context.node_id, "n");
    assert_eq!((&*stream.name, stream.status.clone()), ("stream1", Some(StreamStatus::Publishing)));
    assert_eq!((stream.width, &stream.sdp), (Some(640), &None));
    assert_eq!((&stream.extra["metrics"]["NACK"], &stream.extra["newer"]), (&json!(3), &json!([1])));
}

#[tokio::test]
async fn none_has_many_spellings() {
    for body in ["", " \n", "null", "[]", "[null]"] {
        let wcs = Wcs::answering(200, body).await;
        assert_eq!(wcs.node().streams().all().await.unwrap(), [], "{body:?}");
    }
}

#[tokio::test]
async fn what_is_no_list_is_an_error() {
    for body in [r#"{"a":1}"#, "[1]", "<html>", r#"[{"name":"a","name":"b"}]"#, "[{]"] {
        let wcs = Wcs::answering(200, body).await;
        let error = wcs.node().streams().all().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unreadable, "{body}");
        assert!(error.to_string().contains("POST /stream/find_all to http://127.0.0.1:"), "{error}");
    }
}

#[tokio::test]
async fn a_snapshot_is_decoded() {
    for body in
        ["iVBORw0KGgo=", "iVBO\nRw0KGgo=\n", r#""iVBORw0KGgo=""#, r#""data:image/png;base64,iVBORw0KGgo=""#]
    {
        let wcs = Wcs::answering(200, body).await;
        let snapshot = wcs.node().streams().snapshot("b4e7").await.unwrap();
        assert_eq!(snapshot.as_deref(), Some(&b"\x89PNG\r\n\x1a\n"[..]), "{body}");
        assert_eq!(wcs.command().body, json!({"streamName": "b4e7"}));
    }
    for body in ["", "no base64!", r#"{"a":"iVBORw0KGgo="}"#] {
        let wcs = Wcs::answering(200, body).await;
        let error = wcs.node().streams().snapshot("b4e7").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unreadable);
    }
}

#[tokio::test]
async fn an_event_is_sent_as_published() {
    let wcs = Wcs::answering(200, "").await;
    let published = &published("/stream/event/send", "request")[0];
    let outcome = wcs.node().streams().send_event("test", &published["payload"]).await.unwrap();
    assert_eq!((outcome, &wcs.command().body), (Outcome::Done, published));
}
