//! HTTP for operations: whoever connects and says nothing keeps nobody out, and takes no file descriptors from hooks.

use std::{collections::VecDeque, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    task::{AbortHandle, JoinSet},
    time::sleep,
};

/// Connections at once. One more closes the oldest of them, so that a probe is answered whoever else is there.
const CONNECTIONS: usize = 64;

/// How long the head of a request is awaited, the first and each later one.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// How long it waits when the system has no file descriptors left.
const BREATH: Duration = Duration::from_millis(100);

const LARGEST_BUFFER: usize = 16 * 1024;

/// Until it is dropped, and its connections with it.
pub(super) async fn serve(listener: TcpListener, router: Router) {
    let mut connections = Connections::default();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => connections.add(stream, router.clone()),
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection for operations");
                sleep(BREATH).await;
            }
        }
    }
}

#[derive(Default)]
struct Connections {
    tasks: JoinSet<()>,
    oldest_first: VecDeque<AbortHandle>,
}

impl Connections {
    fn add(&mut self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, router: Router) {
        while self.tasks.try_join_next().is_some() {}
        self.oldest_first.retain(|connection| !connection.is_finished());
        if self.oldest_first.len() >= CONNECTIONS
            && let Some(oldest) = self.oldest_first.pop_front()
        {
            oldest.abort();
        }
        self.oldest_first.push_back(self.tasks.spawn(answer(stream, router)));
    }
}

async fn answer(stream: impl AsyncRead + AsyncWrite + Unpin, router: Router) {
    let answered = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(LARGEST_BUFFER)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router))
        .await;
    if let Err(error) = answered {
        tracing::debug!(%error, "a connection for operations ended");
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
        time::{Instant, timeout},
    };

    use super::*;

    const REQUEST: &[u8] = b"GET /live HTTP/1.1\r\nhost: localhost\r\n\r\n";

    fn connect(connections: &mut Connections) -> DuplexStream {
        let (client, server) = duplex(64 * 1024);
        connections.add(server, Router::new().route("/live", get(async || "live")));
        client
    }

    /// What comes until the end.
    async fn rest(client: &mut DuplexStream) -> String {
        let mut text = String::new();
        timeout(Duration::from_mins(10), client.read_to_string(&mut text)).await.expect("it ends").unwrap();
        text
    }

    #[tokio::test(start_paused = true)]
    async fn heads_and_idle_connections_have_their_time() {
        for (what, sent) in [
            ("silence", &b""[..]),
            ("a part of a head", &REQUEST[..20]),
            ("a request", REQUEST),
            ("a part of a second one", &[REQUEST, &REQUEST[..20]].concat()),
        ] {
            let mut connections = Connections::default();
            let mut client = connect(&mut connections);
            let start = Instant::now();
            client.write_all(sent).await.unwrap();
            rest(&mut client).await;
            assert_eq!(start.elapsed().as_secs(), HEAD_TIMEOUT.as_secs(), "{what}");
        }
    }

    #[tokio::test]
    async fn one_more_than_there_may_be_closes_the_oldest() {
        let mut connections = Connections::default();
        let mut clients: Vec<_> = (0..=CONNECTIONS).map(|_| connect(&mut connections)).collect();
        assert_eq!(connections.oldest_first.len(), CONNECTIONS);
        assert_eq!(rest(&mut clients[0]).await, "");
        let mut last = clients.pop().unwrap();
        last.write_all(REQUEST).await.unwrap();
        let mut answer = [0; 12];
        last.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200");
        // Those that have ended take no place.
        drop(clients);
        drop(last);
        while connections.tasks.join_next().await.is_some() {}
        drop(connect(&mut connections));
        assert_eq!(connections.oldest_first.len(), 1);
    }
}
