//! What a command says, and how it is answered: [`Command`], [`Answer`].

use std::borrow::Cow;

use axum::{
    extract::{FromRequest, Request},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{StatusCode, header::CONTENT_TYPE};
use wcs_hooks_protocol::Object;

/// The object of a command, kept as it came. An empty body is an empty object.
pub(crate) struct Command(Bytes);

impl<S: Send + Sync> FromRequest<S> for Command {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let body = Bytes::from_request(request, state).await.map_err(IntoResponse::into_response)?;
        Ok(Self(body))
    }
}

impl Command {
    /// # Errors
    /// If the body is no JSON object.
    pub(crate) fn object(&self) -> Result<Object<'_>, Answer> {
        let body = self.0.trim_ascii();
        let object = Object::from_slice(if body.is_empty() { b"{}" } else { body });
        object.map_err(|error| {
            Answer::error(StatusCode::BAD_REQUEST, format!("the body is no JSON object: {error}"))
        })
    }
}

/// A field that a command cannot do without.
///
/// # Errors
/// If it is missing.
pub(crate) fn needed<'a>(object: &Object<'a>, name: &'static str) -> Result<Cow<'a, str>, Answer> {
    let text = object.string(name).filter(|text| !text.is_empty());
    text.ok_or_else(|| Answer::error(StatusCode::BAD_REQUEST, format!("`{name}` is missing")))
}

/// The texts of a list, or none if there is no such list.
pub(crate) fn texts(object: &Object<'_>, name: &str) -> Vec<String> {
    object.get(name).and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default()
}

/// How a command is answered: either way, a response.
pub(crate) type Answered = Result<Answer, Answer>;

/// What is answered.
pub(crate) enum Answer {
    /// It is done. WCS has nothing to say then.
    Done,
    /// There is nothing that it is about.
    None,
    /// JSON.
    Json(String),
    Error(StatusCode, String),
}

impl Answer {
    pub(crate) fn error(status: StatusCode, why: impl Into<String>) -> Self {
        Self::Error(status, why.into())
    }

    /// Whether something was there.
    pub(crate) fn done(is_done: bool) -> Self {
        if is_done { Self::Done } else { Self::None }
    }

    /// Objects, given as JSON.
    pub(crate) fn list(objects: &[impl AsRef<str>]) -> Self {
        if objects.is_empty() {
            return Self::None;
        }
        let objects: Vec<_> = objects.iter().map(AsRef::as_ref).collect();
        Self::Json(format!("[{}]", objects.join(",")))
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        match self {
            Self::Done => StatusCode::OK.into_response(),
            Self::None => StatusCode::NOT_FOUND.into_response(),
            Self::Json(json) => ([(CONTENT_TYPE, "application/json")], json).into_response(),
            Self::Error(status, why) => (status, format!("{why}\n")).into_response(),
        }
    }
}
