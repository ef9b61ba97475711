//! A WCS that answers as a test says.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Bytes,
    extract::{ConnectInfo, Request},
    response::IntoResponse,
};
use http::{HeaderMap, StatusCode};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::{Node, RestClient, RestClientBuilder};

/// A command as it came.
#[derive(Debug, Clone)]
pub(crate) struct Command {
    pub(crate) path: String,
    pub(crate) body: Value,
    pub(crate) headers: HeaderMap,
    /// The other end of the connection that it came by.
    pub(crate) peer: SocketAddr,
}

/// A server that remembers what it was asked.
pub(crate) struct Wcs {
    pub(crate) url: String,
    commands: Arc<Mutex<Vec<Command>>>,
}

impl Wcs {
    /// One that gives every command the same answer.
    pub(crate) async fn answering(status: u16, body: &'static str) -> Self {
        Self::start(move |_| (status, body.to_owned())).await
    }

    pub(crate) async fn start(
        answer: impl Fn(&Command) -> (u16, String) + Clone + Send + Sync + 'static,
    ) -> Self {
        Self::start_async(move |command| std::future::ready(answer(&command))).await
    }

    pub(crate) async fn start_async<F: Future<Output = (u16, String)> + Send>(
        answer: impl Fn(Command) -> F + Clone + Send + Sync + 'static,
    ) -> Self {
        let commands = Arc::new(Mutex::new(Vec::new()));
        let seen = commands.clone();
        let router = Router::new().fallback(move |request: Request| async move {
            let command = read(request).await;
            seen.lock().unwrap().push(command.clone());
            let (status, body) = answer(command).await;
            (StatusCode::from_u16(status).unwrap(), body).into_response()
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>()).await
        });
        Self { url, commands }
    }

    /// A client's view of it.
    pub(crate) fn node(&self) -> Node {
        self.node_of(RestClient::builder())
    }

    pub(crate) fn node_of(&self, builder: RestClientBuilder) -> Node {
        builder.build().unwrap().node_at(&self.url).unwrap()
    }

    /// What it was asked, in the order that it came.
    pub(crate) fn commands(&self) -> Vec<Command> {
        self.commands.lock().unwrap().clone()
    }

    /// The only command that it was asked.
    pub(crate) fn command(&self) -> Command {
        let commands = self.commands();
        assert_eq!(commands.len(), 1, "{commands:?}");
        commands[0].clone()
    }
}

async fn read(request: Request) -> Command {
    let (head, body) = request.into_parts();
    let body: Bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let path = head.uri.path().strip_prefix("/rest-api").expect("the path of the REST API").to_owned();
    let ConnectInfo(peer) = head.extensions.get().copied().unwrap();
    Command { path, body: serde_json::from_slice(&body).unwrap(), headers: head.headers, peer }
}

/// Commands and answers that the vendor published, by path and direction.
pub(crate) fn published(path: &str, direction: &str) -> Vec<Value> {
    let data: Vec<BTreeMap<String, Value>> =
        serde_json::from_str(include_str!("../../../tests/data/payloads.json")).unwrap();
    let found: Vec<Value> = data
        .into_iter()
        .filter(|entry| entry["method"] == format!("/rest-api{path}") && entry["direction"] == direction)
        .map(|mut entry| entry.remove("body").unwrap())
        .collect();
    assert!(!found.is_empty(), "nothing is published for {path}");
    found
}
