//! Backends to call.

use std::{
    error::Error,
    io,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tower::util::BoxCloneSyncService;

pub(crate) type Service = BoxCloneSyncService<Request<Full<Bytes>>, Response<Full<Bytes>>, BoxError>;

type BoxError = Box<dyn Error + Send + Sync>;
pub(crate) type Answer = Result<Response<Full<Bytes>>, BoxError>;

/// What a backend was sent: the path, the headers as `name: value`, the body.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) path: String,
    pub(crate) headers: Vec<String>,
    pub(crate) body: String,
}

/// A backend in this process that notes what it is sent.
#[derive(Clone, Default)]
pub(crate) struct Backend {
    received: Arc<Mutex<Vec<Received>>>,
}

impl Backend {
    /// The service; `answer` gets the last segment of the path and the body.
    pub(crate) fn service<F>(&self, answer: F) -> Service
    where
        F: Fn(&str, &str) -> Answer + Clone + Send + Sync + 'static,
    {
        let received = Arc::clone(&self.received);
        BoxCloneSyncService::new(tower::service_fn(move |request: Request<Full<Bytes>>| {
            let (received, answer) = (Arc::clone(&received), answer.clone());
            async move {
                let request = note(request).await;
                let hook = request.path.rsplit('/').next().unwrap_or_default();
                let response = answer(hook, &request.body);
                received.lock().unwrap().push(request);
                response
            }
        }))
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

async fn note(request: Request<Full<Bytes>>) -> Received {
    let (parts, body) = request.into_parts();
    let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        format!("{name}: {}", value.to_str().unwrap())
    };
    Received {
        path: parts.uri.path().to_owned(),
        headers: parts.headers.iter().map(header).collect(),
        body: String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap(),
    }
}

/// An answer with a JSON body.
pub(crate) fn json(status: u16, body: impl Into<Bytes>) -> Answer {
    answer(status, "application/json", body)
}

/// An answer with a body of any type.
pub(crate) fn answer(status: u16, content_type: &str, body: impl Into<Bytes>) -> Answer {
    Ok(Response::builder()
        .status(status)
        .header("content-type", content_type)
        .body(Full::new(body.into()))?)
}

/// No answer: the network fails so.
pub(crate) fn fails(kind: io::ErrorKind) -> Answer {
    Err(io::Error::from(kind).into())
}

/// Serves connections with raw answers, chosen by the last segment of the path.
pub(crate) async fn serve(listener: TcpListener, answer: fn(&str) -> String) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(connection(stream, answer));
    }
}

async fn connection(mut stream: TcpStream, answer: fn(&str) -> String) {
    while let Some(request) = read_request(&mut stream).await {
        let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
        let hook = path.rsplit('/').next().unwrap_or_default();
        stream.write_all(answer(hook).as_bytes()).await.unwrap();
    }
}

/// An answer with a JSON body, as it stands on the wire.
pub(crate) fn http(status: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len(),
    )
}

/// The text of one request; `None` at the end of the connection.
pub(crate) async fn read_request<S: AsyncRead + Unpin>(stream: &mut S) -> Option<String> {
    let mut text = String::new();
    loop {
        if let Some((head, body)) = text.split_once("\r\n\r\n")
            && body.len() >= content_length(head)
        {
            return Some(text);
        }
        let mut buffer = [0; 4096];
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return None,
            Ok(count) => text.push_str(std::str::from_utf8(&buffer[..count]).unwrap()),
        }
    }
}

fn content_length(head: &str) -> usize {
    let line = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    line.and_then(|length| length.parse().ok()).unwrap_or_default()
}
