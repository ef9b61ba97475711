//! One HTTP exchange with a backend: [`Wire`], [`Call`], [`Answer`].

use std::{
    error::Error,
    fmt,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Method, Request, StatusCode, Version,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT},
};
use http_body_util::{BodyExt, Full, Limited};
use hyper::ext::ReasonPhrase;
use tower::ServiceExt;
use wcs_hooks_dispatcher::{HttpTransport, TransportError};
use wcs_hooks_protocol::is_json_type;

use super::finding::Problem;
use crate::causes::causes;

/// What WCS sends, letter for letter. Spec §1.1.
pub(crate) const JSON: &str = "application/json;charset=UTF-8";

/// Longer answers are not read.
const LONGEST_ANSWER: usize = 16 * 1024 * 1024;

/// `rest_client_request_retry_count`. Spec §1.3.
const RETRIES: usize = 3;

/// A request, whatever may be wrong with it.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) url: String,
    pub(crate) content_type: Option<&'static str>,
    pub(crate) authorization: Option<String>,
    pub(crate) body: Bytes,
}

/// What came back.
#[derive(Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    /// The reason phrase as it stood in the status line.
    pub(crate) reason: String,
    pub(crate) version: Version,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) elapsed: Duration,
}

/// Why nothing came back.
#[derive(Debug)]
pub(crate) enum Trouble {
    Timeout(Duration),
    /// There is no connection. The causes, from the outside in.
    Unreachable(String),
    /// The causes, from the outside in.
    Failed(String),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Timeout(time) => write!(f, "no answer within {} s", time.as_secs_f32()),
            Self::Unreachable(causes) | Self::Failed(causes) => write!(f, "no answer: {causes}"),
        }
    }
}

impl Error for Trouble {}

/// The way to a backend.
#[derive(Debug)]
pub(crate) struct Wire {
    pub(crate) transport: HttpTransport,
    pub(crate) timeout: Duration,
}

impl Wire {
    /// Sends it, and waits for the whole answer. Where a connection ends without one, as a kept one may, it is sent again,
    /// as WCS does. Spec §1.3.
    pub(crate) async fn send(&self, call: Call) -> Result<Answer, Trouble> {
        let mut answer = self.attempt(call.clone()).await;
        for _ in 0..RETRIES {
            if !matches!(answer, Err(Trouble::Failed(_))) {
                break;
            }
            answer = self.attempt(call.clone()).await;
        }
        answer
    }

    async fn attempt(&self, call: Call) -> Result<Answer, Trouble> {
        let answer = tokio::time::timeout(self.timeout, self.exchange(call)).await;
        answer.map_err(|_| Trouble::Timeout(self.timeout))?
    }

    async fn exchange(&self, call: Call) -> Result<Answer, Trouble> {
        let started = Instant::now();
        let request = call.into_request().map_err(|error| Trouble::Failed(causes(&error)))?;
        let response = self.transport.clone().oneshot(request).await;
        let (head, body) = response.map_err(|error| without_answer(&error))?.into_parts();
        let body = Limited::new(body, LONGEST_ANSWER).collect().await;
        let body = body.map_err(|error| Trouble::Failed(causes(&*error)))?.to_bytes();
        let phrase = head.extensions.get::<ReasonPhrase>();
        let phrase = phrase.map(|phrase| String::from_utf8_lossy(phrase.as_bytes()).into_owned());
        Ok(Answer {
            status: head.status,
            reason: phrase.unwrap_or_else(|| head.status.canonical_reason().unwrap_or_default().to_owned()),
            version: head.version,
            headers: head.headers,
            body,
            elapsed: started.elapsed(),
        })
    }
}

impl Call {
    fn into_request(self) -> Result<Request<Full<Bytes>>, http::Error> {
        let mut request = Request::builder().method(self.method).uri(self.url);
        request = request.header(ACCEPT, "application/json").header(USER_AGENT, AGENT);
        if let Some(content_type) = self.content_type {
            request = request.header(CONTENT_TYPE, content_type);
        }
        if let Some(authorization) = self.authorization {
            let mut value = HeaderValue::try_from(authorization)?;
            value.set_sensitive(true);
            request = request.header(AUTHORIZATION, value);
        }
        request.body(Full::new(self.body))
    }
}

const AGENT: HeaderValue = HeaderValue::from_static(concat!("wcs-hooks/", env!("CARGO_PKG_VERSION")));

impl Answer {
    /// Whether WCS takes it for a success: only 200 is. Spec §1.2.
    pub(crate) fn is_accepted(&self) -> bool {
        self.status == StatusCode::OK
    }

    /// Nothing but 200 will do.
    pub(crate) fn accepted(self) -> Result<Self, Problem> {
        if self.is_accepted() { Ok(self) } else { Err(Problem::fail(format!("answered {self}"))) }
    }

    /// The body's text, which must be JSON.
    pub(crate) fn json(&self) -> Result<&str, Problem> {
        let text = std::str::from_utf8(&self.body);
        let text = text.map_err(|_| Problem::fail("the answer is not UTF-8"))?;
        match serde_json::from_str::<serde::de::IgnoredAny>(text) {
            Ok(_) => Ok(text),
            Err(error) => Err(Problem::fail(format!("the answer is not JSON: {error}"))),
        }
    }

    pub(crate) fn content_type(&self) -> Option<&str> {
        self.headers.get(CONTENT_TYPE)?.to_str().ok()
    }

    pub(crate) fn has_json_type(&self) -> bool {
        self.content_type().is_some_and(is_json_type)
    }
}

/// The status line without the version.
impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason: String = self.reason.chars().take(80).filter(|char| !char.is_control()).collect();
        write!(f, "{} {reason}", self.status.as_u16())
    }
}

fn without_answer(error: &TransportError) -> Trouble {
    if error.is_connect() { Trouble::Unreachable(causes(error)) } else { Trouble::Failed(causes(error)) }
}
