//! What a client must not do, and what happens if it does.

use std::time::Duration;

use futures_util::SinkExt;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use tokio_tungstenite::tungstenite::Message;
use wcs_hooks_simulator::{Limits, dispatcher::Settings};

use crate::support::{Reply, World};

fn world(limits: Limits) -> World {
    World::built(Settings::default(), |_, _| Reply::Echo, |builder| builder.limits(limits))
}

#[tokio::test(start_paused = true)]
async fn a_page_of_another_origin_does_not_get_in_and_its_backend_is_not_asked() {
    let world = world(Limits::default());
    for origin in ["https://other.example", "null", "http://page.example"] {
        assert_eq!(world.refused_from(origin).await, 403, "{origin}");
    }
    assert!(world.backend.lines().is_empty());
    world.connected().await;
}

#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_connect_is_disconnected() {
    let world = world(Limits { connect_within: Duration::from_secs(7), ..Limits::default() });
    let mut client = world.client().await;
    let start = Instant::now();
    client.send("publishStream", json!({})).await;
    assert_eq!(client.line().await, "fail FAILED Session not ready ConnectionStatusEvent");
    assert_eq!(client.line().await, "fail FAILED No connection message in time ConnectionStatusEvent");
    assert_eq!(client.line().await, "closed");
    assert_eq!(start.elapsed().as_secs(), 7);
    assert!(world.backend.lines().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_silent_client_is_disconnected_and_one_that_answers_pings_is_not() {
    let world = world(Limits { silence: Duration::from_secs(30), ..Limits::default() });
    let mut answers = world.connected().await;
    let silent = world.connected().await;
    tokio::spawn(async move { answers.line().await });
    let start = Instant::now();
    let hooks = world.backend.asked_for(5).await;
    assert_eq!(hooks.last().unwrap(), "ConnectionStatusEvent DISCONNECTED");
    assert_eq!(start.elapsed().as_secs(), 30);
    sleep(Duration::from_mins(10)).await;
    assert_eq!(world.backend.lines().len(), 5);
    drop(silent);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_read_is_disconnected() {
    let world = world(Limits { queued_bytes: 1 << 20, ..Limits::default() });
    let mut publisher = world.connected().await;
    publisher.send("publishStream", json!({ "mediaSessionId": "1", "name": "a" })).await;
    publisher.line().await;
    let mut reads = world.connected().await;
    reads.send("playStream", json!({ "mediaSessionId": "2", "name": "a" })).await;
    reads.line().await;
    let mut slow = world.connected().await;
    slow.send("playStream", json!({ "mediaSessionId": "3", "name": "a" })).await;
    slow.line().await;
    let start = Instant::now();
    let payload = "x".repeat(60_000);
    for _ in 0..40 {
        publisher
            .send("sendStreamEvent", json!({ "mediaSessionId": "1", "type": "data", "payload": payload }))
            .await;
        assert_eq!(reads.line().await, "notifyStreamEvent data");
    }
    let hooks = world.backend.asked_for(14).await.split_off(12);
    let gone =
        ["StreamStatusEvent a FAILED Stopped by session disconnect", "ConnectionStatusEvent DISCONNECTED"];
    assert_eq!(hooks, gone);
    assert!(start.elapsed() < Duration::from_secs(5));
    drop(slow);
}

#[tokio::test(start_paused = true)]
async fn a_frame_that_is_too_long_ends_the_connection() {
    let world = world(Limits { frame: 1000, ..Limits::default() });
    let mut client = world.connected().await;
    let text = json!({ "message": "pushLogs", "data": [{ "logs": "x".repeat(1000) }] }).to_string();
    client.text(&text).await;
    assert_eq!(client.line().await, "closed");
    assert_eq!(world.backend.asked_for(3).await.last().unwrap(), "ConnectionStatusEvent DISCONNECTED");
}

#[tokio::test(start_paused = true)]
async fn what_is_no_text_is_passed_over() {
    let world = world(Limits::default());
    let mut client = world.connected().await;
    client.socket.send(Message::Binary(vec![0, 1, 2].into())).await.unwrap();
    client.socket.send(Message::Ping("a".into())).await.unwrap();
    client.send("ping", Value::Null).await;
    assert_eq!(client.line().await, "pong");
}

#[tokio::test(start_paused = true)]
async fn there_are_only_so_many_streams_in_a_session() {
    let world = world(Limits { streams: 1, ..Limits::default() });
    let mut client = world.connected().await;
    client.send("publishStream", json!({ "mediaSessionId": "1", "name": "a" })).await;
    client.line().await;
    client.send("publishStream", json!({ "mediaSessionId": "2", "name": "b" })).await;
    assert_eq!(client.line().await, "fail FAILED The session has too many streams StreamStatusEvent 2");
    client.send("unPublishStream", json!({ "mediaSessionId": "1" })).await;
    client.line().await;
    client.send("publishStream", json!({ "mediaSessionId": "2", "name": "b" })).await;
    assert_eq!(client.line().await, "notifyStreamStatusEvent b PUBLISHING");
}

#[tokio::test(start_paused = true)]
async fn there_are_only_so_many_sessions() {
    let world = world(Limits { sessions: 1, ..Limits::default() });
    let client = world.connected().await;
    assert_eq!(world.refused().await, 503);
    drop(client);
    world.backend.asked_for(3).await;
    world.connected().await;
}

#[tokio::test(start_paused = true)]
async fn a_gateway_that_stops_tells_of_every_session() {
    let world = world(Limits::default());
    let mut client = world.connected().await;
    client.send("publishStream", json!({ "mediaSessionId": "1", "name": "a" })).await;
    client.line().await;
    assert!(world.gateway.stop().await);
    assert_eq!(
        world.backend.lines().split_off(4),
        ["StreamStatusEvent a FAILED Stopped by session disconnect", "ConnectionStatusEvent DISCONNECTED"],
    );
    assert_eq!(client.line().await, "notifyStreamStatusEvent a FAILED Stopped by session disconnect");
    assert_eq!(client.line().await, "closed");
}

#[tokio::test(start_paused = true)]
async fn a_gateway_does_not_wait_for_a_backend_that_hangs() {
    let hangs = |_: &str, fields: &Value| {
        if fields["status"] == "DISCONNECTED" { Reply::Hang } else { Reply::Echo }
    };
    let settings = Settings { request_timeout: None, ..Settings::default() };
    let limits = Limits { stop_within: Duration::from_secs(5), ..Limits::default() };
    let world = World::built(settings, hangs, |builder| builder.limits(limits));
    let _client = world.connected().await;
    let start = Instant::now();
    assert!(!world.gateway.stop().await);
    assert_eq!(start.elapsed().as_secs(), 5);
}

#[tokio::test(start_paused = true)]
async fn a_gateway_that_stops_does_not_wait_for_who_has_not_connected() {
    let world = world(Limits::default());
    let mut client = world.client().await;
    let start = Instant::now();
    assert!(world.gateway.stop().await);
    assert_eq!(start.elapsed().as_secs(), 0);
    assert_eq!(client.line().await, "closed");
}

const MESSAGES: &[&str] = &[
    "answer",
    "availableStream",
    "call",
    "connection",
    "hangup",
    "hold",
    "notificationResult",
    "pauseStream",
    "playHLS",
    "playStream",
    "pong",
    "publishStream",
    "pushLogs",
    "sendData",
    "sendDtmf",
    "sendMessage",
    "sendStreamEvent",
    "sendXcapRequest",
    "sessionDebug",
    "snapshot",
    "stopStream",
    "submitBugReport",
    "subscribe",
    "transfer",
    "unPublishStream",
    "unhold",
    "StreamStatusEvent",
    "",
    "\u{0}",
    "\\",
    "a\"b",
];

const ARGUMENTS: &[&str] = &[
    "",
    "null",
    "0",
    "\"\"",
    "[]",
    "{}",
    "{},{}",
    r#"{"mediaSessionId":null,"callId":null,"id":null}"#,
    r#"{"mediaSessionId":1,"callId":{},"id":[],"operationId":true,"command":0}"#,
    r#"{"mediaSessionId":"","callId":"","id":"","operationId":""}"#,
    r#"{"mediaSessionId":"\ud800","callId":"\ud800","id":"\ud800","operationId":"\ud800","name":"\ud800"}"#,
    r#"{"mediaSessionId":"1","mediaSessionId":"2","name":"a","name":"b","callId":"1","callId":"2"}"#,
    r#"{"mediaSessionId":"1","name":{"a":[]},"type":[],"payload":1e999,"sdp":5,"published":"maybe","hasVideo":7}"#,
    r#"{"nodeId":"x","appKey":"x","sessionId":"x","restClientConfig":{"a":1},"status":[],"callId":"3","callee":[]}"#,
];

#[tokio::test(start_paused = true)]
async fn no_message_ends_a_session() {
    let world = world(Limits::default());
    let mut client = world.connected().await;
    for message in MESSAGES {
        for argument in ARGUMENTS {
            client.text(&format!(r#"{{"message":{},"data":[{argument}]}}"#, json!(message))).await;
            client.send("ping", Value::Null).await;
            client.until("pong").await;
        }
    }
    let nested = "[".repeat(100_000);
    for text in
        ["", "\u{feff}{}", "{\"message\":\"ping\"", "null", &nested, r#"{"message":"ping","data":[1,]}"#]
    {
        client.text(text).await;
        let line = client.line().await;
        assert!(line.starts_with("fail FAILED a frame must be"), "{line}");
    }
    assert!(world.backend.lines().iter().all(|line| !line.contains("DISCONNECTED")));
}
