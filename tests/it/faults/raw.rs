//! A client that sends what it likes.

use std::{future::Future, io, net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    task::yield_now,
    time::timeout,
};
use wcs_hooks_protocol::HookName;

/// Longer than anything takes; what takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) async fn soon<F: Future>(what: &str, future: F) -> F::Output {
    timeout(PATIENCE, future).await.unwrap_or_else(|_| panic!("{what}: not within {PATIENCE:?}"))
}

/// Waits for something that tells nobody when it comes.
pub(crate) async fn until(what: &str, is_so: impl Fn() -> bool) {
    soon(what, async {
        while !is_so() {
            yield_now().await;
        }
    })
    .await;
}

/// A hook about the stream of this name, as WCS sends it.
pub(crate) fn request(hook: HookName, name: &str) -> String {
    let body = format!(r#"{{"nodeId":"n","appKey":"defaultApp","sessionId":"s","name":"{name}"}}"#);
    format!("{}Content-Length: {}\r\n\r\n{body}", head(hook), body.len())
}

/// The head up to what says how long the body is.
pub(crate) fn head(hook: HookName) -> String {
    format!("POST /hooks/{hook} HTTP/1.1\r\nHost: backend\r\nContent-Type: application/json\r\n")
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
    /// It is the last one of its connection.
    pub(crate) is_last: bool,
}

pub(crate) struct Raw {
    stream: TcpStream,
    /// What has come and was not asked for yet.
    read: Vec<u8>,
}

impl Raw {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self { stream: soon("a connection", TcpStream::connect(address)).await.unwrap(), read: Vec::new() }
    }

    /// Of all addresses of the loopback network.
    pub(crate) async fn connect_from(from: [u8; 4], address: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((from, 0).into()).unwrap();
        Self { stream: soon("a connection", socket.connect(address)).await.unwrap(), read: Vec::new() }
    }

    /// Fails when the server has closed the connection.
    pub(crate) async fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        soon("room for a request", self.stream.write_all(bytes.as_ref())).await
    }

    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.try_send(bytes).await.unwrap();
    }

    /// The next answer; none if the connection has been closed without one.
    pub(crate) async fn answer(&mut self) -> Option<Answer> {
        soon("an answer", async {
            loop {
                if let Some(answer) = self.whole() {
                    return Some(answer);
                }
                match self.stream.read_buf(&mut self.read).await {
                    Ok(0) | Err(_) => return None,
                    Ok(_) => {}
                }
            }
        })
        .await
    }

    pub(crate) async fn ask(&mut self, request: impl AsRef<[u8]>) -> Answer {
        self.send(request).await;
        self.answer().await.expect("an answer")
    }

    fn whole(&mut self) -> Option<Answer> {
        let end = self.read.windows(4).position(|bytes| bytes == b"\r\n\r\n")? + 4;
        let head = String::from_utf8(self.read[..end].to_vec()).unwrap();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.map_or(0, |length| length.parse().unwrap());
        let body = self.read.get(end..end + length)?.to_vec();
        self.read.drain(..end + length);
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let is_last = head.lines().any(|line| line == "connection: close");
        Some(Answer { status, body: String::from_utf8(body).unwrap(), is_last })
    }

    /// Until the server closes it, sends this piece again and again; what it answers.
    pub(crate) async fn trickle(&mut self, piece: &str, pace: Duration) -> Vec<Answer> {
        let mut answers = Vec::new();
        soon("the end of patience", async {
            loop {
                // Fails if it is closed, which is read below.
                let _ = self.stream.write_all(piece.as_bytes()).await;
                match timeout(pace, self.answer()).await {
                    Ok(Some(answer)) => answers.push(answer),
                    Ok(None) => return,
                    Err(_) => {}
                }
            }
        })
        .await;
        answers
    }

    /// Nothing more comes, and the server has closed it.
    pub(crate) async fn is_closed(&mut self) {
        assert_eq!(self.answer().await, None);
        assert_eq!(String::from_utf8_lossy(&self.read), "");
    }

    /// Until the server has closed it, whatever it says before.
    pub(crate) async fn ended(&mut self) {
        let mut buffer = vec![0; 16 << 10];
        soon("the end of a connection", async {
            while self.stream.read(&mut buffer).await.is_ok_and(|read| read > 0) {}
        })
        .await;
    }

    /// Ends it in such a way that the other side finds an error.
    pub(crate) fn reset(self) {
        self.stream.set_zero_linger().unwrap();
    }

    pub(crate) async fn half_close(&mut self) {
        self.stream.shutdown().await.unwrap();
    }
}
