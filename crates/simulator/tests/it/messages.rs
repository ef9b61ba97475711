//! Messages between two logins.

use serde_json::{Value, json};

use crate::support::{Reply, World};

fn message(to: &str) -> Value {
    json!({ "id": "m", "from": "alice", "to": to, "body": "hello", "contentType": "text/plain" })
}

#[tokio::test(start_paused = true)]
async fn a_message_reaches_who_is_registered() {
    let world = World::with(|_, _| Reply::Echo);
    let (mut alice, mut bob) = (world.phone("alice").await, world.phone("bob").await);
    alice.client.send("sendMessage", message("bob")).await;
    let (name, received) = bob.client.next().await.unwrap();
    assert_eq!(
        (&*name, &received["status"], &received["body"]),
        ("notifyMessage", &json!("RECEIVED"), &json!("hello"))
    );
    assert_eq!(alice.client.line().await, "notifyMessage SENT m");
    assert_eq!(alice.client.line().await, "notifyMessage ACCEPTED m");
    assert_eq!(world.asked_of(&bob), ["OnMessageEvent RECEIVED m"]);
    let sent = ["sendMessage m", "MessageStatusEvent SENT m", "MessageStatusEvent ACCEPTED m"];
    assert_eq!(world.asked_of(&alice), sent);
    bob.client.send("notificationResult", json!({})).await;
    bob.client.send("ping", Value::Null).await;
    assert_eq!(bob.client.line().await, "pong");
}

/// Refuses what comes in, and wants that to count.
fn refuses(hook: &str, fields: &Value) -> Reply {
    match hook {
        "connect" => {
            let mut object = fields.clone();
            object["restClientConfig"]["OnMessageEvent"] = json!({ "restOnError": "FAIL" });
            Reply::Object(object)
        }
        "OnMessageEvent" => Reply::Refuse(403, "Not now"),
        _ => Reply::Echo,
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_refused_or_has_no_receiver_fails() {
    let world = World::with(refuses);
    let (mut alice, mut bob) = (world.phone("alice").await, world.phone("bob").await);
    for (to, info) in [("bob", "SIP 403 FORBIDDEN"), ("carol", "SIP 404 Not Found")] {
        alice.client.send("sendMessage", message(to)).await;
        assert_eq!(alice.client.line().await, "notifyMessage SENT m");
        assert_eq!(alice.client.line().await, format!("notifyMessage FAILED {info} m"));
    }
    assert_eq!(bob.client.line().await, "fail FAILED Not now MessageStatusEvent m");
    alice.client.send("sendMessage", json!({ "to": "bob" })).await;
    assert_eq!(alice.client.line().await, "fail FAILED A message needs an id MessageStatusEvent");
}
