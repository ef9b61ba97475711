//! What makes a gateway misbehave, over HTTP.

use std::time::Duration;

use axum::{Router, body::Body};
use http::{Method, Request};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;
use wcs_hooks_simulator::{
    Limits,
    dispatcher::{Secret, Settings},
    storm::{Storm, StormError, StormPhase},
};

use crate::support::{Reply, World};

/// The status of an answer, and its JSON or text.
async fn ask(control: &Router, method: Method, path: &str, body: Value) -> (u16, Value) {
    let request = Request::builder().method(method).uri(format!("/simulator{path}"));
    let response =
        control.clone().oneshot(request.body(Body::from(body.to_string())).unwrap()).await.unwrap();
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let text = || String::from_utf8_lossy(&body).into_owned().into();
    (status, serde_json::from_slice(&body).unwrap_or_else(|_| text()))
}

async fn post(control: &Router, path: &str, body: Value) -> (u16, Value) {
    ask(control, Method::POST, path, body).await
}

pub(crate) async fn state(control: &Router) -> Value {
    let (status, state) = ask(control, Method::GET, "/state", json!({})).await;
    assert_eq!(status, 200, "{state}");
    state
}

fn controlled(world: World) -> (World, Router) {
    let control = world.gateway.rest_api().with_control().into_router();
    (world, control)
}

fn world() -> (World, Router) {
    controlled(World::with(|_, _| Reply::Echo))
}

#[tokio::test(start_paused = true)]
async fn the_state_of_a_gateway() {
    let (world, control) = world();
    let mut phone = world.phone("3000").await;
    phone.client.send("publishStream", json!({ "mediaSessionId": "1", "name": "a" })).await;
    phone.client.line().await;
    let state = state(&control).await;
    let expected = json!({ "nodeId": world.gateway.node_id(), "sessions": 1, "streams": 1, "calls": 0,
        "faults": state["faults"], "storm": null });
    assert_eq!(state, expected);
}

#[tokio::test(start_paused = true)]
async fn faults_are_set_while_it_runs() {
    let (world, control) = world();
    let rules = json!([{ "fault": { "slow": { "fromMs": 7000, "toMs": 7000 } }, "hooks": ["publishStream"], "probability": 1.0 }]);
    let (status, faults) = post(&control, "/faults", json!({ "seed": 7, "rules": rules })).await;
    assert_eq!((status, &faults["rules"]), (200, &rules));
    let mut client = world.connected().await;
    let began = tokio::time::Instant::now();
    client.send("publishStream", json!({ "mediaSessionId": "1", "name": "a" })).await;
    assert_eq!(client.line().await, "notifyStreamStatusEvent a PUBLISHING");
    assert_eq!(began.elapsed().as_secs(), 7);
    assert_eq!(state(&control).await["faults"]["counts"]["slow"], 1);
    post(&control, "/faults", json!({ "rules": [] })).await;
    assert_eq!(state(&control).await["faults"]["rules"], json!([]));
}

#[tokio::test(start_paused = true)]
async fn a_duplicated_hook_reaches_the_backend_twice_and_the_client_hears_once() {
    let (world, control) = world();
    let rules = json!([{ "fault": { "duplicated": { "afterMs": 0 } }, "hooks": ["OnDataEvent"] }]);
    post(&control, "/faults", json!({ "rules": rules })).await;
    let mut client = world.connected().await;
    client.send("sendData", json!({ "operationId": "1", "payload": {} })).await;
    assert_eq!(client.line().await, "DataStatusEvent ACCEPTED");
    client.send("ping", Value::Null).await;
    assert_eq!(client.line().await, "pong");
    let asked = world.backend.lines();
    assert_eq!(asked.iter().filter(|line| *line == "OnDataEvent").count(), 2, "{asked:?}");
}

