//! What no HTTP client does: connections that are watched, cut off or fed with garbage.

use std::{future::Future, io, time::Duration};

use http::{HeaderMap, HeaderValue, Request, Uri, header};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{
    finding::Problem,
    wire::{Call, Trouble},
};

/// How long a backend may take to close a connection on which nothing more comes.
const PATIENCE: Duration = Duration::from_secs(2);
const LONGEST_COMPLAINT: u64 = 65_536;

/// How many calls in a row are answered on one connection: up to two.
pub(crate) async fn answers_on_one_connection(call: &Call, timeout: Duration) -> Result<usize, Problem> {
    let stream = connect(&call.url, timeout).await?;
    let (mut sender, connection) = within(timeout, http1::handshake(TokioIo::new(stream))).await?;
    let driver = tokio::spawn(connection);
    let mut answered = 0;
    while answered < 2 && within(timeout, ask(&mut sender, call)).await.is_ok() {
        answered += 1;
    }
    driver.abort();
    Ok(answered)
}

async fn ask(sender: &mut SendRequest<Full<bytes::Bytes>>, call: &Call) -> Result<(), hyper::Error> {
    sender.ready().await?;
    let mut request = Request::new(Full::new(call.body.clone()));
    *request.method_mut() = call.method.clone();
    let uri: Uri = call.url.parse().unwrap_or_default();
    *request.headers_mut() = headers(call, &uri);
    *request.uri_mut() = uri.path().parse().unwrap_or_default();
    let response = sender.send_request(request).await?;
    response.into_body().collect().await.map(drop)
}

fn headers(call: &Call, uri: &Uri) -> HeaderMap {
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    let texts = [
        (header::HOST, Some(authority)),
        (header::CONNECTION, Some("keep-alive")),
        (header::CONTENT_TYPE, call.content_type),
        (header::AUTHORIZATION, call.authorization.as_deref()),
    ];
    let present = texts.into_iter().filter_map(|(name, text)| Some((name, text?)));
    present.filter_map(|(name, text)| Some((name, HeaderValue::from_str(text).ok()?))).collect()
}

/// Sends a head, half of the body, and nothing more.
pub(crate) async fn send_half(call: &Call, timeout: Duration) -> Result<(), Problem> {
    let uri: Uri = call.url.parse().unwrap_or_default();
    let length = call.body.len();
    let head = format!("{} {} HTTP/1.1\r\ncontent-length: {length}\r\n", call.method, uri.path());
    let mut bytes = head.into_bytes();
    for (name, value) in &headers(call, &uri) {
        bytes.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(&call.body[..length / 2]);
    send_bytes(&call.url, &bytes, timeout).await
}

/// Sends bytes, and waits for the backend to have had enough of them.
pub(crate) async fn send_bytes(url: &str, bytes: &[u8], timeout: Duration) -> Result<(), Problem> {
    let mut stream = connect(url, timeout).await?;
    within(timeout, stream.write_all(bytes)).await?;
    within(timeout, stream.shutdown()).await?;
    let mut answer = Vec::new();
    let mut stream = stream.take(LONGEST_COMPLAINT);
    // Whether it says something, and whether it closes the connection, is its choice.
    let _ = tokio::time::timeout(timeout.min(PATIENCE), stream.read_to_end(&mut answer)).await;
    Ok(())
}

async fn connect(url: &str, timeout: Duration) -> Result<TcpStream, Problem> {
    let uri: Uri = url.parse().unwrap_or_default();
    if uri.scheme_str() != Some("http") {
        return Err(Problem::skipped("this is looked at over http only"));
    }
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    within(timeout, TcpStream::connect((host, uri.port_u16().unwrap_or(80)))).await
}

async fn within<T, E: Into<Box<dyn std::error::Error + Send + Sync>>>(
    timeout: Duration,
    future: impl Future<Output = Result<T, E>>,
) -> Result<T, Problem> {
    let result = tokio::time::timeout(timeout, future).await.map_err(|_| Trouble::Timeout(timeout))?;
    Ok(result.map_err(|error| Trouble::Failed(io::Error::other(error).to_string()))?)
}
