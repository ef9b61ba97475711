//! Each connection sends as soon as it has its answer: what a server can do at most.

use std::{
    io,
    time::{Duration, Instant},
};

use tokio::task::JoinSet;

use crate::{connection::Connection, requests::Requests};

/// Sends `count` requests in all over `connections`; gives the time it took.
pub(crate) async fn run(port: u16, requests: &Requests, connections: usize, count: usize) -> Duration {
    let connections = open(port, requests, connections).await.expect("connections");
    let each = count / connections.len();
    let started = Instant::now();
    let mut tasks = JoinSet::new();
    for connection in connections {
        tasks.spawn(exchange(connection, requests.clone(), each));
    }
    tasks.join_all().await;
    started.elapsed()
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
