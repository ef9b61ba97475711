//! One call of the backend: attempts until there is an answer or no other attempt is allowed. Spec §1.3.

use std::{pin::Pin, time::Duration};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Method, Request, Response, Uri,
    header::{AUTHORIZATION, CONTENT_LENGTH},
};
use http_body::Body;
use http_body_util::Full;
use tower::{Service, ServiceExt};

use crate::{Failure, FailureKind, Reply, RetryRule, counted::Counted, failure::BoxError, transport};

/// What brings requests to a backend: any [`tower::Service`] that can be cloned, such as
/// [`HttpTransport`](crate::HttpTransport) or the backend's own service in the same process.
///
/// It is implemented for all of them; there is no need to implement it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot stand for the backend",
    note = "it must be a `tower::Service<http::Request<http_body_util::Full<bytes::Bytes>>>` that answers with an \
            `http::Response`, and `Clone + Send + Sync + 'static`"
)]
pub trait Backend: Send + Sync + 'static {
    /// Makes one attempt, and reads the answer's body up to this many bytes.
    fn attempt(&self, request: Request<Full<Bytes>>, limit: usize) -> Attempt;
}

/// An attempt under way.
pub type Attempt = Pin<Box<dyn Future<Output = Result<Reply, Failure>> + Send>>;

impl<S, B> Backend for S
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>> + Clone + Send + Sync + 'static,
    S::Future: Send,
    S::Error: Into<BoxError>,
    B: Body + Send,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    fn attempt(&self, request: Request<Full<Bytes>>, limit: usize) -> Attempt {
        let mut service = self.clone();
        Box::pin(async move {
            let failure = |error: S::Error| transport::failure(error.into());
            let response = service.ready().await.map_err(failure)?.call(request);
            let (parts, body) = response.await.map_err(failure)?.into_parts();
            Reply::read(parts, body, limit).await
        })
    }
}

/// A request that can be sent again.
pub(crate) struct Outgoing<'a> {
    pub(crate) app: &'a str,
    pub(crate) hook: &'a str,
    /// Where the hook is counted.
    pub(crate) row: usize,
    pub(crate) uri: Uri,
    /// The app's.
    pub(crate) headers: &'a HeaderMap,
    pub(crate) signature: Option<HeaderValue>,
    pub(crate) body: Bytes,
}

impl Outgoing<'_> {
    fn request(&self) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::new(self.body.clone()));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = self.headers();
        request
    }

    /// A signature wins over the app's credentials: both use the same header. Spec §1.5.
    fn headers(&self) -> HeaderMap {
        let mut headers = self.headers.clone();
        headers.insert(CONTENT_LENGTH, self.body.len().into());
        if let Some(signature) = &self.signature {
            headers.insert(AUTHORIZATION, signature.clone());
        }
        headers
    }

    fn log(&self, failure: &Failure, attempt: u32) {
        tracing::warn!(app = self.app, hook = self.hook, attempt, "Got exception in REST {failure}",);
    }
}

/// How attempts are made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) retry: RetryRule,
    pub(crate) timeout: Option<Duration>,
    pub(crate) body: usize,
}

/// What came of all attempts.
pub(crate) struct Exchange {
    pub(crate) result: Result<Reply, Failure>,
    pub(crate) attempts: u32,
}

/// Makes attempts, one right after the other, until one is answered or the rule forbids another.
pub(crate) async fn exchange(
    backend: &dyn Backend,
    outgoing: &Outgoing<'_>,
    limits: Limits,
    counted: &Counted,
) -> Exchange {
    let mut attempts = 0;
    loop {
        attempts += 1;
        counted.attempt(outgoing.row, attempts);
        let attempt = backend.attempt(outgoing.request(), limits.body);
        let failure = match in_time(attempt, limits.timeout).await {
            Ok(reply) => return Exchange { result: Ok(reply), attempts },
            Err(failure) => failure,
        };
        outgoing.log(&failure, attempts);
        counted.failed_attempt(failure.kind());
        if !limits.retry.allows_another(failure.kind(), failure.request_sent(), attempts) {
            return Exchange { result: Err(failure), attempts };
        }
    }
}

async fn in_time(attempt: Attempt, timeout: Option<Duration>) -> Result<Reply, Failure> {
    let Some(timeout) = timeout else {
        return attempt.await;
    };
    let late = |_| Err(Failure::new(FailureKind::Timeout, true, None));
    tokio::time::timeout(timeout, attempt).await.unwrap_or_else(late)
}
