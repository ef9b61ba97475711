//! The REST API: what a backend asks of the gateway.

use axum::{Router, body::Body};
use http::{
    Request, StatusCode,
    header::{AUTHORIZATION, ORIGIN},
};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;
use wcs_hooks_simulator::dispatcher::Secret;

use crate::support::{Client, Reply, World};

/// Gives a command, and gives the status of the answer and its JSON.
async fn post(rest: &Router, path: &str, body: impl Into<Body>) -> (u16, Value) {
    let request = Request::post(format!("/rest-api{path}")).body(body.into()).unwrap();
    let response = rest.clone().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&body).unwrap_or_default())
}

async fn command(rest: &Router, path: &str, body: Value) -> (u16, Value) {
    post(rest, path, body.to_string()).await
}

fn world() -> (World, Router) {
    let world = World::with(|_, _| Reply::Echo);
    let rest = world.gateway.rest_api().into_router();
    (world, rest)
}

async fn publishing(world: &World, id: &str, name: &str) -> Client {
    let mut client = world.connected().await;
    client.send("publishStream", json!({ "mediaSessionId": id, "name": name })).await;
    assert_eq!(client.line().await, format!("notifyStreamStatusEvent {name} PUBLISHING"));
    client
}

async fn playing(world: &World, id: &str, name: &str) -> Client {
    let mut client = world.connected().await;
    client.send("playStream", json!({ "mediaSessionId": id, "name": name })).await;
    assert_eq!(client.line().await, format!("notifyStreamStatusEvent {name} PLAYING"));
    client
}

#[tokio::test(start_paused = true)]
async fn data_for_a_kept_session_without_a_client_fails() {
    let (world, rest) = world();
    let mut client = world.client().await;
    client.send("connection", json!({ "keepAlive": true })).await;
    let (_, data) = client.next().await.unwrap();
    drop(client);
    // The socket ends before the clock goes on.
    tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    let data = json!({ "operationId": "7", "sessionId": data["authToken"], "payload": 1 });
    assert_eq!(command(&rest, "/data/send", data).await.0, 200);
    world.backend.asked_for(3).await;
    assert_eq!(world.backend.lines()[2], "DataStatusEvent FAILED Session not ready");
}

/// The ids of what was found.
fn ids(found: &Value, field: &str) -> Vec<String> {
    let objects = found.as_array().unwrap();
    let mut ids: Vec<_> = objects.iter().map(|object| object[field].as_str().unwrap().to_owned()).collect();
    ids.sort();
    ids
}

#[tokio::test(start_paused = true)]
async fn data_reaches_its_sessions() {
    let (world, rest) = world();
    let (mut first, mut second) = (world.phone("1").await, world.phone("2").await);
    let payload = json!({ "text": "hello", "n": 1 });
    let one = json!({ "operationId": "7", "sessionId": first.session, "payload": payload });
    assert_eq!(command(&rest, "/data/send", one).await.0, 200);
    let expected = ("OnDataEvent".to_owned(), json!({ "operationId": "7", "payload": payload }));
    assert_eq!(first.client.next().await.unwrap(), expected);
    let many = json!({ "operationId": "7", "sessionIds": [first.session, second.session, "gone"], "payload": payload });
    assert_eq!(command(&rest, "/data/send", many).await.0, 200);
    assert_eq!(first.client.next().await.unwrap(), expected);
    assert_eq!(second.client.next().await.unwrap(), expected);
    let status = world.backend.asked_about("DataStatusEvent").await;
    assert_eq!((&status["operationId"], &status["status"]), (&json!("7"), &json!("ACCEPTED")));
}

#[tokio::test(start_paused = true)]
async fn streams_are_found_by_any_field() {
    let (world, rest) = world();
    assert_eq!(post(&rest, "/stream/find_all", "").await.0, 404);
    let _clients = (publishing(&world, "1", "a").await, publishing(&world, "2", "b").await);
    let _player = playing(&world, "3", "a").await;
    for (filter, expected) in [
        (json!({}), &["1", "2", "3"][..]),
        (json!({ "name": "a" }), &["1", "3"]),
        (json!({ "name": "a", "published": true, "display": ["metrics"] }), &["1"]),
        (json!({ "status": "PLAYING" }), &["3"]),
        (json!({ "mediaSessionIds": ["2", "3", "9"] }), &["2", "3"]),
    ] {
        let (status, found) = command(&rest, "/stream/find", filter.clone()).await;
        assert_eq!(
            (status, ids(&found, "mediaSessionId")),
            (200, expected.iter().map(ToString::to_string).collect()),
            "{filter}"
        );
    }
    assert_eq!(command(&rest, "/stream/find", json!({ "name": "c" })).await.0, 404);
    assert_eq!(ids(&post(&rest, "/stream/find_all", "").await.1, "mediaSessionId"), ["1", "2", "3"]);
}

