//! Each connection sends as soon as it has its answer: what a server can do at most.

use std::{
    io,
    time::{Duration, Instant},
};

use tokio::task::JoinSet;

use crate::{connection::Connection, requests::Requests};

/// What the thread that sends does while it waits for answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Client {
    /// Looks for them all the time.
    Awake,
    /// Sleeps, and has to be woken: on one machine by the server, which pays for that, and the more often the longer it lets
    /// the client wait. Over a network a server does not.
    Sleeping,
}

/// Sends `count` requests in all over `connections`; gives the time it took.
pub(crate) async fn run(
    port: u16,
    requests: &Requests,
    connections: usize,
    count: usize,
    client: Client,
) -> Duration {
    let connections = open(port, requests, connections).await.expect("connections");
    let each = count / connections.len();
    // Ends when it is dropped.
    let mut awake = JoinSet::new();
    if client == Client::Awake {
        awake.spawn(stay_awake());
    }
    let started = Instant::now();
    let mut tasks = JoinSet::new();
    for connection in connections {
        tasks.spawn(exchange(connection, requests.clone(), each));
    }
    tasks.join_all().await;
    started.elapsed()
}

async fn stay_awake() {
    loop {
        tokio::task::yield_now().await;
    }
}

/// Connections that have been used once.
pub(crate) async fn open(port: u16, requests: &Requests, count: usize) -> io::Result<Vec<Connection>> {
    let mut connections = Vec::new();
    for _ in 0..count {
        let mut connection = Connection::open(port).await?;
        assert_eq!(connection.exchange(requests.next()).await?, 200);
        connections.push(connection);
    }
    Ok(connections)
}

async fn exchange(mut connection: Connection, requests: Requests, count: usize) {
    for _ in 0..count {
        let status = connection.exchange(requests.next()).await.expect("an answer");
        assert_eq!(status, 200);
    }
}
