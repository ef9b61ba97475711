//! Takes connections, as long as there are places.

use std::{
    future::poll_fn,
    io::{self, ErrorKind},
    pin::pin,
    sync::Arc,
    task::Poll,
    time::Duration,
};

use tokio::time::sleep;

use super::{
    Shared,
    bind::{BACKLOG, Listener},
    connection::Connection,
    drive,
    places::Full,
    stage, tls,
    transport::{Socket, Stream},
};

/// How long it waits when the system has no file descriptors or memory left.
const BREATH: Duration = Duration::from_millis(100);

/// Until the server stops.
pub(super) async fn run(listener: Listener, shared: Arc<Shared>) {
    loop {
        tokio::select! {
            biased;
            () = shared.stage.reached(stage::DRAINING) => break,
            socket = next(&listener, &shared) => start(socket, &shared),
        }
    }
    // What the kernel has let in is answered: it was told that somebody listens.
    for _ in 0..BACKLOG {
        let Some(Ok(socket)) = at_once(listener.accept()).await else { break };
        start(socket, &shared);
    }
}

async fn next(listener: &Listener, shared: &Shared) -> Socket {
    loop {
        shared.places.until(|taken| taken < shared.live.load().settings.connections).await;
        match listener.accept().await {
            Ok(socket) => return socket,
            Err(error) if is_of_connection(&error) => {}
            Err(error) => {
                tracing::error!(%error, "cannot accept connections for now");
                shared.counts.accept_failures.add(1);
                sleep(BREATH).await;
            }
        }
    }
}

/// A peer that has left before it was let in.
fn is_of_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::ConnectionRefused
    )
}

pub(super) fn start(socket: Socket, shared: &Arc<Shared>) {
    shared.counts.accepted.add(1);
    match Connection::enter(shared, shared.live.load_full(), socket.peer) {
        Ok(connection) => drop(tokio::spawn(serve(socket.stream, connection))),
        Err(Full::OfAddress) => shared.counts.too_many_of_address.add(1),
        Err(Full::OfUnauthenticated) => shared.counts.too_many_unauthenticated.add(1),
    }
}

async fn serve(stream: Stream, connection: Arc<Connection>) {
    let acceptor = connection.live.tls.as_ref().map(|tls| tls.acceptor.clone());
    match (acceptor, stream) {
        (Some(acceptor), Stream::Tcp(stream)) => {
            let secured = Box::pin(tls::handshake(acceptor, stream.into_inner(), &connection)).await;
            if let Some(secured) = secured {
                drive::serve(secured.stream, secured.is_http2, connection).await;
            }
        }
        (_, stream) => drive::serve(stream, false, connection).await,
    }
}

/// What a future gives without waiting.
async fn at_once<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}
