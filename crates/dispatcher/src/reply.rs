//! The backend's answer: [`Reply`].

use std::fmt;

use bytes::{Buf, Bytes, BytesMut};
use http::{HeaderMap, StatusCode, header::CONTENT_TYPE, response::Parts};
use http_body::Body;
use http_body_util::BodyExt;
use hyper::ext::ReasonPhrase;
use wcs_hooks_protocol::{Object, RefusalBody, is_json_type};

use crate::{Failure, FailureKind, failure::BoxError};

/// What the backend answered. Printing with `{:?}` shows the body's length only: it may hold secrets.
///
/// ```
/// use wcs_hooks_dispatcher::Verdict;
///
/// fn phrase(verdict: &Verdict) -> Option<String> {
///     let reply = verdict.reply()?;
///     Some(format!("{} {}", reply.status(), reply.reason()))
/// }
/// ```
pub struct Reply {
    status: StatusCode,
    reason: Option<ReasonPhrase>,
    is_json: bool,
    body: Bytes,
}

impl Reply {
    /// Takes the head of an answer and reads its body.
    pub(crate) async fn read<B>(parts: Parts, body: B, limit: usize) -> Result<Self, Failure>
    where
        B: Body,
        B::Error: Into<BoxError>,
    {
        let body = collect(body, limit).await?;
        let mut extensions = parts.extensions;
        Ok(Self {
            status: parts.status,
            reason: extensions.remove::<ReasonPhrase>(),
            is_json: is_json(&parts.headers),
            body,
        })
    }

    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// The reason phrase of the status line; the usual one of the status if the line has none.
    #[must_use]
    pub fn reason(&self) -> String {
        match &self.reason {
            Some(reason) if !reason.as_bytes().is_empty() => {
                String::from_utf8_lossy(reason.as_bytes()).into_owned()
            }
            _ => self.status.canonical_reason().unwrap_or_default().to_owned(),
        }
    }

    /// Whether the content type is JSON: `application/json` or `application/*+json`, with any parameters.
    #[must_use]
    pub const fn is_json(&self) -> bool {
        self.is_json
    }

    /// The body as it came.
    #[must_use]
    pub const fn body(&self) -> &Bytes {
        &self.body
    }

    /// The object in the body; `None` if the content type is not JSON or the body is no object.
    pub(crate) fn object(&self) -> Option<Object<'_>> {
        self.is_json.then(|| Object::from_slice(&self.body).ok())?
    }

    /// What the client is told of a refusal: the reason in the two-field body of a 4xx, or else the reason phrase.
    /// Spec §5.1.
    pub(crate) fn info(&self) -> String {
        let told = self.status.is_client_error() && self.is_json;
        let body = told.then(|| RefusalBody::read(&self.body)).flatten();
        body.map_or_else(|| self.reason(), |body| body.reason)
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("status", &self.status())
            .field("reason", &self.reason())
            .field("is_json", &self.is_json)
            .field("body_length", &self.body.len())
            .finish()
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .is_some_and(|value| is_usual_json(value.as_bytes()) || value.to_str().is_ok_and(is_json_type))
}

/// Nearly every answer, without a closer look.
fn is_usual_json(value: &[u8]) -> bool {
    let rest = value.strip_prefix(b"application/json");
    rest.is_some_and(|rest| rest.first().is_none_or(|next| *next == b';'))
}

/// Reads a body to its end, so that its connection can be used again. A body in one piece is not copied.
async fn collect<B>(body: B, limit: usize) -> Result<Bytes, Failure>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    let mut body = std::pin::pin!(body);
    let (mut first, mut rest) = (Bytes::new(), BytesMut::new());
    while !body.is_end_stream()
        && let Some(frame) = body.frame().await
    {
        let frame = frame.map_err(|error| Failure::new(FailureKind::BrokenBody, true, Some(error.into())))?;
        let Ok(mut data) = frame.into_data() else { continue };
        if first.len() + rest.len() + data.remaining() > limit {
            return Err(Failure::new(FailureKind::TooLarge, true, None));
        }
        if first.is_empty() {
            first = data.copy_to_bytes(data.remaining());
        } else {
            rest.reserve(data.remaining());
            rest.extend_from_slice(&data.copy_to_bytes(data.remaining()));
        }
    }
    if rest.is_empty() {
        return Ok(first);
    }
    Ok([first, rest.freeze()].concat().into())
}

#[cfg(test)]
mod tests;
