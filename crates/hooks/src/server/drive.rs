//! Runs HTTP over a connection.

use std::{future::poll_fn, pin::Pin, sync::Arc, task::Poll};

use bytes::Bytes;
use hyper::server::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioTimer};

use super::{
    connection::Connection,
    rewind::Rewind,
    service::hooks,
    transport::{Stream, Transport},
    watch::{Verdict, Watch},
};

/// The longest head that is read, in bytes: WCS's are below 500.
const LONGEST_HEAD: u16 = 16 * 1024;
const LARGEST_BUFFER: usize = 64 * 1024;
/// Requests at once in one HTTP/2 connection.
const STREAMS: u32 = 256;

/// Until the connection is over. `is_http2` if that has been agreed on; otherwise the first bytes tell.
pub(super) async fn serve(stream: Stream, is_http2: bool, connection: Arc<Connection>) {
    let transport = Transport { stream, connection: Arc::clone(&connection) };
    if is_http2 {
        return Box::pin(multiplexed(Bytes::new(), transport, connection)).await;
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
    match drive(&mut http, |http| Pin::new(http).graceful_shutdown(), &connection).await {
        // The client began with HTTP/2's preface, which stays in the buffer.
        Err(error) if error.is_parse_version_h2() => {
            let parts = http.into_parts();
            Box::pin(multiplexed(parts.read_buf, parts.io, connection)).await;
        }
        ended => log(ended),
    }
}

async fn multiplexed(read: Bytes, transport: Transport, connection: Arc<Connection>) {
    connection.becomes_multiplexed();
    let http = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(LONGEST_HEAD.into())
        .serve_connection(Rewind::new(read, transport), hooks(Arc::clone(&connection)));
    log(drive(&mut Box::pin(http), |http| http.as_mut().graceful_shutdown(), &connection).await);
}

fn log(ended: hyper::Result<()>) {
    if let Err(error) = ended {
        tracing::debug!(%error, "connection ended");
    }
}

/// Until the peer, hyper or the watch ends it. `finish` makes it end when what is in flight has been answered.
async fn drive<H>(http: &mut H, finish: impl Fn(&mut H), connection: &Connection) -> hyper::Result<()>
where
    H: Future<Output = hyper::Result<()>> + Unpin,
{
    let mut watch = Watch::new(connection);
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
