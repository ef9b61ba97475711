//! From hyper's requests to the backend's.

use std::{
    convert::Infallible,
    mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::{HeaderValue, Request, Version, header};
use http_body::{Body, Frame, SizeHint};
use hyper::{
    body::Incoming,
    service::{Service, service_fn},
};
use tokio::time::{Sleep, sleep};

use super::{connection::Connection, host};
use crate::{
    PeerAddress, Reply,
    body::{BodyError, TookTooLong},
    reply::{self, TurnedAway},
};

/// The backend, for one connection. Its futures have no name, so that hyper keeps them in the connection's own memory.
pub(super) fn hooks(
    connection: Arc<Connection>,
) -> impl Service<Request<Incoming>, Response = Reply, Error = Infallible, Future: Send + 'static> + Clone {
    service_fn(move |request| {
        let answering = connection.begin();
        let (mut head, body) = request.into_parts();
        let may_be_last = head.version <= Version::HTTP_11;
        let extensions = mem::take(&mut head.extensions);
        async move {
            let connection = answering.connection();
            let (backend, peer) = (&connection.shared.backend.shared, connection.peer.map(PeerAddress));
            let reply = if host::is_in_order(&head) {
                backend.answer(&head, extensions, peer, TimedBody::new(body, connection)).await
            } else {
                backend.turn_away(TurnedAway::NoHost, &head, peer)
            };
            if reply.headers().contains_key(header::CONNECTION) {
                connection.had_last();
            }
            let mut reply = reply::with_headers(reply, head.headers);
            if may_be_last && connection.is_leaving() {
                // hyper closes behind it. HTTP/2 says so in a frame of its own.
                reply.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            Ok(reply)
        }
    })
}

/// A body that fails when it takes too long. Most are there with their heads, so the clock starts with the first wait.
struct TimedBody<'c> {
    body: Incoming,
    connection: &'c Connection,
    end: Option<Pin<Box<Sleep>>>,
}

impl<'c> TimedBody<'c> {
    fn new(body: Incoming, connection: &'c Connection) -> Self {
        Self { body, connection, end: None }
    }

    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let within = self.connection.live.settings.body_timeout;
        self.end.get_or_insert_with(|| Box::pin(sleep(within))).as_mut().poll(cx)
    }
}

impl Body for TimedBody<'_> {
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
