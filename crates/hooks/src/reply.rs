//! The HTTP responses. Spec §1.2, §5.1.

use std::{collections::BTreeMap, mem};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use http_body_util::Full;
use hyper::ext::ReasonPhrase;

use crate::Refusal;

/// What the service answers with.
pub type Reply = Response<Full<Bytes>>;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const CLOSE: HeaderValue = HeaderValue::from_static("close");
const LONGEST_PHRASE: usize = 200;
/// Who sends more of them does not make the connection larger for good. WCS sends about six.
const MOST_HEADERS_KEPT: usize = 24;

/// 200: WCS goes on.
pub(crate) fn accepted(body: Bytes) -> Reply {
    with_status(StatusCode::OK, body)
}

/// The refusal's status, with its reason in the status line and in the body.
pub(crate) fn refused(refusal: &Refusal) -> Reply {
    let mut reply = with_status(refusal.status(), refusal.body().into());
    if let Ok(phrase) = ReasonPhrase::try_from(phrase(refusal.reason())) {
        reply.extensions_mut().insert(phrase);
    }
    reply
}

/// Why a request does not get as far as a handler.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum TurnedAway {
    NotPosted,
    NamesNoHook,
    /// The caller has not proved who it is.
    Denied,
    /// The same, and HTTP Basic authentication would do. Spec §1.4.
    Challenged,
    NotJson,
    TooLong,
    CutOff,
    /// The server does not wait any longer for the body.
    TooSlow,
    /// There is no memory for the body, as far as `limits.body_memory` goes.
    NoMemory,
    /// The head has no `Host`, more than one, or one that is none. RFC 9112 §3.2.
    NoHost,
    /// The body is not an object that the hook can carry.
    Malformed,
    /// Too many callers of this address have not proved who they are.
    ShutOut,
    /// Too many hooks are being handled.
    Shed,
    /// The handler did not answer before its deadline.
    TimedOut,
    /// Nobody handles the hook, and that is to be refused.
    Unhandled,
}

impl TurnedAway {
    const ALL: [Self; 15] = [
        Self::NotPosted,
        Self::NamesNoHook,
        Self::Denied,
        Self::Challenged,
        Self::NotJson,
        Self::TooLong,
        Self::CutOff,
        Self::TooSlow,
        Self::NoMemory,
        Self::NoHost,
        Self::Malformed,
        Self::ShutOut,
        Self::Shed,
        Self::TimedOut,
        Self::Unhandled,
    ];

    const fn status_and_reason(self) -> (StatusCode, &'static str) {
        match self {
            Self::NotPosted => (StatusCode::METHOD_NOT_ALLOWED, "hooks are sent by POST"),
            Self::NamesNoHook => (StatusCode::NOT_FOUND, "the path does not name a hook"),
            Self::Denied => (StatusCode::FORBIDDEN, "Forbidden"),
            Self::Challenged => (StatusCode::UNAUTHORIZED, "Unauthorized"),
            Self::NotJson => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "send application/json in UTF-8"),
            Self::TooLong => (StatusCode::PAYLOAD_TOO_LARGE, "the body is too long"),
            Self::CutOff => (StatusCode::BAD_REQUEST, "the body was cut off"),
            Self::TooSlow => (StatusCode::REQUEST_TIMEOUT, "the body took too long"),
            Self::NoMemory => (StatusCode::SERVICE_UNAVAILABLE, "too many bodies are being read"),
            Self::NoHost => (StatusCode::BAD_REQUEST, "one Host is needed"),
            Self::Malformed => {
                (StatusCode::BAD_REQUEST, "the body is not an object that this hook can carry")
            }
            Self::ShutOut => (StatusCode::TOO_MANY_REQUESTS, "too many failed authentications"),
            Self::Shed => (StatusCode::SERVICE_UNAVAILABLE, "the backend is busy"),
            Self::TimedOut => (StatusCode::SERVICE_UNAVAILABLE, "the backend did not answer in time"),
            Self::Unhandled => (StatusCode::FORBIDDEN, "no handler for this method"),
        }
    }

    fn refusal(self) -> Refusal {
        let (status, reason) = self.status_and_reason();
        Refusal::new(status, reason)
    }

    fn header(self) -> Option<(HeaderName, HeaderValue)> {
        match self {
            Self::NotPosted => Some((header::ALLOW, HeaderValue::from_static("POST"))),
            // RFC 9110 §15.5.9.
            Self::TooSlow => Some((header::CONNECTION, CLOSE)),
            Self::Challenged => {
                let challenge = HeaderValue::from_static(r#"Basic realm="wcs-hooks", charset="UTF-8""#);
                Some((header::WWW_AUTHENTICATE, challenge))
            }
            _ => None,
        }
    }
}

/// None is missing in the list.
const _: () = assert!(TurnedAway::ALL.len() == TurnedAway::Unhandled as usize + 1);

/// Every status but 200 that a backend answers with, each with the reasons that are the framework's own: for documentation.
/// Handlers refuse with 401, 403, 429 and 500.
#[doc(hidden)]
#[must_use]
pub fn rejection_statuses() -> BTreeMap<u16, Vec<&'static str>> {
    let mut statuses = BTreeMap::<_, Vec<_>>::new();
    let internal = (StatusCode::INTERNAL_SERVER_ERROR, "a handler failed or panicked");
    for (status, reason) in TurnedAway::ALL.map(TurnedAway::status_and_reason).into_iter().chain([internal]) {
        statuses.entry(status.as_u16()).or_default().push(reason);
    }
    statuses
}

/// The reply to a request that does not get as far as a handler.
pub(crate) fn turned_away(why: TurnedAway) -> Reply {
    let mut reply = refused(&why.refusal());
    reply.headers_mut().extend(why.header());
    reply
}

/// The same to a body that the hook cannot carry, with what is wrong with it.
pub(crate) fn malformed(problem: &str) -> Reply {
    let refusal = TurnedAway::Malformed.refusal();
    refused(&Refusal::new(refusal.status(), format!("{}: {problem}", refusal.reason())))
}

/// The same, and it is the last one of its connection. HTTP/2 knows no such header: hyper leaves it out there.
pub(crate) fn last(mut reply: Reply) -> Reply {
    reply.headers_mut().insert(header::CONNECTION, CLOSE);
    reply
}

fn with_status(status: StatusCode, body: Bytes) -> Reply {
    let mut reply = Response::new(Full::new(body));
    *reply.status_mut() = status;
    reply
}

/// Puts the headers into the map that the request had. hyper keeps it for the next request of the connection, so that none of
/// them takes memory for its headers, nor for those of its reply.
pub(crate) fn with_headers(mut reply: Reply, request: HeaderMap) -> Reply {
    let mut headers = if request.capacity() > MOST_HEADERS_KEPT { HeaderMap::new() } else { request };
    headers.clear();
    headers.insert(header::CONTENT_TYPE, JSON);
    headers.extend(mem::take(reply.headers_mut()));
    *reply.headers_mut() = headers;
    reply
}

/// The reason as a status line can carry it: in ASCII, on one line, not long. The body has it whole.
fn phrase(reason: &str) -> String {
    let printable = |char: char| {
        if char == ' ' || char.is_ascii_graphic() { char } else { '?' }
    };
    reason.chars().take(LONGEST_PHRASE).map(printable).collect()
}
