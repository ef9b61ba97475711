//! A load that costs little: raw keep-alive connections that know how long the answer will be.

use std::time::{Duration, Instant};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};
use wcs_hooks::{HookName, SigningKey};

use crate::servers::KEY;

/// The StreamStatusEvent that the vendor published in 2022; with `sdp`, as long as the captured publishStream.
pub(crate) fn body(with_sdp: bool) -> String {
    let body = include_str!("stream_status_event.json").trim_end();
    if !with_sdp {
        return body.to_owned();
    }
    let line = r"a=candidate:1 1 udp 2122260223 192.168.1.102 56143 typ host\r\n";
    body.replacen(r#""audioCodec""#, &format!(r#""sdp":"{}","audioCodec""#, line.repeat(47)), 1)
}

/// The request, signed; whoever does not check the signature does not read it.
pub(crate) fn request(hook: HookName, body: &str) -> Vec<u8> {
    let signature = SigningKey::new(&KEY.into()).sign(body.as_bytes());
    let head = format!(
        "POST /app/{hook} HTTP/1.1\r\nAccept: application/json, application/*+json\r\n\
         Content-Type: application/json;charset=UTF-8\r\nUser-Agent: Java/1.8.0_111\r\nHost: 127.0.0.1\r\n\
         Connection: keep-alive\r\nAuthorization: {signature}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    (head + body).into_bytes()
}

/// Sends `requests` in all over `connections`; gives the time it took.
pub(crate) async fn run(port: u16, request: &[u8], connections: usize, requests: usize) -> Duration {
    let mut sockets = Vec::new();
    let mut answer_length = 0;
    for _ in 0..connections {
        let mut socket = TcpStream::connect(("127.0.0.1", port)).await.expect("a connection");
        socket.set_nodelay(true).expect("no delay");
        answer_length = first_answer(&mut socket, request).await;
        sockets.push(socket);
    }
    let started = Instant::now();
    let mut tasks = JoinSet::new();
    for socket in sockets {
        tasks.spawn(exchange(socket, request.to_vec(), answer_length, requests / connections));
    }
    tasks.join_all().await;
    started.elapsed()
}

async fn exchange(mut socket: TcpStream, request: Vec<u8>, answer_length: usize, requests: usize) {
    let mut answer = vec![0; answer_length];
    for _ in 0..requests {
        socket.write_all(&request).await.expect("to write");
        socket.read_exact(&mut answer).await.expect("to read");
    }
}

/// How long an answer is: all are alike.
async fn first_answer(socket: &mut TcpStream, request: &[u8]) -> usize {
    socket.write_all(request).await.expect("to write");
    let mut answer = Vec::new();
    loop {
        socket.read_buf(&mut answer).await.expect("to read");
        let text = String::from_utf8_lossy(&answer).to_ascii_lowercase();
        assert!(text.is_empty() || text.starts_with("http/1.1 200"), "{text}");
        let Some(head) = text.find("\r\n\r\n") else {
            continue;
        };
        let length = text[..head].split("content-length: ").nth(1).expect("a length");
        let length: usize = length.split("\r\n").next().expect("a line").parse().expect("a number");
        if answer.len() == head + 4 + length {
            return answer.len();
        }
    }
}
