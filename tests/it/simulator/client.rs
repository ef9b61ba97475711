//! What a page of the SDK's room API does.

use std::{collections::VecDeque, net::SocketAddr};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

/// A participant, or somebody who would like to be one.
pub(super) struct Client {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// Came while something else was waited for.
    missed: VecDeque<Frame>,
}

type Frame = (String, Value);

impl Client {
    /// Connects; gives why it is refused, if it is.
    pub(super) async fn connect(gateway: SocketAddr, login: &str) -> Result<Self, String> {
        let connection =
            json!({"appKey": "roomApp", "mediaProviders": ["WebRTC"], "custom": {"login": login}});
        Self::open(gateway, connection).await
    }

    /// One who can be called.
    pub(super) async fn phone(gateway: SocketAddr, login: &str) -> Self {
        let connection = json!({"appKey": "roomApp", "sipLogin": login, "sipRegisterRequired": true});
        let mut client = Self::open(gateway, connection).await.unwrap();
        client.next(|(message, _)| message == "registered").await;
        client
    }

    async fn open(gateway: SocketAddr, connection: Value) -> Result<Self, String> {
        let (socket, _) = connect_async(format!("ws://{gateway}")).await.unwrap();
        let mut client = Self { socket, missed: VecDeque::new() };
        client.send("connection", connection).await;
        match client.next(|(message, _)| message == "getUserData" || message == "fail").await {
            (message, _) if message == "getUserData" => Ok(client),
            (_, fail) => Err(fail["info"].as_str().unwrap().to_owned()),
        }
    }

    /// One who is in the room.
    pub(super) async fn join(gateway: SocketAddr, login: &str) -> (Self, Value) {
        let mut client = Self::connect(gateway, login).await.unwrap();
        client.ask("join", json!({"name": "hall", "record": false})).await.unwrap();
        let state = client.told("STATE").await;
        (client, state)
    }

    pub(super) async fn send(&mut self, message: &str, argument: Value) {
        let frame = json!({"message": message, "data": [argument]});
        self.socket.send(Message::text(frame.to_string())).await.unwrap();
    }

    /// A command to the backend, which may refuse it.
    pub(super) async fn ask(&mut self, command: &str, options: Value) -> Result<(), String> {
        let payload = json!({"command": command, "options": options});
        let operation_id = payload.to_string();
        self.send("sendData", json!({"operationId": operation_id, "payload": payload})).await;
        let is_answer =
            |(message, data): &Frame| message == "DataStatusEvent" && data["operationId"] == *operation_id;
        let (_, answer) = self.next(is_answer).await;
        match answer["status"].as_str().unwrap() {
            "ACCEPTED" => Ok(()),
            _ => Err(answer["info"].as_str().unwrap().to_owned()),
        }
    }

    /// To one participant, or all.
    pub(super) async fn say(&mut self, to: Option<&str>, text: &str) -> Result<(), String> {
        let mut options = json!({"roomConfig": {"name": "hall"}, "text": text});
        if let Some(to) = to {
            options["to"] = to.into();
        }
        self.ask("sendMessage", options).await
    }

    /// What the room tells next, which must be this word of the room API.
    pub(super) async fn told(&mut self, name: &str) -> Value {
        let (_, data) = self.next(|(message, _)| message == "OnDataEvent").await;
        assert_eq!((&data["payload"]["roomName"], &data["payload"]["name"]), (&json!("hall"), &json!(name)));
        data["payload"]["info"].clone()
    }

    /// The texts of so many messages, in the order in which they come.
    pub(super) async fn hear(&mut self, count: usize) -> Vec<Value> {
        let mut texts = Vec::new();
        for _ in 0..count {
            let is_message = |(_, data): &Frame| data["payload"]["name"] == "MESSAGE";
            texts.push(self.next(is_message).await.1["payload"]["info"]["text"].clone());
        }
        texts
    }

    /// Publishes or plays, into the room.
    pub(super) async fn stream(&mut self, message: &str, id: &str, name: &str) {
        let stream = json!({
            "mediaSessionId": id, "name": name, "published": message == "publishStream", "status": "PENDING",
            "hasVideo": true, "hasAudio": true, "sdp": "v=0\r\n", "mediaProvider": "WebRTC",
            "custom": {"name": "hall"},
        });
        self.send(message, stream).await;
    }

    /// What the REST API sends next.
    pub(super) async fn data(&mut self) -> Value {
        self.next(|(message, _)| message == "OnDataEvent").await.1
    }

    /// The call that comes in next.
    pub(super) async fn incoming_call(&mut self) -> Value {
        self.next(|(message, _)| message == "notifyIncomingCall").await.1
    }

    /// What becomes of a stream: its status, and why.
    pub(super) async fn status(&mut self, id: &str) -> (String, String) {
        let (_, stream) = self.next(|(message, data)| is_about(message, data, id)).await;
        let text = |name: &str| stream[name].as_str().unwrap_or_default().to_owned();
        (text("status"), text("info"))
    }

    /// The first frame that is looked for, of those that have come or will.
    async fn next(&mut self, is_wanted: impl Fn(&Frame) -> bool) -> Frame {
        if let Some(place) = self.missed.iter().position(&is_wanted) {
            return self.missed.remove(place).unwrap();
        }
        loop {
            let frame = self.frame().await;
            if is_wanted(&frame) {
                return frame;
            }
            self.missed.push_back(frame);
        }
    }

    async fn frame(&mut self) -> Frame {
        let message = self.socket.next().await.expect("the socket is open").unwrap();
        let frame: Value = serde_json::from_str(message.to_text().unwrap()).unwrap();
        (frame["message"].as_str().unwrap().to_owned(), frame["data"][0].clone())
    }
}

fn is_about(message: &str, data: &Value, id: &str) -> bool {
    match message {
        "notifyStreamStatusEvent" => data["mediaSessionId"] == id,
        "fail" => data["id"] == id,
        _ => false,
    }
}
