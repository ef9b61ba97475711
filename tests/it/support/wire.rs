//! A server that answers with bytes, well-formed or not, and ends connections as told.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// What a connection does when a request has come.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// Writes these bytes and waits for the next request.
    Say(String),
    /// Writes these bytes, perhaps none, and closes the connection in good order.
    SayAndClose(String),
    /// Resets the connection.
    Reset,
    /// Never says anything.
    Silence,
}

/// A server on a free port of this machine; it stops when it is dropped.
pub(crate) struct WireServer {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    accepting: JoinHandle<()>,
}

impl WireServer {
    /// Starts it. `act` gets the text of each request.
    pub(crate) async fn start(act: impl Fn(&str) -> Act + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::default();
        let accepting = tokio::spawn(accept(listener, Arc::new(act), Arc::clone(&requests)));
        Self { address, requests, accepting }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/apps/EchoApp", self.address)
    }

    /// The texts of the requests that have come.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for WireServer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

type Requests = Arc<Mutex<Vec<String>>>;

async fn accept<F: Fn(&str) -> Act + Send + Sync + 'static>(
    listener: TcpListener,
    act: Arc<F>,
    requests: Requests,
) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(serve(stream, Arc::clone(&act), Arc::clone(&requests)));
    }
}

async fn serve<F: Fn(&str) -> Act>(mut stream: TcpStream, act: Arc<F>, requests: Requests) {
    while let Some(request) = read_request(&mut stream).await {
        let act = act(&request);
        requests.lock().unwrap().push(request);
        match act {
            Act::Say(bytes) => stream.write_all(bytes.as_bytes()).await.unwrap(),
            Act::SayAndClose(bytes) => {
                stream.write_all(bytes.as_bytes()).await.unwrap();
                return stream.shutdown().await.unwrap();
            }
            Act::Reset => return stream.set_zero_linger().unwrap(),
            Act::Silence => return std::future::pending().await,
        }
    }
}

/// The text of the next request; `None` when the other side has closed.
async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut text = String::new();
    let mut buffer = [0; 4096];
    loop {
        if let Some((head, body)) = text.split_once("\r\n\r\n")
            && body.len() >= content_length(head)
        {
            return Some(text);
        }
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return None,
            Ok(count) => text.push_str(std::str::from_utf8(&buffer[..count]).unwrap()),
        }
    }
}

fn content_length(head: &str) -> usize {
    let lines = head.lines().filter_map(|line| line.split_once(": "));
    let mut lengths = lines.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    lengths.next().map_or(0, |(_, length)| length.parse().unwrap())
}