#[tokio::test(start_paused = true)]
async fn a_storm_of_clients() {
    let (world, _) = world();
    let storm = Storm { sessions: 500, stay: Duration::from_secs(3), ..Storm::default() };
    let storm = world.gateway.storm(storm).unwrap();
    let staying = storm.reached(StormPhase::Staying).await;
    assert_eq!((staying.connected, staying.publishing, staying.refused), (500, 500, 0));
    assert_eq!(world.gateway.storm(Storm::default()).unwrap_err(), StormError::Running);
    let over = storm.reached(StormPhase::Over).await;
    assert_eq!(over.left, 500);
    let asked = world.backend.lines();
    let count = |line: &str| asked.iter().filter(|asked| asked.ends_with(line)).count();
    assert_eq!(count("FAILED Stopped by session disconnect"), 500);
    assert_eq!(count("ConnectionStatusEvent DISCONNECTED"), 500);
    assert!(world.gateway.storm(Storm { publish: false, sessions: 1, ..Storm::default() }).is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_storm_over_http() {
    let (_world, control) = world();
    let (status, progress) = post(&control, "/storm", json!({ "sessions": 10, "stayMs": 60_000 })).await;
    assert_eq!((status, &progress["phase"], &progress["sessions"]), (200, &json!("connecting"), &json!(10)));
    assert_eq!(post(&control, "/storm", json!({})).await.0, 409);
    while state(&control).await["storm"]["phase"] != "staying" {
        tokio::task::yield_now().await;
    }
    assert_eq!(state(&control).await["streams"], 10);
    let began = tokio::time::Instant::now();
    assert_eq!(ask(&control, Method::DELETE, "/storm", json!({})).await.0, 200);
    while state(&control).await["storm"]["phase"] != "over" {
        tokio::task::yield_now().await;
    }
    assert_eq!(began.elapsed(), Duration::ZERO);
    let state = state(&control).await;
    assert_eq!(
        (&state["storm"]["left"], &state["sessions"], &state["streams"]),
        (&json!(10), &json!(0), &json!(0))
    );
}

/// Why clients of a storm do not connect.
#[tokio::test(start_paused = true)]
async fn a_storm_that_is_refused() {
    let refusing =
        World::with(|hook, _| if hook == "connect" { Reply::Refuse(403, "No") } else { Reply::Echo });
    let limits = Limits { sessions: 3, ..Limits::default() };
    let small = World::built(Settings::default(), |_, _| Reply::Echo, |builder| builder.limits(limits));
    for (world, connected, refused) in [(refusing, 0, 10), (small, 3, 7)] {
        let storm = world.gateway.storm(Storm { sessions: 10, ..Storm::default() }).unwrap();
        let over = storm.reached(StormPhase::Over).await;
        assert_eq!((over.connected, over.refused, over.left), (connected, refused, connected));
    }
}

/// What the backend and the clients hear of a restart.
#[tokio::test(start_paused = true)]
async fn a_restart() {
    for (how, told) in [("crash", false), ("orderly", true)] {
        let (world, control) = world();
        let mut phone = world.phone("3000").await;
        phone.client.send("publishStream", json!({ "mediaSessionId": "1", "name": "a" })).await;
        phone.client.line().await;
        let before = world.gateway.node_id();
        let (_, ended) = post(&control, "/restart", json!({ "how": how, "newNodeId": true })).await;
        assert_eq!(ended, json!({ "sessions": 1, "nodeId": world.gateway.node_id() }));
        assert!(before != world.gateway.node_id() && world.gateway.node_id().ends_with("@127.0.0.1"));
        while phone.client.line().await != "closed" {}
        while state(&control).await["sessions"] != 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(state(&control).await["streams"], 0);
        let again = world.phone("3000").await;
        let asked = world.backend.lines_of(&phone.session);
        let events = [
            "StreamStatusEvent a FAILED Stopped by session disconnect",
            "ConnectionStatusEvent DISCONNECTED",
        ];
        let is_told = events.iter().all(|event| asked.iter().any(|asked| asked == event));
        assert_eq!(is_told, told, "{how}: {asked:?}");
        assert_ne!(again.session, phone.session);
    }
}

/// The backend has accepted it when WCS comes back, and hears no more of it.
#[tokio::test(start_paused = true)]
async fn a_crash_while_a_client_connects() {
    for (how, told) in [("crash", false), ("orderly", true)] {
        let (world, control) = world();
        let rules = json!([{ "fault": { "slow": { "fromMs": 2000, "toMs": 2000 } }, "hooks": ["connect"] }]);
        post(&control, "/faults", json!({ "rules": rules })).await;
        let mut client = world.client().await;
        client.send("connection", json!({})).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(post(&control, "/restart", json!({ "how": how })).await.1["sessions"], 0);
        assert_eq!(client.line().await, if told { "getUserData ESTABLISHED" } else { "closed" });
        let expected: &[&str] =
            if told { &["connect", "ConnectionStatusEvent ESTABLISHED"] } else { &["connect"] };
        assert_eq!(world.backend.lines(), expected);
        assert_eq!(state(&control).await["sessions"], usize::from(told));
    }
}

#[tokio::test(start_paused = true)]
async fn a_node_id_for_those_who_connect_from_now_on() {
    let (world, control) = world();
    let _before = world.connected().await;
    assert_eq!(post(&control, "/node-id", json!({ "nodeId": "other@10.0.0.1" })).await.0, 200);
    let phone = world.phone("3000").await;
    let command = Request::post("/rest-api/connection/find");
    let command = command.body(Body::from(json!({ "sipLogin": "3000" }).to_string())).unwrap();
    let response = control.clone().oneshot(command).await.unwrap();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let connections: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(
        (&connections[0]["nodeId"], &connections[0]["sessionId"]),
        (&json!("other@10.0.0.1"), &json!(phone.session))
    );
    let (_, renewed) = post(&control, "/node-id", json!({})).await;
    assert!(renewed["nodeId"].as_str().unwrap().ends_with("@10.0.0.1"));
}

#[tokio::test(start_paused = true)]
async fn clients_are_disconnected() {
    let (world, control) = world();
    let (mut first, mut second) = (world.phone("1").await, world.phone("2").await);
    assert_eq!(post(&control, "/disconnect", json!({ "sipLogin": "1" })).await.1["sessions"], 1);
    assert_eq!(first.client.line().await, "closed");
    world.backend.ended(&first.session).await;
    assert_eq!(post(&control, "/disconnect", json!({})).await.1["sessions"], 1);
    assert_eq!(second.client.line().await, "closed");
}

#[tokio::test(start_paused = true)]
async fn rtsp_clients() {
    let settings = Settings { rtsp_auth_enabled: true, ..Settings::default() };
    let answer = |_: &str, fields: &Value| {
        if fields["custom"]["aclAuth"] == "1" { Reply::Echo } else { Reply::Refuse(403, "No") }
    };
    let (_world, control) = controlled(World::built(settings, answer, |builder| builder));
    for (url, expected) in [("rtsp://wcs:5554/a?aclAuth=1", true), ("rtsp://wcs:5554/a", false)] {
        let answer = post(&control, "/play-rtsp", json!({ "url": url })).await;
        assert_eq!(answer, (200, json!({ "asked": true, "allowed": expected })), "{url}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_makes_no_sense_is_said() {
    let (_world, control) = world();
    for (path, body, expected) in [
        ("/faults", json!({}), "missing field `rules`"),
        (
            "/faults",
            json!({ "rules": [{ "fault": { "duplicated": { "afterMs": 0 } }, "probability": 2 }] }),
            "rule 0: `probability` must be from 0 to 1",
        ),
        ("/storm", json!({ "sessions": 0 }), "`sessions` must be from 1 to 50000"),
        ("/storm", json!({ "sessions": 50_001 }), "`sessions` must be from 1 to 50000"),
        ("/storm", json!({ "session": 1 }), "unknown field `session`"),
        ("/restart", json!({}), "missing field `how`"),
        ("/restart", json!({ "how": "loud" }), "unknown variant `loud`"),
        ("/play-rtsp", json!({ "url": "rtsp://wcs/a?appKey=none" }), "no RTSP URL of an app"),
    ] {
        let (status, why) = post(&control, path, body).await;
        assert_eq!(status, 400, "{path} {why}");
        assert!(why.as_str().unwrap().contains(expected), "{path} {why}");
    }
    assert_eq!(ask(&control, Method::DELETE, "/storm", json!({})).await.0, 404);
}

#[tokio::test(start_paused = true)]
async fn control_is_there_only_if_asked_for_and_behind_the_credentials() {
    let (world, _) = world();
    let without = world.gateway.rest_api().into_router();
    assert_eq!(ask(&without, Method::GET, "/state", json!({})).await.0, 404);
    let behind =
        world.gateway.rest_api().with_control().credentials("user", &Secret::from("pass")).into_router();
    assert_eq!(ask(&behind, Method::GET, "/state", json!({})).await.0, 401);
}
