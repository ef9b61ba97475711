//! From hyper's requests to the backend's.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::Request;
use http_body::{Body, Frame, SizeHint};
use hyper::{body::Incoming, service::Service};
use tokio::time::{Sleep, sleep};
use tower::Service as _;

use super::connection::{Answering, Connection};
use crate::{
    Backend, PeerAddress, Reply,
    body::{BodyError, TookTooLong},
};

/// The backend, for one connection.
pub(super) struct Hooks(pub(super) Arc<Connection>);

impl Service<Request<Incoming>> for Hooks {
    type Response = Reply;
    type Error = Infallible;
    type Future = Answer;

    fn call(&self, request: Request<Incoming>) -> Answer {
        let answering = self.0.begin();
        let mut request = request.map(|body| TimedBody::new(body, &self.0));
        if let Some(peer) = self.0.peer {
            request.extensions_mut().insert(PeerAddress(peer));
        }
        Answer { answer: self.0.shared.backend.clone().call(request), _answering: answering }
    }
}

/// Keeps the connection busy until it is there.
pub(super) struct Answer {
    answer: <Backend as tower::Service<Request<TimedBody>>>::Future,
    _answering: Answering,
}

impl Future for Answer {
    type Output = Result<Reply, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.answer).poll(cx)
    }
}

/// A body that fails when it takes too long. Most are there with their heads, so the clock starts with the first wait.
pub(super) struct TimedBody {
    body: Incoming,
    connection: Arc<Connection>,
    end: Option<Pin<Box<Sleep>>>,
}

impl TimedBody {
    fn new(body: Incoming, connection: &Arc<Connection>) -> Self {
        Self { body, connection: Arc::clone(connection), end: None }
    }

    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let within = self.connection.live.settings.body_timeout;
        self.end.get_or_insert_with(|| Box::pin(sleep(within))).as_mut().poll(cx)
    }
}

impl Body for TimedBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) {
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        ready!(self.poll_end(cx));
        self.connection.shared.counts.slow_bodies.add(1);
        Poll::Ready(Some(Err(TookTooLong.into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
