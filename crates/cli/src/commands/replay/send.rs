//! Sends an exchange again: [`Sender`].

use std::{collections::BTreeSet, time::Duration};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, header};
use http_body_util::Full;
use tokio::time::timeout;
use wcs_hooks::SigningKey;
use wcs_hooks_dispatcher::{Backend, HttpTransport, Reply};

use super::{
    compare::{Comparison, Difference},
    values::Values,
};
use crate::{
    recording::{Answer, Body, Exchange},
    target::Target,
};

/// The longest answer, in bytes: the dispatcher's own limit.
const LONGEST_ANSWER: usize = 4 << 20;

/// How exchanges are sent and compared.
pub(super) struct Sender {
    pub(super) to: Target,
    pub(super) backend: HttpTransport,
    pub(super) key: Option<SigningKey>,
    pub(super) values: Values,
    pub(super) ignored: BTreeSet<String>,
    pub(super) timeout: Duration,
}

/// What came of sending an exchange again.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Replayed {
    Same,
    Different(Vec<Difference>),
    /// It cannot be sent: why.
    Skipped(&'static str),
}

impl Sender {
    /// Sends it, and compares the answers.
    pub(super) async fn send(&self, exchange: &Exchange) -> Replayed {
        let request = match self.request(exchange) {
            Ok(request) => request,
            Err(why) => return Replayed::Skipped(why),
        };
        let attempt = self.backend.attempt(request, LONGEST_ANSWER);
        let now = match timeout(self.timeout, attempt).await {
            Ok(Ok(reply)) => Ok(reply),
            Ok(Err(failure)) => Err(failure.kind().to_string()),
            Err(_) => Err("no answer in time".to_owned()),
        };
        let mut comparison = Comparison::new(&self.values, &self.ignored);
        compare(exchange, now.as_ref().map_err(|failure| &**failure), &mut comparison);
        match comparison.differences {
            none if none.is_empty() => Replayed::Same,
            differences => Replayed::Different(differences),
        }
    }

    fn request(&self, exchange: &Exchange) -> Result<Request<Full<Bytes>>, &'static str> {
        let recorded = &exchange.request;
        let body = self.body(recorded.body.as_ref())?;
        let mut request = Request::new(Full::new(body.clone()));
        *request.method_mut() = Method::from_bytes(recorded.method.as_bytes()).map_err(|_| "no method")?;
        let path = self.values.put_into(&recorded.path);
        *request.uri_mut() = self.to.join(&path).map_err(|_| "its path cannot stand in a URL")?;
        let headers = request.headers_mut();
        for (name, value) in &recorded.headers {
            let value = self.values.put_into(value);
            let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::try_from(value)) else {
                return Err("a header cannot be sent");
            };
            headers.append(name, value);
        }
        headers.remove(header::HOST);
        headers.insert(header::CONTENT_LENGTH, body.len().into());
        if let Some(Ok(signature)) = self.key.as_ref().map(|key| HeaderValue::try_from(key.sign(&body))) {
            headers.insert(header::AUTHORIZATION, signature);
        }
        Ok(request)
    }

    fn body(&self, body: Option<&Body>) -> Result<Bytes, &'static str> {
        match body {
            None => Ok(Bytes::new()),
            Some(Body::Json(json)) => Ok(self.values.put_into_json(json.get()).into()),
            Some(Body::Text(text)) => Ok(self.values.put_into_json(text).into()),
            Some(Body::Masked { name, .. }) if !self.values.has(name) => Err(
                "its body is no JSON and was not recorded: set its name, or record with --keep-unreadable",
            ),
            Some(Body::Masked { name, .. }) => Ok(self.values.put_into(name).into()),
            Some(body) => body.bytes().map(Bytes::from).ok_or("its body was too long to be recorded"),
        }
    }
}

/// What has no JSON stands in paths with blanks: no member of a body is meant.
fn compare(exchange: &Exchange, now: Result<&Reply, &str>, comparison: &mut Comparison<'_>) {
    let recorded = exchange.answer.as_ref().filter(|_| exchange.failure.is_none());
    let (recorded, now) = match (recorded, now) {
        (Some(recorded), Ok(now)) => (recorded, now),
        (None, Err(_)) => return,
        (recorded, now) => {
            let status = recorded.map(|answer| answer.status.to_string());
            let failure = || exchange.failure.clone().unwrap_or_else(|| "no answer".to_owned());
            let now = now.map_or_else(str::to_owned, |now| now.status().to_string());
            return comparison.texts("HTTP status", Some(&status.unwrap_or_else(failure)), Some(&now));
        }
    };
    comparison.texts("HTTP status", Some(&recorded.status.to_string()), Some(&now.status().to_string()));
    comparison.texts("reason phrase", Some(&reason(recorded)), Some(&now.reason()));
    comparison.texts("content type", Some(kind(recorded.is_json())), Some(kind(now.is_json())));
    bodies(recorded.body.as_ref(), now.body(), comparison);
}

fn bodies(recorded: Option<&Body>, now: &Bytes, comparison: &mut Comparison<'_>) {
    let recorded = match recorded.map(Body::bytes) {
        None => Vec::new(),
        Some(Some(bytes)) => bytes,
        // It is not in the recording.
        Some(None) => return,
    };
    comparison.bodies(&String::from_utf8_lossy(&recorded), &String::from_utf8_lossy(now));
}

/// The usual one stands for none, as [`Reply::reason`] has it.
fn reason(answer: &Answer) -> String {
    if !answer.reason.is_empty() {
        return answer.reason.clone();
    }
    let status = http::StatusCode::from_u16(answer.status).ok();
    status.and_then(|status| status.canonical_reason()).unwrap_or_default().to_owned()
}

const fn kind(is_json: bool) -> &'static str {
    if is_json { "JSON" } else { "not JSON" }
}
