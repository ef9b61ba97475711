//! Callers that mean harm, beside honest ones.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    task::JoinSet,
    time::{interval, timeout},
};

/// How long one of them keeps what it has opened, at most.
const PATIENCE: Duration = Duration::from_secs(3);
const FORGED_BODY: usize = 64 * 1024;

/// Opens so many connections a second, each from one of eight addresses that are not the honest one's, until it is dropped.
pub(crate) async fn attack(port: u16, per_second: u32) {
    let mut due = interval(Duration::from_secs(1) / per_second);
    let mut attempts = JoinSet::new();
    for number in 0_u32.. {
        due.tick().await;
        attempts.spawn(timeout(PATIENCE, attempt(port, number)));
        while attempts.try_join_next().is_some() {}
    }
}

/// Whatever comes of it is as good as anything else.
async fn attempt(port: u16, number: u32) -> Option<()> {
    let address = Ipv4Addr::new(127, 0, 0, 2 + u8::try_from(number / 5 % 8).ok()?);
    let socket = TcpSocket::new_v4().ok()?;
    socket.bind(SocketAddr::from((address, 0))).ok()?;
    let mut stream = socket.connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await.ok()?;
    match number % 5 {
        0 => send(&mut stream, &forged(FORGED_BODY, FORGED_BODY)).await,
        // The rest of the body never comes.
        1 => send(&mut stream, &forged(FORGED_BODY, FORGED_BODY / 2)).await,
        2 => send(&mut stream, b"GET /connect HTTP/1.1\r\nHost: backend\r\n\r\n").await,
        3 => send(&mut stream, &[0x16; 4096]).await,
        // Says nothing.
        _ => read(&mut stream).await,
    }
}

/// A call that nobody has signed, with so much of its body.
fn forged(length: usize, sent: usize) -> Vec<u8> {
    let head = format!(
        "POST /app/playStream HTTP/1.1\r\nHost: backend\r\nContent-Type: application/json\r\n\
         Authorization: WCS {:032x}\r\nContent-Length: {length}\r\n\r\n",
        fastrand::u128(..)
    );
    let mut request = head.into_bytes();
    request.resize(request.len() + sent, b' ');
    request
}

async fn send(stream: &mut TcpStream, request: &[u8]) -> Option<()> {
    stream.write_all(request).await.ok()?;
    read(stream).await
}

/// To the end.
async fn read(stream: &mut TcpStream) -> Option<()> {
    let mut buffer = [0; 4096];
    while stream.read(&mut buffer).await.ok()? > 0 {}
    Some(())
}
