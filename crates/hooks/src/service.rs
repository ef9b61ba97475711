//! The one path from a request's bytes to its answer: cap, signature, parse, handler.

use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{self, Poll},
    time::Instant,
};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode, Uri, header, request::Parts};
use http_body::Body;
use tower::Service;

use crate::{
    Backend, Callers, Report,
    backend::Shared,
    body::{self, BodyError},
    callers::Admission,
    decide::Call,
    reply::{self, Reply},
};

impl<B> Service<Request<B>> for Backend
where
    B: Body + Send + 'static,
    B::Data: Send,
{
    type Response = Reply;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Reply, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut task::Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let shared = Arc::clone(&self.shared);
        Box::pin(async move { Ok(shared.answer(request).await) })
    }
}

impl Shared {
    async fn answer<B: Body>(&self, request: Request<B>) -> Reply {
        let started = Instant::now();
        let (head, body) = request.into_parts();
        let (gates, body) = match self.receive(&head, body).await {
            Ok(received) => received,
            Err(turned_away) => return turned_away,
        };
        let hook = method_name(&head.uri).parse().ok();
        let call = Call {
            hook,
            gates,
            body: &body,
            extensions: head.extensions,
        };
        let (app, answered, reply) = self.decide(call).await;
        self.counters.count(hook, answered);
        if let Some(observer) = &self.observer {
            observer.answered(&Report {
                hook,
                app: &app.name,
                answered,
                elapsed: started.elapsed(),
            });
        }
        reply
    }

    /// The body of a request that is worth looking at, and the gates that its caller may pass.
    async fn receive<B: Body>(&self, head: &Parts, body: B) -> Result<(u64, Bytes), Reply> {
        if head.method != Method::POST {
            return Err(reply::method_not_allowed());
        }
        if method_name(&head.uri).is_empty() {
            return Err(reply::turned_away(
                StatusCode::NOT_FOUND,
                "the path does not name a hook",
            ));
        }
        let admissions = self.admissions(&head.headers)?;
        if !is_json(&head.headers) {
            return Err(reply::turned_away(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "send application/json in UTF-8",
            ));
        }
        let body = body::read(body, self.body_limit)
            .await
            .map_err(|error| match error {
                BodyError::TooLong => {
                    reply::turned_away(StatusCode::PAYLOAD_TOO_LARGE, "the body is too long")
                }
                BodyError::CutOff => reply::turned_away(StatusCode::BAD_REQUEST, "the body was cut off"),
            })?;
        let gates = self.open_gates(&admissions, &head.headers, &body);
        if gates == 0 {
            Err(self.denied(&head.headers))
        } else {
            Ok((gates, body))
        }
    }

    /// What the header says at each gate. A caller that cannot pass any is turned away before its body is read.
    fn admissions(&self, headers: &HeaderMap) -> Result<Admissions, Reply> {
        let header = headers.get(header::AUTHORIZATION);
        let mut admissions = Admissions::default();
        for (gate, callers) in self.gates.iter().enumerate() {
            match callers.admit(header) {
                Admission::Granted => admissions.open |= 1 << gate,
                Admission::NeedsBody => admissions.need_body |= 1 << gate,
                Admission::Denied => {}
            }
        }
        if admissions.open | admissions.need_body == 0 {
            Err(self.denied(headers))
        } else {
            Ok(admissions)
        }
    }

    fn open_gates(&self, admissions: &Admissions, headers: &HeaderMap, body: &[u8]) -> u64 {
        let mut open = admissions.open;
        for (gate, callers) in self.gates.iter().enumerate() {
            if admissions.need_body >> gate & 1 == 1
                && callers.verify(headers.get(header::AUTHORIZATION), body)
            {
                open |= 1 << gate;
            }
        }
        open
    }

    fn denied(&self, headers: &HeaderMap) -> Reply {
        self.counters.count_denied_caller();
        let takes_basic = self.gates.iter().any(Callers::takes_basic);
        let is_signed = headers
            .get(header::AUTHORIZATION)
            .is_some_and(|header| header.as_bytes().starts_with(b"WCS"));
        tracing::warn!(is_signed, "caller turned away: no valid signature or password");
        if takes_basic && !is_signed {
            return reply::challenge();
        }
        reply::turned_away(StatusCode::FORBIDDEN, "Forbidden")
    }
}

/// The last segment of the path names the hook, whatever stands before it. Spec §1.1.
fn method_name(uri: &Uri) -> &str {
    uri.path().rsplit('/').next().unwrap_or_default()
}

#[derive(Default)]
struct Admissions {
    open: u64,
    need_body: u64,
}

/// Whether the body is JSON in UTF-8, as every hook's is. Spec §1.1.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(content_type) = headers.get(header::CONTENT_TYPE) else {
        return false;
    };
    // What WCS sends, letter for letter.
    content_type == "application/json;charset=UTF-8" || content_type.to_str().is_ok_and(is_json_type)
}

fn is_json_type(content_type: &str) -> bool {
    let mut parts = content_type.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default().to_ascii_lowercase();
    let is_json =
        essence == "application/json" || essence.starts_with("application/") && essence.ends_with("+json");
    is_json && parts.all(is_utf8_or_no_charset)
}

fn is_utf8_or_no_charset(parameter: &str) -> bool {
    let charset = parameter
        .split_once('=')
        .filter(|(name, _)| name.eq_ignore_ascii_case("charset"));
    charset.is_none_or(|(_, value)| value.trim_matches('"').eq_ignore_ascii_case("utf-8"))
}

#[cfg(test)]
mod tests;
