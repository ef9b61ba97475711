//! An exchange as it was seen, before it is masked: [`Draft`] and [`Pending`].

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, header};
use hyper::ext::ReasonPhrase;
use tokio::time::Instant;
use wcs_hooks::redact;

use super::sink::Sink;
use crate::recording::{Answer, Body, Exchange, Masks, Request};

/// What is said of an exchange that ended before anything else could be said of it.
const CALLER_LEFT: &str = "the caller went away before the answer was complete";

/// What is written of an exchange.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) at: Duration,
    pub(super) took: Duration,
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// Of a body that is too long, what was read of it.
    pub(super) too_long: Option<u64>,
    pub(super) answer: Option<DraftAnswer>,
    pub(super) failure: Option<String>,
}

pub(super) struct DraftAnswer {
    pub(super) status: StatusCode,
    pub(super) reason: Option<ReasonPhrase>,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    pub(super) too_long: Option<u64>,
}

impl Draft {
    /// About what it takes in memory.
    pub(super) fn bytes(&self) -> usize {
        self.body.len() + self.answer.as_ref().map_or(0, |answer| answer.body.len())
    }

    /// With its secrets masked.
    pub(super) fn masked(self, masks: &mut Masks) -> Exchange {
        let path = self.path.split('?').next().unwrap_or_default();
        Exchange {
            at_us: micros(self.at),
            took_us: micros(self.took),
            hook: path.rsplit('/').next().unwrap_or_default().to_owned(),
            request: Request {
                method: self.method.to_string(),
                path: redact::url_with(&self.path, masks),
                authorization: scheme(&self.headers),
                headers: masks.headers(&self.headers),
                body: body(&self.body, self.too_long, masks),
            },
            answer: self.answer.map(|answer| answer.masked(masks)),
            failure: self.failure.map(|failure| redact::url_with(&failure, masks)),
        }
    }
}

impl DraftAnswer {
    fn masked(self, masks: &mut Masks) -> Answer {
        let given = self.reason.as_ref().map(|reason| String::from_utf8_lossy(reason.as_bytes()));
        let usual = || self.status.canonical_reason().unwrap_or_default().into();
        Answer {
            status: self.status.as_u16(),
            reason: redact::url_with(&given.unwrap_or_else(usual), masks),
            headers: masks.headers(&self.headers),
            body: body(&self.body, self.too_long, masks),
        }
    }
}

fn body(bytes: &[u8], too_long: Option<u64>, masks: &mut Masks) -> Option<Body> {
    match too_long {
        Some(bytes) => Some(Body::TooLong { bytes }),
        None => Body::of(bytes, masks),
    }
}

/// The word before the proof, if it is one that tells nothing.
fn scheme(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().unwrap_or_default();
    let known = ["WCS", "Basic", "Bearer", "Digest"];
    let word = value.split(' ').next().unwrap_or_default();
    let scheme = known.into_iter().find(|scheme| scheme.eq_ignore_ascii_case(word));
    Some(scheme.unwrap_or("other").to_owned())
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// An exchange under way. It is recorded when it is dropped, so that none is forgotten, however it ends.
pub(super) struct Pending {
    pub(super) draft: Draft,
    began: Instant,
    sink: Sink,
}

impl Pending {
    pub(super) fn new(started: Instant, sink: Sink) -> Self {
        let began = Instant::now();
        let draft = Draft { at: began - started, failure: Some(CALLER_LEFT.to_owned()), ..Draft::default() };
        Self { draft, began, sink }
    }

    /// It ended as it should.
    pub(super) fn completed(&mut self) {
        self.draft.failure = None;
    }

    pub(super) fn failed(&mut self, why: String) {
        self.draft.failure = Some(why);
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.draft.took = self.began.elapsed();
        self.sink.put(std::mem::take(&mut self.draft));
    }
}