#[tokio::test(start_paused = true)]
async fn a_terminated_stream_fails_and_so_do_its_players() {
    let (world, rest) = world();
    let mut publisher = publishing(&world, "1", "a").await;
    let mut player = playing(&world, "2", "a").await;
    assert_eq!(command(&rest, "/stream/terminate", json!({ "name": "a", "published": true })).await.0, 200);
    assert_eq!(publisher.line().await, "notifyStreamStatusEvent a FAILED Stopped by rest /terminate");
    assert_eq!(player.line().await, "notifyStreamStatusEvent a FAILED Stopped by publisher stop");
    assert_eq!(command(&rest, "/stream/terminate", json!({ "name": "a" })).await.0, 404);
}

#[tokio::test(start_paused = true)]
async fn no_filter_terminates_all_streams() {
    let (world, rest) = world();
    let (mut first, mut second) = (publishing(&world, "1", "a").await, publishing(&world, "2", "b").await);
    assert_eq!(command(&rest, "/stream/terminate", json!({})).await.0, 200);
    assert_eq!(first.line().await, "notifyStreamStatusEvent a FAILED Stopped by rest /terminate");
    assert_eq!(second.line().await, "notifyStreamStatusEvent b FAILED Stopped by rest /terminate");
}

#[tokio::test(start_paused = true)]
async fn an_event_reaches_those_who_play() {
    let (world, rest) = world();
    let (_publisher, mut player) = (publishing(&world, "1", "a").await, playing(&world, "2", "a").await);
    let payload = json!({ "number": 33 });
    let event = json!({ "streamName": "a", "payload": payload });
    assert_eq!(command(&rest, "/stream/event/send", event).await.0, 200);
    let expected = json!({ "mediaSessionId": "2", "type": "data", "payload": payload });
    assert_eq!(player.next().await.unwrap(), ("notifyStreamEvent".to_owned(), expected));
    assert_eq!(command(&rest, "/stream/event/send", json!({ "streamName": "b" })).await.0, 404);
    let (status, picture) = command(&rest, "/stream/snapshot", json!({ "streamName": "a" })).await;
    assert!(status == 200 && picture.as_str().unwrap().starts_with("iVBORw0KGgo"));
}

#[tokio::test(start_paused = true)]
async fn recordings_are_kept_track_of() {
    let (world, rest) = world();
    let mut publisher = publishing(&world, "1", "a").await;
    let start = json!({ "mediaSessionId": "1", "config": { "fileTemplate": "{streamName}-{startTime}" } });
    assert_eq!(command(&rest, "/recorder/startup", start.clone()).await.0, 200);
    assert_eq!(command(&rest, "/stream/startRecording", start).await.0, 500);
    let recordings = json!([{ "fileName": "a-{startTime}.mp4", "mediaSessionId": "1" }]);
    assert_eq!(post(&rest, "/recorder/find_all", "").await, (200, recordings));
    assert_eq!(command(&rest, "/stream/stopRecording", json!({ "mediaSessionId": "1" })).await.0, 200);
    assert_eq!(command(&rest, "/recorder/terminate", json!({ "mediaSessionId": "1" })).await.0, 404);
    assert_eq!(command(&rest, "/recorder/startup", json!({ "mediaSessionId": "9" })).await.0, 404);
    command(&rest, "/recorder/startup", json!({ "mediaSessionId": "1" })).await;
    publisher.send("unPublishStream", json!({ "mediaSessionId": "1" })).await;
    publisher.line().await;
    assert_eq!(post(&rest, "/recorder/find_all", "").await.0, 404, "it ends with its stream");
}

