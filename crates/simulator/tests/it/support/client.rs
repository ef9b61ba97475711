//! A browser, as far as its WebSocket goes.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Error, Message, client::IntoClientRequest, handshake::client::Request},
};

/// The page that clients come from.
pub(crate) const ORIGIN: &str = "https://page.example";

pub(crate) struct Client<S = DuplexStream> {
    pub(crate) socket: WebSocketStream<S>,
}

impl Client {
    pub(crate) async fn open(stream: DuplexStream) -> Self {
        let (socket, _) = client_async(handshake(ORIGIN), stream).await.unwrap();
        Self { socket }
    }

    /// The status that a handshake is answered with.
    pub(crate) async fn refused(stream: DuplexStream, origin: &str) -> u16 {
        match client_async(handshake(origin), stream).await {
            Err(Error::Http(response)) => response.status().as_u16(),
            other => panic!("not refused: {other:?}"),
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    pub(crate) async fn send(&mut self, message: &str, argument: Value) {
        self.text(&json!({ "message": message, "data": [argument] }).to_string()).await;
    }

    pub(crate) async fn text(&mut self, text: &str) {
        self.socket.send(Message::Text(text.into())).await.unwrap();
    }

    /// The next frame that is no ping: its name and first argument. `None` once the socket is closed.
    pub(crate) async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Text(text))) => {
                    // Half a surrogate pair is read by browsers and not here.
                    let unreadable = |_| json!({ "message": "unreadable" });
                    let frame: Value = serde_json::from_str(&text).unwrap_or_else(unreadable);
                    let message = frame["message"].as_str().unwrap().to_owned();
                    if message == "ping" {
                        self.send("pong", Value::Null).await;
                    } else {
                        return Some((message, frame["data"][0].clone()));
                    }
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }

    /// The next frame, whole.
    pub(crate) async fn frame(&mut self) -> Value {
        match self.socket.next().await {
            Some(Ok(Message::Text(text))) => serde_json::from_str(&text).unwrap(),
            other => panic!("no frame: {other:?}"),
        }
    }

    /// Reads up to this line.
    pub(crate) async fn until(&mut self, expected: &str) {
        loop {
            let line = self.line().await;
            if line == expected {
                return;
            }
            assert_ne!(line, "closed", "before {expected}");
        }
    }

    /// The next frame as a line; `closed` at the end.
    pub(crate) async fn line(&mut self) -> String {
        self.next().await.map_or("closed".to_owned(), |(message, data)| line(&message, &data))
    }
}

fn handshake(origin: &str) -> Request {
    let mut request = "ws://gateway/".into_client_request().unwrap();
    request.headers_mut().insert("origin", origin.parse().unwrap());
    request
}

/// The name, and of the fields those that tell what happened.
pub(crate) fn line(name: &str, fields: &Value) -> String {
    let told = ["name", "status", "type", "info", "apiMethod", "id"];
    let told = told.iter().filter_map(|field| fields[field].as_str());
    std::iter::once(name).chain(told).collect::<Vec<_>>().join(" ")
}
