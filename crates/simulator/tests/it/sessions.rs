//! What goes on while a session lasts: keep-alives, and connections that are lost.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use wcs_hooks_simulator::{Limits, dispatcher::Settings};

use crate::support::{Reply, World};

fn kills(hook: &str, fields: &Value) -> Reply {
    match hook {
        "connect" => {
            let mut object = fields.clone();
            object["restClientConfig"]["StreamKeepAliveEvent"] =
                json!({ "restOnError": "FAIL", "restExclude": "sdp" });
            Reply::Object(object)
        }
        "StreamKeepAliveEvent" if fields["name"] == "bad" => Reply::Refuse(403, "Not you"),
        _ => Reply::Echo,
    }
}

#[tokio::test(start_paused = true)]
async fn a_keep_alive_that_is_refused_ends_its_stream_and_nothing_else() {
    let settings = Settings {
        keep_alive_enabled: true,
        keep_alive_interval: Duration::from_secs(10),
        ..Settings::default()
    };
    let world = World::built(settings, kills, |builder| builder);
    let mut client = world.connected().await;
    let start = Instant::now();
    for (id, name) in [("1", "good"), ("2", "bad")] {
        client.send("publishStream", json!({ "mediaSessionId": id, "name": name, "sdp": "v=0" })).await;
        assert_eq!(client.line().await, format!("notifyStreamStatusEvent {name} PUBLISHING"));
    }
    assert_eq!(client.line().await, "notifyStreamStatusEvent bad FAILED Terminated by keep-alive");
    assert_eq!(start.elapsed().as_secs(), 10);
    let hooks = world.backend.asked_for(10).await.split_off(6);
    assert_eq!(
        hooks,
        [
            "StreamKeepAliveEvent good PUBLISHING",
            "StreamKeepAliveEvent bad PUBLISHING",
            "StreamStatusEvent bad FAILED Terminated by keep-alive",
            "StreamKeepAliveEvent good PUBLISHING",
        ],
    );
    assert_eq!(start.elapsed().as_secs(), 20);
    assert!(world.backend.asked_about("StreamKeepAliveEvent").await.get("sdp").is_none());
}

#[tokio::test(start_paused = true)]
async fn without_the_setting_there_are_no_keep_alives() {
    let world = World::with(kills);
    let mut client = world.connected().await;
    client.send("publishStream", json!({ "mediaSessionId": "1", "name": "bad" })).await;
    client.line().await;
    tokio::spawn(async move { client.line().await });
    sleep(Duration::from_mins(5)).await;
    assert_eq!(world.backend.lines().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_kept_session_outlives_its_connection() {
    let world = World::with(|_, _| Reply::Echo);
    let mut client = world.client().await;
    client.send("connection", json!({ "keepAlive": true, "sipLogin": "1001" })).await;
    let (_, first) = client.next().await.unwrap();
    assert_eq!(client.line().await, "registered");
    client.send("publishStream", json!({ "mediaSessionId": "1", "name": "a" })).await;
    client.line().await;
    drop(client);
    sleep(Duration::from_secs(59)).await;

    let mut client = world.client().await;
    client.send("connection", json!({ "keepAlive": true, "authToken": first["authToken"] })).await;
    let (message, second) = client.next().await.unwrap();
    assert_eq!((&*message, &second), ("getUserData", &first));
    assert_eq!(client.line().await, "registered");
    client.send("unPublishStream", json!({ "mediaSessionId": "1" })).await;
    assert_eq!(client.line().await, "notifyStreamStatusEvent a UNPUBLISHED");
    let before = world.backend.lines().len();
    let start = Instant::now();
    drop(client);
    let hooks = world.backend.asked_for(before + 1).await;
    assert_eq!(hooks[before], "ConnectionStatusEvent DISCONNECTED");
    assert_eq!(start.elapsed().as_secs(), 60);
    assert_eq!(hooks.iter().filter(|hook| *hook == "connect").count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_comes_back_takes_the_place_of_its_old_connection() {
    let world = World::with(|_, _| Reply::Echo);
    let mut old = world.client().await;
    old.send("connection", json!({ "keepAlive": true })).await;
    let (_, data) = old.next().await.unwrap();
    let mut new = world.client().await;
    new.send("connection", json!({ "authToken": data["authToken"] })).await;
    assert_eq!(new.line().await, "getUserData ESTABLISHED");
    assert_eq!(old.line().await, "closed");
    new.send("ping", Value::Null).await;
    assert_eq!(new.line().await, "pong");
}

#[tokio::test(start_paused = true)]
async fn a_token_opens_nothing_that_is_not_kept_or_is_of_another_app() {
    let other = wcs_hooks_simulator::dispatcher::App::new("other", "http://backend").unwrap();
    let world = World::built(Settings::default(), |_, _| Reply::Echo, |builder| builder.app(other));
    for (first, second) in
        [(json!({}), json!({})), (json!({ "keepAlive": true }), json!({ "appKey": "other" }))]
    {
        let mut client = world.client().await;
        client.send("connection", first).await;
        let (_, data) = client.next().await.unwrap();
        let mut thief = world.client().await;
        let mut connection = second;
        connection["authToken"] = data["authToken"].clone();
        thief.send("connection", connection).await;
        let (_, stolen) = thief.next().await.unwrap();
        assert_ne!(stolen["authToken"], data["authToken"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_waits_no_longer_than_it_is_kept() {
    let limits = Limits { kept_for: Duration::from_secs(5), ..Limits::default() };
    let world = World::built(Settings::default(), |_, _| Reply::Echo, |builder| builder.limits(limits));
    let mut client = world.client().await;
    client.send("connection", json!({ "keepAlive": true })).await;
    let (_, data) = client.next().await.unwrap();
    drop(client);
    world.backend.asked_for(3).await;
    let mut late = world.client().await;
    late.send("connection", json!({ "authToken": data["authToken"] })).await;
    let (_, other) = late.next().await.unwrap();
    assert_ne!(other["authToken"], data["authToken"]);
}

#[tokio::test(start_paused = true)]
async fn a_backend_that_panics_leaves_nothing_behind() {
    let panics = |hook: &str, _: &Value| {
        assert_ne!(hook, "pushLogs", "a test of panics");
        Reply::Echo
    };
    let world = World::with(panics);
    let mut client = world.connected().await;
    client.send("publishStream", json!({ "mediaSessionId": "1", "name": "a" })).await;
    client.line().await;
    client.send("pushLogs", json!({})).await;
    assert_eq!(client.line().await, "closed");
    let mut other = world.connected().await;
    other.send("publishStream", json!({ "mediaSessionId": "1", "name": "a" })).await;
    assert_eq!(other.line().await, "notifyStreamStatusEvent a PUBLISHING");
    assert!(world.gateway.stop().await);
}
