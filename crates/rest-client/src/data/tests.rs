use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{json, value::to_raw_value};

use crate::{
    Delivery, ErrorKind, RestClient,
    testing::{Wcs, published},
};

const NODE_ID: &str = "cm2p2VmswiHZ4pO12Ps8anz1NYudEOL1@192.168.1.101";
const SESSION_ID: &str = "/192.168.1.102:15422/192.168.1.101:8443";
const OPERATION_ID: &str = "d1999750-fde9-11e6-9f1b-913210792936";

#[tokio::test]
async fn data_is_sent_as_published() {
    let wcs = Wcs::answering(200, "").await;
    let client = RestClient::builder().node("192.168.1.101", &*wcs.url).build().unwrap();
    let node = client.node(NODE_ID).unwrap();
    let payload = json!({"message": "hello"});
    assert_eq!(node.send_data(SESSION_ID, OPERATION_ID, &payload).await.unwrap(), Delivery::Delivered);
    let command = wcs.command();
    assert_eq!(command.path, "/data/send");
    assert_eq!(command.headers["content-type"], "application/json");
    let [one, several] = published("/data/send", "request").try_into().unwrap();
    assert_eq!(command.body, one);

    let sessions = [SESSION_ID, "another"];
    let payload = to_raw_value(&payload).unwrap();
    let delivery = node.send_data_to(&sessions, OPERATION_ID, &payload).await.unwrap();
    assert_eq!(delivery, Delivery::Delivered);
    let mut expected = several;
    expected["sessionIds"] = json!(sessions);
    assert_eq!(wcs.commands()[1].body, expected);
}

#[tokio::test]
async fn a_session_that_is_not_there_is_no_error() {
    let wcs = Wcs::answering(404, r#"{"status":404}"#).await;
    let delivery = wcs.node().send_data("gone", "1", "hello").await.unwrap();
    assert_eq!(delivery, Delivery::NoSuchSession);
    assert_eq!(wcs.command().body, json!({"sessionId": "gone", "operationId": "1", "payload": "hello"}));
}

#[tokio::test]
async fn credentials_are_sent_and_those_of_a_url_win() {
    let wcs = Wcs::answering(200, "").await;
    let client = RestClient::builder().credentials("me", "p:w").build().unwrap();
    let other_url = wcs.url.replace("http://", "http://you:x%40y@");
    for (url, expected) in [(&wcs.url, "me:p:w"), (&other_url, "you:x@y")] {
        let node = client.node_at(url).unwrap();
        assert_eq!(node.send_data("s", "1", "hello").await.unwrap(), Delivery::Delivered);
        let header = wcs.commands().pop().unwrap().headers["authorization"].clone();
        assert_eq!(header, format!("Basic {}", BASE64_STANDARD.encode(expected)));
        assert!(!format!("{node:?} {client:?}").contains(expected.split_once(':').unwrap().1));
    }
}

#[tokio::test]
async fn other_statuses_are_errors_that_say_what_was_asked_of_whom() {
    let wcs = Wcs::answering(500, r#"{"reason":"boom","sipPassword":"1234"}"#).await;
    let error = wcs.node().send_data("s", "1", "hello").await.unwrap_err();
    let url = &wcs.url;
    assert_eq!(error.kind(), ErrorKind::Status(500));
    assert_eq!(
        error.to_string(),
        format!(
            r#"POST /data/send to {url}/rest-api: 500 Internal Server Error: {{"reason":"boom","sipPassword":"[hidden]"}}"#
        ),
    );
}
