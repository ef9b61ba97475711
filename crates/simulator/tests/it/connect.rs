//! How sessions open and are refused.

use std::time::Duration;

use serde_json::{Value, json};
use wcs_hooks_simulator::{
    Gateway,
    dispatcher::{App, Settings},
};

use crate::support::{Reply, World};

#[tokio::test(start_paused = true)]
async fn a_client_connects() {
    let world = World::with(|_, _| Reply::Echo);
    let mut client = world.client().await;
    let connection = json!({
        "appKey": "defaultApp", "mediaProviders": ["WebRTC"], "authToken": "old", "custom": { "token": "1" },
        "restClientConfig": { "publishStream": { "restOnError": "FAIL" } }, "unknown": null,
    });
    client.send("connection", connection).await;
    let (message, data) = client.next().await.unwrap();
    assert_eq!(message, "getUserData");
    let connect = world.backend.asked_about("connect").await;
    let session = connect["sessionId"].clone();
    assert_eq!(session.as_str().unwrap().len(), 36);
    let mut expected = json!({
        "nodeId": "Hw47CFMBEchVOpBMDr29IxjudnJ1sjOY@127.0.0.1", "appKey": "defaultApp", "sessionId": session,
        "mediaProviders": ["WebRTC"], "custom": { "token": "1" }, "origin": "https://page.example",
        "useWsTunnel": false, "useWsTunnelPacketization2": false, "useBase64BinaryEncoding": false,
    });
    assert_eq!(connect, expected);
    expected["authToken"] = session;
    expected["status"] = "ESTABLISHED".into();
    assert_eq!(world.backend.asked_about("ConnectionStatusEvent").await, expected);
    for context in ["nodeId", "appKey", "sessionId"] {
        expected.as_object_mut().unwrap().remove(context);
    }
    assert_eq!(data, expected);
    assert_eq!(world.backend.lines().len(), 2);
}

type Answer = fn(&str, &Value) -> Reply;

fn refuses(_: &str, _: &Value) -> Reply {
    Reply::Refuse(403, "Wrong token")
}

fn fails(_: &str, _: &Value) -> Reply {
    Reply::Refuse(500, "only a 4xx has a reason of its own")
}

fn hangs(_: &str, _: &Value) -> Reply {
    Reply::Hang
}

fn answers_no_object(_: &str, _: &Value) -> Reply {
    Reply::Object(json!([]))
}

#[tokio::test(start_paused = true)]
async fn a_refused_client_learns_why_and_is_disconnected() {
    let cases: [(Answer, Value, &str, usize); 6] = [
        (refuses, json!({}), "Wrong token", 1),
        (fails, json!({}), "Internal Server Error", 1),
        (answers_no_object, json!({}), "Failed by error", 1),
        (hangs, json!({}), "Failed by request timeout", 1),
        (refuses, json!({ "appKey": "unknownApp" }), "There is no app unknownApp", 0),
        (refuses, json!(7), "The argument of connection must be an object", 0),
    ];
    for (answer, connection, info, asked) in cases {
        let world = World::with(answer);
        let mut client = world.client().await;
        client.send("connection", connection).await;
        assert_eq!(client.line().await, format!("fail FAILED {info} ConnectionStatusEvent"));
        assert_eq!(client.line().await, "closed");
        assert_eq!(world.backend.lines(), vec!["connect"; asked], "{info}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_names_its_app_or_gets_the_default_one() {
    let other = App::new("roomApp", "http://rooms").unwrap();
    let world = World::built(Settings::default(), |_, _| Reply::Echo, |builder| builder.app(other));
    for (connection, app) in [
        (json!({}), "defaultApp"),
        (json!({ "appKey": "" }), "defaultApp"),
        (json!({ "appKey": "roomApp" }), "roomApp"),
    ] {
        let mut client = world.client().await;
        client.send("connection", connection).await;
        client.line().await;
        assert_eq!(world.backend.last("connect")["appKey"], app);
    }
}

/// Gives the SIP account, which stays with the backend.
fn gives_an_account(hook: &str, fields: &Value) -> Reply {
    if hook != "connect" {
        return Reply::Echo;
    }
    let mut object = fields.clone();
    object["sipLogin"] = "1001".into();
    object["sipPassword"] = "secret".into();
    object["restClientConfig"]["ConnectionStatusEvent"] = json!({ "clientExclude": "sipLogin,sipPassword" });
    Reply::Object(object)
}

#[tokio::test(start_paused = true)]
async fn an_account_that_the_backend_gives_registers_and_stays_hidden() {
    let world = World::with(gives_an_account);
    let mut client = world.client().await;
    client.send("connection", json!({ "custom": {} })).await;
    let (_, data) = client.next().await.unwrap();
    assert!(data.get("sipLogin").is_none() && data.get("sipPassword").is_none(), "{data}");
    assert_eq!(client.next().await.unwrap(), ("registered".to_owned(), json!({})));
    let registration = world.backend.asked_about("RegistrationStatusEvent").await;
    assert_eq!((&registration["status"], &registration["sipLogin"]), (&json!("REGISTERED"), &json!("1001")));
    assert_eq!(
        world.backend.lines(),
        ["connect", "ConnectionStatusEvent ESTABLISHED", "RegistrationStatusEvent REGISTERED"],
    );
}

#[tokio::test(start_paused = true)]
async fn who_does_not_want_to_register_does_not() {
    let world = World::with(|_, _| Reply::Echo);
    for connection in [
        json!({ "sipLogin": "1001", "sipRegisterRequired": false }),
        json!({ "sipLogin": "1001", "sipRegisterRequired": "false" }),
        json!({ "sipLogin": "" }),
    ] {
        let mut client = world.client().await;
        client.send("connection", connection).await;
        assert_eq!(client.line().await, "getUserData ESTABLISHED");
        client.send("ping", Value::Null).await;
        assert_eq!(client.line().await, "pong");
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_leaves_while_the_backend_thinks_is_told_of() {
    let world = World::with(|_, _| Reply::Echo);
    world.backend.slow(Duration::from_secs(3));
    let mut client = world.client().await;
    client.send("connection", json!({})).await;
    drop(client);
    let hooks = world.backend.asked_for(3).await;
    assert_eq!(hooks, ["connect", "ConnectionStatusEvent ESTABLISHED", "ConnectionStatusEvent DISCONNECTED"]);
}

#[tokio::test(start_paused = true)]
async fn another_node_id_is_for_sessions_to_come() {
    let world = World::with(|_, _| Reply::Echo);
    let mut before = world.connected().await;
    world.gateway.set_node_id("other@10.0.0.1");
    let _after = world.connected().await;
    assert_eq!(world.backend.last("connect")["nodeId"], "other@10.0.0.1");
    before.send("pushLogs", json!({ "logs": "" })).await;
    let node = world.backend.asked_about("pushLogs").await["nodeId"].clone();
    assert_eq!(node, "Hw47CFMBEchVOpBMDr29IxjudnJ1sjOY@127.0.0.1");
}

#[test]
fn a_gateway_needs_apps_with_keys_of_their_own() {
    let app = || App::new("defaultApp", "http://backend").unwrap();
    let built = Gateway::builder(Settings::default()).app(app()).app(app()).build();
    assert_eq!(built.unwrap_err().to_string(), "two apps have the key defaultApp: each needs its own");
}