#[tokio::test(start_paused = true)]
async fn connections_are_found_and_ended() {
    let (world, rest) = world();
    let mut phone = world.phone("3000").await;
    let _other = world.connected().await;
    let (status, found) = command(&rest, "/connection/find", json!({ "sipLogin": "3000" })).await;
    assert_eq!((status, ids(&found, "sessionId")), (200, vec![phone.session.clone()]));
    assert_eq!(post(&rest, "/connection/find_all", "").await.1.as_array().unwrap().len(), 2);
    let this = json!({ "sessionId": phone.session });
    assert_eq!(command(&rest, "/connection/set_log_level", this.clone()).await.0, 200);
    assert_eq!(command(&rest, "/connection/terminate", this.clone()).await.0, 200);
    assert_eq!(phone.client.line().await, "closed");
    world.backend.ended(&phone.session).await;
    assert_eq!(command(&rest, "/connection/terminate", this).await.0, 404);
}

#[tokio::test(start_paused = true)]
async fn secrets_of_a_connection_are_not_shown() {
    let (world, rest) = world();
    let mut client = world.client().await;
    client.send("connection", json!({ "sipPassword": "hush", "custom": { "token": "hush" } })).await;
    client.next().await;
    let (_, found) = post(&rest, "/connection/find_all", "").await;
    assert!(found[0]["sipPassword"].is_string() && !found.to_string().contains("hush"), "{found}");
}

#[tokio::test(start_paused = true)]
async fn a_call_is_found_and_ended() {
    let (world, rest) = world();
    let (mut anna, mut ben) = (world.phone("3000").await, world.phone("3001").await);
    anna.client.send("call", json!({ "callId": "1", "callee": "3001", "sdp": "offer" })).await;
    let (_, id) = ben.client.next().await.unwrap();
    ben.client.next().await;
    let (_, found) = command(&rest, "/call/find", json!({ "incoming": true })).await;
    assert_eq!(ids(&found, "callId"), [id.as_str().unwrap()]);
    assert_eq!(post(&rest, "/call/find_all", "").await.1.as_array().unwrap().len(), 2);
    assert_eq!(command(&rest, "/call/send_dtmf", json!({ "callId": "1", "dtmf": "7" })).await.0, 200);
    assert_eq!(world.backend.asked_about("sendDtmf").await["dtmf"], "7");
    assert_eq!(command(&rest, "/call/terminate", json!({ "callId": "1" })).await.0, 200);
    assert_eq!(ben.client.line().await, "finish FINISH");
    assert_eq!(command(&rest, "/call/terminate", json!({ "callId": "1" })).await.0, 404);
}

