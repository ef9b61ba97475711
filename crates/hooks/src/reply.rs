//! The HTTP responses. Spec §1.2, §5.1.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::Full;
use hyper::ext::ReasonPhrase;

use crate::Refusal;

/// What the service answers with.
pub type Reply = Response<Full<Bytes>>;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const LONGEST_PHRASE: usize = 200;

/// 200: WCS goes on.
pub(crate) fn accepted(body: Bytes) -> Reply {
    with_json(StatusCode::OK, body)
}

/// The refusal's status, with its reason in the status line and in the body.
pub(crate) fn refused(refusal: &Refusal) -> Reply {
    let mut reply = with_json(refusal.status(), refusal.body().into());
    if let Ok(phrase) = ReasonPhrase::try_from(phrase(refusal.reason())) {
        reply.extensions_mut().insert(phrase);
    }
    reply
}

/// A refusal that comes before any handler is asked.
pub(crate) fn turned_away(status: StatusCode, reason: &'static str) -> Reply {
    refused(&Refusal::new(status, reason))
}

/// 401 with the challenge of HTTP Basic authentication. Spec §1.4.
pub(crate) fn challenge() -> Reply {
    let mut reply = turned_away(StatusCode::UNAUTHORIZED, "Unauthorized");
    let challenge = HeaderValue::from_static(r#"Basic realm="wcs-hooks", charset="UTF-8""#);
    reply.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    reply
}

/// 405: hooks are posted.
pub(crate) fn method_not_allowed() -> Reply {
    let mut reply = turned_away(StatusCode::METHOD_NOT_ALLOWED, "hooks are sent by POST");
    reply
        .headers_mut()
        .insert(header::ALLOW, HeaderValue::from_static("POST"));
    reply
}

fn with_json(status: StatusCode, body: Bytes) -> Reply {
    let mut reply = Response::new(Full::new(body));
    *reply.status_mut() = status;
    reply.headers_mut().insert(header::CONTENT_TYPE, JSON);
    reply
}

/// The reason as a status line can carry it: in ASCII, on one line, not long. The body has it whole.
fn phrase(reason: &str) -> String {
    let printable = |char: char| {
        if char == ' ' || char.is_ascii_graphic() {
            char
        } else {
            '?'
        }
    };
    reason.chars().take(LONGEST_PHRASE).map(printable).collect()
}
