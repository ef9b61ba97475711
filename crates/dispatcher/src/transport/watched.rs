//! Whether a request was written in full when its connection failed: [`Watched`].

use std::{
    error::Error,
    fmt, io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use hyper::rt::{Read, ReadBufCursor, Write};

/// A connection failed while part of a request was still to be written.
#[derive(Debug)]
pub(super) struct Unsent(io::Error);

impl fmt::Display for Unsent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for Unsent {}

/// A connection that marks its errors as [`Unsent`] while it has not taken all that was to be written.
pub(super) struct Watched<S> {
    stream: S,
    is_writing: bool,
}

impl<S> Watched<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream, is_writing: false }
    }

    fn marked<T>(&self, result: io::Result<T>) -> io::Result<T> {
        result.map_err(
            |error| {
                if self.is_writing { io::Error::new(error.kind(), Unsent(error)) } else { error }
            },
        )
    }
}

impl<S: Read + Unpin> Read for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let result = ready!(Pin::new(&mut self.stream).poll_read(cx, buf));
        Poll::Ready(self.marked(result))
    }
}

impl<S: Write + Unpin> Write for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.is_writing = true;
        let result = ready!(Pin::new(&mut self.stream).poll_write(cx, buf));
        self.is_writing = !matches!(result, Ok(written) if written == buf.len());
        Poll::Ready(self.marked(result))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let result = ready!(Pin::new(&mut self.stream).poll_flush(cx));
        self.is_writing |= result.is_err();
        Poll::Ready(self.marked(result))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.is_writing = true;
        let wanted: usize = bufs.iter().map(|buf| buf.len()).sum();
        let result = ready!(Pin::new(&mut self.stream).poll_write_vectored(cx, bufs));
        self.is_writing = !matches!(result, Ok(written) if written == wanted);
        Poll::Ready(self.marked(result))
    }
}