/// The published command, with its booleans and its port as texts.
#[tokio::test(start_paused = true)]
async fn a_call_is_started() {
    let (world, rest) = world();
    let mut callee = world.phone("10000").await;
    let start = json!({ "callId": "123456711", "callee": "10000", "rtmpUrl": "rtmp://localhost:1935/live",
        "rtmpStream": "stream1", "hasAudio": "true", "hasVideo": "false", "sipLogin": "10009",
        "sipAuthenticationName": "10009", "sipPassword": "1234", "sipDomain": "226.226.225.226",
        "sipOutboundProxy": "226.226.225.226", "sipPort": "5060", "appKey": "defaultApp",
        "sipRegisterRequired": "false", "visibleName": "WCS_10009" });
    assert_eq!(command(&rest, "/call/startup", start.clone()).await, (200, Value::Null));
    let offer = callee.client.frame().await;
    assert!(offer["data"][1].as_str().unwrap().contains("m=audio"));
    let (message, call) = callee.client.next().await.unwrap();
    assert_eq!(
        (&*message, &call["caller"], &call["hasVideo"]),
        ("notifyIncomingCall", &json!("10009"), &json!(false))
    );
    assert_eq!(command(&rest, "/call/startup", start).await.0, 409);
    callee.client.send("answer", json!({ "callId": call["callId"], "sdp": "answer" })).await;
    assert_eq!(callee.client.line().await, "talk ESTABLISHED");
    assert_eq!(command(&rest, "/call/terminate", json!({ "callId": "123456711" })).await.0, 200);
    assert_eq!(callee.client.line().await, "finish FINISH");
    let session = world.backend.asked_about("call").await["sessionId"].as_str().unwrap().to_owned();
    let asked = world.backend.ended(&session).await;
    let hooks: Vec<_> = asked.iter().map(String::as_str).collect();
    let expected = [
        "connect",
        "ConnectionStatusEvent ESTABLISHED",
        "call PENDING",
        "CallStatusEvent TRYING",
        "CallStatusEvent RING",
        "CallStatusEvent ESTABLISHED",
        "hangup ESTABLISHED",
        "CallStatusEvent FINISH",
        "ConnectionStatusEvent DISCONNECTED",
    ];
    assert_eq!(hooks, expected);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_cannot_be_started() {
    let world = World::with(|_, _| Reply::Refuse(403, "Not today"));
    let rest = world.gateway.rest_api().into_router();
    for (body, expected) in [
        (json!({ "callId": "1" }), 400),
        (json!({ "callee": "1" }), 400),
        (json!({ "callId": "1", "callee": "2", "appKey": "unknownApp" }), 500),
        (json!({ "callId": "1", "callee": "2" }), 500),
    ] {
        assert_eq!(command(&rest, "/call/startup", body.clone()).await.0, expected, "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_no_command() {
    let (_world, rest) = world();
    for (path, body, expected) in [
        ("/stream/find", "{", 400),
        ("/stream/find", "[]", 400),
        ("/stream/terminate", "\u{1}", 400),
        ("/data/send", "{}", 400),
        ("/data/send", r#"{"operationId":"1"}"#, 400),
        ("/data/send", r#"{"operationId":"1","sessionId":"gone"}"#, 404),
        ("/stream/event/send", "{}", 400),
        ("/connection/terminate", "{}", 400),
        ("/call/terminate", "{}", 400),
        ("/call/terminate", r#"{"callId":"9"}"#, 404),
        ("/mixer/startup", "{}", 501),
        ("/push/find_all", "", 501),
    ] {
        assert_eq!(post(&rest, path, body).await.0, expected, "{path} {body}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_is_too_long() {
    let (world, _) = world();
    let rest = world.gateway.rest_api().max_body(10).into_router();
    assert_eq!(post(&rest, "/stream/find", r#"{"a":1234}"#).await.0, 404);
    assert_eq!(post(&rest, "/stream/find", r#"{"a":12345}"#).await.0, 413);
}

#[tokio::test(start_paused = true)]
async fn credentials_are_asked_for() {
    let (world, _) = world();
    let rest = world.gateway.rest_api().credentials("user", &Secret::from("pass")).into_router();
    for (header, expected) in [
        (None, StatusCode::UNAUTHORIZED),
        (Some("Basic dXNlcjpwYXNz"), StatusCode::NOT_FOUND),
        (Some("basic dXNlcjpwYXNz"), StatusCode::NOT_FOUND),
        (Some("Basic dXNlcjpwYXNT"), StatusCode::UNAUTHORIZED),
        (Some("Bearer dXNlcjpwYXNz"), StatusCode::UNAUTHORIZED),
        (Some("dXNlcjpwYXNz"), StatusCode::UNAUTHORIZED),
    ] {
        let request = Request::post("/rest-api/stream/find_all");
        let request =
            header.into_iter().fold(request, |request, header| request.header(AUTHORIZATION, header));
        let response = rest.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), expected, "{header:?}");
    }
}

/// A browser sends such a command from any page, without asking first.
#[tokio::test(start_paused = true)]
async fn a_page_gives_no_commands() {
    let (world, _) = world();
    let rest = world.gateway.rest_api().with_control().into_router();
    for path in ["/rest-api/stream/terminate", "/simulator/storm"] {
        for origin in ["https://page.example", "http://127.0.0.1:8888", "null"] {
            let request = Request::post(path).header(ORIGIN, origin).body(Body::empty()).unwrap();
            let response = rest.clone().oneshot(request).await.unwrap();
            assert_eq!(response.status(), StatusCode::FORBIDDEN, "{path} {origin}");
        }
    }
}

/// A page's name may lead to this machine; its browser sends no `Origin` with what it reads of its own name.
#[tokio::test(start_paused = true)]
async fn only_names_of_private_networks_and_of_the_node_are_answered() {
    let (world, _) = world();
    let rest = world.gateway.rest_api().with_control().into_router();
    let status = async |host: &str| {
        let request = Request::get("/simulator/state").header("host", host).body(Body::empty()).unwrap();
        rest.clone().oneshot(request).await.unwrap().status().as_u16()
    };
    for (host, expected) in [
        ("127.0.0.1:8888", 200),
        ("localhost:8888", 200),
        ("simulator:8888", 200),
        ("page.example:8888", 421),
        ("wcs.example:8888", 421),
    ] {
        assert_eq!(status(host).await, expected, "{host}");
    }
    world.gateway.set_node_id("Hw47CFMBEchVOpBMDr29IxjudnJ1sjOY@wcs.example");
    assert_eq!(status("wcs.example:8888").await, 200);
    assert_eq!(status("page.example:8888").await, 421);
}
