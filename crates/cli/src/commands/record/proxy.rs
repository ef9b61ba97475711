//! Between WCS and the backend: [`Proxy`].

use std::{error::Error, fmt, sync::Arc};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, Version, header, request};
use http_body_util::{BodyExt, Either, Full};
use hyper::{body::Incoming, ext::ReasonPhrase};
use tokio::time::Instant;
use tower::ServiceExt;
use wcs_hooks_dispatcher::HttpTransport;

use super::{
    answer::{AnswerBody, Copied},
    draft::{DraftAnswer, Pending},
    sink::Sink,
};
use crate::{causes::causes, target::Target};

/// What concerns one connection only, and whose bodies the proxy frames anew. `Expect` has been met, and `Host` is the
/// backend's.
const NOT_PASSED_ON: [HeaderName; 10] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::EXPECT,
];

/// Passes hooks on and records them.
pub(super) struct Proxy {
    pub(super) to: Target,
    pub(super) backend: HttpTransport,
    /// The longest body, in bytes: of a request, that is passed on; of an answer, that is recorded.
    pub(super) max_body: usize,
    pub(super) started: Instant,
    pub(super) sink: Sink,
}

/// There is no answer. The connection to WCS is closed, as the backend's was or could not be made: an answer of ours
/// would be taken for the backend's.
#[derive(Debug)]
pub(super) struct NoAnswer;

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the backend gave no answer")
    }
}

impl Error for NoAnswer {}

impl Proxy {
    /// Handles a hook.
    pub(super) async fn handle(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> Result<Response<AnswerBody>, NoAnswer> {
        let mut pending = Pending::new(self.started, self.sink.clone());
        let (mut head, body) = request.into_parts();
        clean(&mut head.headers);
        pending.draft.method = head.method.clone();
        pending.draft.path = head.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
        pending.draft.headers = head.headers.clone();
        match read(body, self.max_body).await {
            Ok(Ok(body)) => pending.draft.body = body,
            Ok(Err(length)) => return Ok(too_long(pending, length)),
            Err(_) => return Err(NoAnswer),
        }
        self.pass_on(head, pending).await
    }

    async fn pass_on(
        &self,
        head: request::Parts,
        mut pending: Pending,
    ) -> Result<Response<AnswerBody>, NoAnswer> {
        let Ok(request) = self.request(head, &pending) else {
            pending.failed("the path cannot stand in a URL".to_owned());
            return Err(NoAnswer);
        };
        match self.backend.clone().oneshot(request).await {
            Ok(answer) => Ok(self.answer(answer, pending)),
            Err(error) => {
                pending.failed(causes(&error));
                Err(NoAnswer)
            }
        }
    }

    /// The request that the backend gets.
    fn request(&self, head: request::Parts, pending: &Pending) -> Result<Request<Full<Bytes>>, http::Error> {
        let mut request = Request::new(Full::new(pending.draft.body.clone()));
        *request.method_mut() = head.method;
        *request.uri_mut() = self.to.join(&pending.draft.path)?;
        *request.headers_mut() = head.headers;
        request.headers_mut().remove(header::HOST);
        Ok(request)
    }

    fn answer(&self, answer: Response<Incoming>, mut pending: Pending) -> Response<AnswerBody> {
        let (mut head, body) = answer.into_parts();
        clean(&mut head.headers);
        head.version = Version::HTTP_11;
        pending.draft.answer = Some(DraftAnswer {
            status: head.status,
            reason: head.extensions.get::<ReasonPhrase>().cloned(),
            headers: head.headers.clone(),
            body: Vec::new(),
            too_long: None,
        });
        Response::from_parts(head, Either::Left(Copied::new(body, pending, self.max_body)))
    }
}

/// Removes what concerns one connection only, and what `Connection` says does.
fn clean(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|names| names.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named.iter().chain(&NOT_PASSED_ON) {
        headers.remove(name);
    }
}

/// The whole body, or the length of what was read of one that is too long. That is read to its end unless it is more than
/// three times as long as it may be: a caller that is cut off while it writes may not hear why.
async fn read(mut body: Incoming, most: usize) -> hyper::Result<Result<Bytes, u64>> {
    let mut whole = Vec::new();
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        length += data.len() as u64;
        if length > 3 * most as u64 {
            break;
        }
        if length <= most as u64 {
            whole.extend_from_slice(&data);
        } else {
            whole = Vec::new();
        }
    }
    Ok(if length <= most as u64 { Ok(whole.into()) } else { Err(length) })
}

/// What a backend of this framework says of a body that is too long.
fn too_long(mut pending: Pending, length: u64) -> Response<AnswerBody> {
    pending.draft.too_long = Some(length);
    pending
        .failed("the request's body is longer than --max-body: 413, the backend was not called".to_owned());
    let body = Bytes::from_static(br#"{"status":413,"reason":"the body is too long"}"#);
    let mut answer = Response::new(Either::Right(Full::new(body)));
    *answer.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer.extensions_mut().insert(ReasonPhrase::from_static(b"the body is too long"));
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_concerns_one_connection_is_not_passed_on() {
        let headers = [
            ("connection", "keep-alive, X-One"),
            ("connection", "x-two"),
            ("keep-alive", "timeout=5"),
            ("transfer-encoding", "chunked"),
            ("expect", "100-continue"),
            ("x-one", "1"),
            ("x-two", "2"),
            ("x-three", "3"),
            ("authorization", "WCS 0"),
        ];
        let mut headers: HeaderMap = headers
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .into_iter()
            .collect();
        clean(&mut headers);
        let names: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
        assert_eq!(names, ["x-three", "authorization"]);
    }
}
