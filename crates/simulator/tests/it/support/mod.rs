//! A gateway, its backend and its clients, in memory, so that the clock can be paused.

mod backend;
mod client;

use std::{io, sync::Arc};

use axum::serve::Listener;
use tokio::{
    io::DuplexStream,
    sync::{Mutex, mpsc},
};
use wcs_hooks_simulator::{
    Builder, Gateway,
    dispatcher::{App, Settings},
};

pub(crate) use backend::{Backend, Reply};
pub(crate) use client::Client;

/// How much a connection takes before it has to be read.
const PIPE: usize = 64 << 10;

/// A gateway that runs.
pub(crate) struct World {
    pub(crate) gateway: Gateway,
    pub(crate) backend: Backend,
    connections: mpsc::Sender<DuplexStream>,
}

impl World {
    /// A gateway with `defaultApp` and the answers of a backend.
    pub(crate) fn with(answer: impl Fn(&str, &serde_json::Value) -> Reply + Send + Sync + 'static) -> Self {
        Self::built(Settings::default(), answer, |builder| builder)
    }

    pub(crate) fn built(
        settings: Settings,
        answer: impl Fn(&str, &serde_json::Value) -> Reply + Send + Sync + 'static,
        more: impl FnOnce(Builder) -> Builder,
    ) -> Self {
        let backend = Backend::new(answer);
        let builder = Gateway::builder(settings)
            .app(App::new("defaultApp", "http://backend").unwrap())
            .origin(client::ORIGIN)
            .node_id("Hw47CFMBEchVOpBMDr29IxjudnJ1sjOY@127.0.0.1")
            .transport(backend.service());
        let gateway = more(builder).build().unwrap();
        let (connections, accepted) = mpsc::channel(16);
        let listener = Memory(Arc::new(Mutex::new(accepted)));
        let serving = gateway.clone();
        tokio::spawn(async move { serving.serve(listener).await });
        Self { gateway, backend, connections }
    }

    /// A client whose WebSocket is open.
    pub(crate) async fn client(&self) -> Client {
        let (near, far) = tokio::io::duplex(PIPE);
        self.connections.send(far).await.unwrap();
        Client::open(near).await
    }

    /// The status that a client is turned away with.
    pub(crate) async fn refused(&self) -> u16 {
        self.refused_from(client::ORIGIN).await
    }

    /// The same for a page of this origin.
    pub(crate) async fn refused_from(&self, origin: &str) -> u16 {
        let (near, far) = tokio::io::duplex(PIPE);
        self.connections.send(far).await.unwrap();
        Client::refused(near, origin).await
    }

    /// A client that is connected, with its `getUserData` read.
    pub(crate) async fn connected(&self) -> Client {
        let mut client = self.client().await;
        client.send("connection", serde_json::json!({ "appKey": "defaultApp" })).await;
        let (message, data) = client.next().await.unwrap();
        assert_eq!(message, "getUserData", "{data}");
        client
    }
}

/// A client that is registered with a SIP login.
pub(crate) struct Phone {
    pub(crate) client: Client,
    /// Its `sessionId`.
    pub(crate) session: String,
}

impl World {
    pub(crate) async fn phone(&self, login: &str) -> Phone {
        let mut client = self.client().await;
        let connection = serde_json::json!({ "sipLogin": login, "sipRegisterRequired": true });
        client.send("connection", connection).await;
        let (_, data) = client.next().await.unwrap();
        assert_eq!(client.line().await, "registered");
        Phone { client, session: data["authToken"].as_str().unwrap().to_owned() }
    }

    /// What the backend was asked about a session after it had registered.
    pub(crate) fn asked_of(&self, phone: &Phone) -> Vec<String> {
        self.backend.lines_of(&phone.session).split_off(3)
    }
}

struct Memory(Arc<Mutex<mpsc::Receiver<DuplexStream>>>);

impl Listener for Memory {
    type Io = DuplexStream;
    type Addr = ();

    async fn accept(&mut self) -> (DuplexStream, ()) {
        match self.0.lock().await.recv().await {
            Some(stream) => (stream, ()),
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<()> {
        Ok(())
    }
}
