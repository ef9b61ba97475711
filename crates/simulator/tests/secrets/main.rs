//! What must not stand in the log. In a process of its own, since who logs is known to the whole process.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

#[path = "../it/support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "shared by tests")]
mod support;

use std::{
    io,
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};
use tracing_subscriber::fmt::MakeWriter;

use support::{Reply, World};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

fn refuses_all_but_connect(hook: &str, fields: &Value) -> Reply {
    match hook {
        "connect" if fields["custom"]["refuse"] == true => Reply::Refuse(403, "Not you"),
        "connect" => Reply::Echo,
        _ => Reply::Refuse(500, "Not now"),
    }
}

#[tokio::test(start_paused = true)]
async fn secrets_are_in_no_line_of_the_log() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone());
    tracing::subscriber::set_global_default(subscriber.finish()).unwrap();
    let world = World::with(refuses_all_but_connect);
    let secrets = json!({
        "sipLogin": "1001", "sipPassword": "s3cret", "authToken": "s3cret", "custom": { "token": "s3cret" },
        "mediaSessionId": "1", "callId": "1", "id": "1", "operationId": "1", "name": "a", "callee": "1001", "to": "1001",
        "sdp": "s3cret", "payload": "s3cret", "logs": "s3cret", "body": "s3cret", "text": "s3cret",
    });
    let mut refused = secrets.clone();
    refused["custom"]["refuse"] = true.into();
    let mut client = world.client().await;
    client.send("connection", refused).await;
    client.until("closed").await;

    let mut client = world.client().await;
    client.send("connection", secrets.clone()).await;
    let messages = [
        "publishStream",
        "snapshot",
        "sendStreamEvent",
        "unPublishStream",
        "sendData",
        "pushLogs",
        "submitBugReport",
        "call",
        "hangup",
        "sendMessage",
        "unheardOf",
        "connection",
    ];
    for message in messages {
        client.send(message, secrets.clone()).await;
    }
    client.text(r#"{"message":"pushLogs","data":["s3cret"#).await;
    client.send("ping", Value::Null).await;
    client.until("pong").await;
    drop(client);
    world.gateway.stop().await;

    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("A client sends") && log.contains("Interaction error"), "{log}");
    let ours = log.lines().filter(|line| line.contains("wcs_hooks"));
    for line in ours {
        assert!(!line.contains("s3cret"), "{line}");
    }
}
