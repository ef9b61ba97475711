//! A transport for sessions that always open, whatever the backend does later.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response, header::CONTENT_TYPE};
use http_body_util::{BodyExt, Full, combinators::BoxBody};
use tower::{Service, ServiceExt};
use wcs_hooks_dispatcher::HttpTransport;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Answers `connect` itself, if it is given an answer; everything else goes over the network.
#[derive(Clone)]
pub(super) struct Opening {
    answer: Option<String>,
    network: HttpTransport,
}

impl Opening {
    pub(super) fn new(answer: Option<String>, network: HttpTransport) -> Self {
        Self { answer, network }
    }
}

impl Service<Request<Full<Bytes>>> for Opening {
    type Response = Response<BoxBody<Bytes, hyper::Error>>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Full<Bytes>>) -> Self::Future {
        let answer = self.answer.clone().filter(|_| request.uri().path().ends_with("/connect"));
        let network = self.network.clone();
        Box::pin(async move {
            match answer {
                Some(answer) => {
                    let body = Full::from(answer).map_err(|never| match never {}).boxed();
                    Ok(Response::builder().header(CONTENT_TYPE, "application/json").body(body)?)
                }
                None => Ok(network.oneshot(request).await?.map(BodyExt::boxed)),
            }
        })
    }
}
