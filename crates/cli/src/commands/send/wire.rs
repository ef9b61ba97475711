//! The heads that go over the wire, which the dispatcher keeps to itself.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, Uri, header::CONTENT_TYPE};
use http_body_util::{Either, Full};
use tower::ServiceExt;
use wcs_hooks_dispatcher::{Backend, HttpTransport, TransportError};

/// What has been seen, and what is answered without asking the backend.
#[derive(Default)]
pub(super) struct Wire(Mutex<State>);

#[derive(Default)]
struct State {
    answer: Option<Bytes>,
    heads: Heads,
}

/// The heads of the last attempt.
#[derive(Default)]
pub(super) struct Heads {
    pub(super) uri: Uri,
    pub(super) request: HeaderMap,
    pub(super) answer: HeaderMap,
}

impl Wire {
    /// The next request does not reach the backend: this is the answer.
    pub(super) fn answer_once(&self, body: Bytes) {
        self.state().answer = Some(body);
    }

    /// What has been seen since the last time.
    pub(super) fn take(&self) -> Heads {
        std::mem::take(&mut self.state().heads)
    }

    fn sending(&self, request: &Request<Full<Bytes>>) -> Option<Bytes> {
        let mut state = self.state();
        let answer = state.answer.take();
        if answer.is_none() {
            let (uri, request) = (request.uri().clone(), request.headers().clone());
            state.heads = Heads { uri, request, answer: HeaderMap::new() };
        }
        answer
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The way over the network, watched.
pub(super) fn watched(transport: HttpTransport, wire: &Arc<Wire>) -> impl Backend + use<> {
    let wire = Arc::clone(wire);
    tower::service_fn(move |request: Request<Full<Bytes>>| {
        let (transport, wire) = (transport.clone(), Arc::clone(&wire));
        async move {
            if let Some(body) = wire.sending(&request) {
                return Ok(json(body).map(Either::Left));
            }
            let response = transport.oneshot(request).await?;
            wire.state().heads.answer = response.headers().clone();
            Ok::<_, TransportError>(response.map(Either::Right))
        }
    })
}

fn json(body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    response.headers_mut().insert(CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
    response
}
