//! How sessions open and are refused.

use serde_json::json;

use crate::support::{Reply, World};

#[tokio::test(start_paused = true)]
async fn a_client_connects() {
    let world = World::with(|_, _| Reply::Echo);
    let mut client = world.client().await;
    client
        .send("connection", json!({ "appKey": "defaultApp", "authToken": null, "custom": { "token": "1" } }))
        .await;
    let (message, data) = client.next().await.unwrap();
    assert_eq!((&*message, &data["status"]), ("getUserData", &json!("ESTABLISHED")));

    let connect = world.backend.asked_about("connect").await;
    assert_eq!(data["authToken"], connect["sessionId"]);
    assert_eq!(connect["nodeId"], "Hw47CFMBEchVOpBMDr29IxjudnJ1sjOY@127.0.0.1");
    assert_eq!(connect["origin"], "https://page.example");
    assert_eq!(connect["custom"]["token"], "1");
    assert!(connect.get("authToken").is_none());
    assert_eq!(world.backend.lines(), ["connect", "ConnectionStatusEvent ESTABLISHED"]);
}

#[tokio::test(start_paused = true)]
async fn a_refused_client_learns_why_and_is_disconnected() {
    let world = World::with(|_, _| Reply::Refuse(403, "Wrong token"));
    let mut client = world.client().await;
    client.send("connection", json!({})).await;
    assert_eq!(client.line().await, "fail FAILED Wrong token ConnectionStatusEvent");
    assert_eq!(client.line().await, "closed");
    assert_eq!(world.backend.lines(), ["connect"]);
}
