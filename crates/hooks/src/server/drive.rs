//! Runs HTTP over a connection.

use std::{future::poll_fn, pin::Pin, sync::Arc, task::Poll};

use bytes::Bytes;
use hyper::server::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::time::Instant;

use super::{
    connection::Connection,
    memory::MULTIPLEXED,
    rewind::Rewind,
    service::hooks,
    transport::{Stream, Transport},
    watch::{Verdict, Watch},
};

/// The longest head that is read, in bytes: WCS's are below 500. No header takes more than hyper's 100.
const LONGEST_HEAD: u16 = 8 * 1024;
/// The least that hyper takes; more is read in pieces.
const LARGEST_BUFFER: usize = 8 * 1024;
/// Requests at once in one HTTP/2 connection.
const STREAMS: u32 = 32;
/// Bytes of bodies that come unasked for, of one stream and of all; less than the latter HTTP/2 does not know.
const STREAM_WINDOW: u32 = 16 * 1024;
const CONNECTION_WINDOW: u32 = 65_535;
/// Streams that the peer has reset and the server is not done with.
const RESET_STREAMS: usize = 16;

/// Until the connection is over. `is_http2` if that has been agreed on; otherwise the first bytes tell.
pub(super) async fn serve(stream: Stream, is_http2: bool, connection: Arc<Connection>) {
    let transport = Transport { stream, connection: Arc::clone(&connection) };
    let since = Instant::now();
    if is_http2 {
        return Box::pin(multiplexed(Bytes::new(), transport, connection, since)).await;
    }
    let mut http = http1::Builder::new()
        .timer(TokioTimer::new())
        // Heads and idle connections have limits of their own, which need no timer for each request.
        .header_read_timeout(None)
        // A small reply is written faster in one piece.
        .writev(false)
        .max_header_size(LONGEST_HEAD.into())
        .max_buf_size(LARGEST_BUFFER)
        .serve_connection(transport, hooks(Arc::clone(&connection)));
    match drive(&mut http, |http| Pin::new(http).graceful_shutdown(), &connection, since).await {
        // The client began with HTTP/2's preface, which stays in the buffer.
        Err(error) if error.is_parse_version_h2() => {
            let parts = http.into_parts();
            Box::pin(multiplexed(parts.read_buf, parts.io, connection, since)).await;
        }
        Err(error) => {
            if error.is_parse() {
                connection.broke_the_protocol();
            }
            log(&error);
        }
        Ok(()) => {}
    }
}

/// What it takes more than another connection is reserved like a body, for a peer that has not proved itself; one that has failed
/// to as often as it may is not to have many requests decoded at once.
async fn multiplexed(read: Bytes, transport: Transport, connection: Arc<Connection>, since: Instant) {
    let (stranger, memory) = (connection.stranger(), &connection.shared.backend.shared.body_memory);
    let mut reserved = memory.reservation(stranger);
    let mut is_refused = || connection.is_at_limit() || !reserved.resize(MULTIPLEXED);
    if stranger.is_some() && is_refused() {
        return connection.shared.counts.too_many_unauthenticated.add(1);
    }
    connection.becomes_multiplexed();
    let http = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_pending_accept_reset_streams(RESET_STREAMS)
        .max_local_error_reset_streams(RESET_STREAMS)
        .max_send_buf_size(LARGEST_BUFFER)
        .max_header_list_size(LONGEST_HEAD.into())
        .serve_connection(Rewind::new(read, transport), hooks(Arc::clone(&connection)));
    let ended =
        drive(&mut Box::pin(http), |http| http.as_mut().graceful_shutdown(), &connection, since).await;
    if let Err(error) = ended {
        connection.broke_the_protocol();
        log(&error);
    }
}

fn log(error: &hyper::Error) {
    tracing::debug!(%error, "connection ended");
}

/// Until the peer, hyper or the watch ends it. `finish` makes it end when what is in flight has been answered. `since` when it is
/// waited for a head.
async fn drive<H>(
    http: &mut H,
    finish: impl Fn(&mut H),
    connection: &Connection,
    since: Instant,
) -> hyper::Result<()>
where
    H: Future<Output = hyper::Result<()>> + Unpin,
{
    let mut watch = Watch::new(connection, since);
    poll_fn(|cx| {
        loop {
            // First, so that what has come already is answered before anything is closed.
            if let Poll::Ready(ended) = Pin::new(&mut *http).poll(cx) {
                return Poll::Ready(ended);
            }
            match watch.poll(cx) {
                Poll::Ready(Verdict::Finish) => finish(http),
                Poll::Ready(Verdict::Close) => return Poll::Ready(Ok(())),
                Poll::Pending => return Poll::Pending,
            }
        }
    })
    .await
}
