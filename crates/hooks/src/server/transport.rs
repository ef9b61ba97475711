//! What bytes come and go over: TCP, a unix socket or TLS.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpStream, UnixStream};

use super::connection::Connection;

/// A connection that has been accepted.
pub(super) struct Socket {
    pub(super) stream: Stream,
    /// None of a unix socket.
    pub(super) peer: Option<IpAddr>,
}

/// TCP and unix sockets lie in the connection's own task; what is larger is boxed.
pub(super) enum Stream {
    Tcp(TokioIo<TcpStream>),
    Unix(TokioIo<UnixStream>),
    Boxed(Pin<Box<dyn Bytes>>),
}

pub(super) trait Bytes: Read + Write + Send {}

impl<T: Read + Write + Send> Bytes for T {}

impl Socket {
    /// Small answers leave at once: they wait for no acknowledgement.
    pub(super) fn tcp(stream: TcpStream, peer: SocketAddr) -> Self {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%peer, %error, "TCP_NODELAY not set");
        }
        Self { stream: Stream::Tcp(TokioIo::new(stream)), peer: Some(peer.ip().to_canonical()) }
    }

    pub(super) fn unix(stream: UnixStream) -> Self {
        Self { stream: Stream::Unix(TokioIo::new(stream)), peer: None }
    }
}

macro_rules! of_stream {
    ($self:ident, $stream:ident => $call:expr) => {
        match &mut $self.stream {
            Stream::Tcp(io) => {
                let $stream = Pin::new(io);
                $call
            }
            Stream::Unix(io) => {
                let $stream = Pin::new(io);
                $call
            }
            Stream::Boxed(io) => {
                let $stream = io.as_mut();
                $call
            }
        }
    };
}

/// Tells the connection that something came, and whether what goes is taken.
pub(super) struct Transport {
    pub(super) stream: Stream,
    pub(super) connection: Arc<Connection>,
}

impl Read for Transport {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let read = of_stream!(self, stream => stream.poll_read(cx, buf));
        if read.is_ready() {
            self.connection.received();
        }
        read
    }
}

impl Write for Transport {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = of_stream!(self, stream => stream.poll_write(cx, bytes));
        if written.is_pending() {
            self.connection.wrote(true);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = of_stream!(self, stream => stream.poll_flush(cx));
        self.connection.wrote(flushed.is_pending());
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        of_stream!(self, stream => stream.poll_shutdown(cx))
    }
}
