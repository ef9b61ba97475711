//! The answer on its way to WCS: passed on as it comes, with a copy for the recording.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http_body_util::{Either, Full};
use hyper::body::{Body, Frame, Incoming, SizeHint};

use super::draft::Pending;

/// The backend's answer, or the recorder's own.
pub(super) type AnswerBody = Either<Copied, Full<Bytes>>;

/// The body of the backend's answer. Its exchange is recorded when it ends or is dropped.
pub(super) struct Copied {
    body: Incoming,
    pending: Pending,
    /// The longest copy, in bytes.
    most: usize,
}

impl Copied {
    /// The head of the answer is in the exchange already.
    pub(super) fn new(body: Incoming, mut pending: Pending, most: usize) -> Self {
        if body.is_end_stream() {
            pending.completed();
        }
        Self { body, pending, most }
    }

    fn copy(&mut self, data: &[u8]) {
        let Some(answer) = &mut self.pending.draft.answer else { return };
        if let Some(length) = &mut answer.too_long {
            *length += data.len() as u64;
        } else if answer.body.len() + data.len() > self.most {
            answer.too_long = Some((answer.body.len() + data.len()) as u64);
            answer.body = Vec::new();
        } else {
            answer.body.extend_from_slice(data);
        }
    }
}

impl Body for Copied {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        match &frame {
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    self.copy(data);
                }
            }
            Some(Err(error)) => self.pending.failed(format!("the answer's body broke off: {error}")),
            None => self.pending.completed(),
        }
        if self.body.is_end_stream() {
            self.pending.completed();
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
