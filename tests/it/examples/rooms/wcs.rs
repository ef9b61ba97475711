//! The REST API of a WCS that only writes down what it is asked.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    routing::post,
};
use serde_json::Value;
use tokio::{net::TcpListener, sync::mpsc, task::JoinHandle};

/// It stops when it is dropped.
pub(super) struct Wcs {
    pub(super) address: SocketAddr,
    asked: mpsc::Receiver<(String, Value)>,
    gone: Gone,
    serving: JoinHandle<()>,
}

/// Sessions that it does not know.
type Gone = Arc<Mutex<Vec<String>>>;

impl Wcs {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (write, asked) = mpsc::channel(1000);
        let gone = Gone::default();
        let router =
            Router::new().route("/rest-api/{*command}", post(answer)).with_state((write, Arc::clone(&gone)));
        let serving = tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
        Self { address, asked, gone, serving }
    }

    /// Does not know a session any more.
    pub(super) fn forget(&self, session_id: &str) {
        self.gone.lock().unwrap().push(session_id.to_owned());
    }

    /// The next command: what it is, and its body.
    pub(super) async fn asked(&mut self) -> (String, Value) {
        self.asked.recv().await.unwrap()
    }

    /// To whom the next data goes, the word of the room API, and what it says.
    pub(super) async fn told(&mut self) -> (String, String, Value) {
        let (command, body) = self.asked().await;
        assert_eq!((&*command, &body["payload"]["roomName"]), ("data/send", &"hall".into()));
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (text(&body["sessionId"]), text(&body["payload"]["name"]), body["payload"]["info"].clone())
    }
}

impl Drop for Wcs {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

type Writing = (mpsc::Sender<(String, Value)>, Gone);

async fn answer(
    State((write, gone)): State<Writing>,
    Path(command): Path<String>,
    body: String,
) -> StatusCode {
    let body: Value = serde_json::from_str(&body).unwrap();
    let session = body["sessionId"].as_str().unwrap_or_default().to_owned();
    write.send((command, body)).await.unwrap();
    if gone.lock().unwrap().contains(&session) { StatusCode::NOT_FOUND } else { StatusCode::OK }
}
