//! Saying no: [`Refusal`] and [`HookResult`].

use std::{borrow::Cow, error::Error, fmt, sync::Arc};

use http::StatusCode;
use wcs_hooks_protocol::{RefusalBody, escaped};

use crate::causes::Causes;

/// What a handler that may refuse returns: the payload, changed or not, or a [`Refusal`].
///
/// `?` on any error refuses with 500; the error's text goes to the log and not on the wire.
///
/// ```
/// use wcs_hooks::{Context, HookResult, Refusal, payloads::Call};
///
/// async fn call(_: Context, call: Call) -> HookResult<Call> {
///     if call.callee.starts_with("0900") { Err(Refusal::forbidden("this number cannot be called")) } else { Ok(call) }
/// }
/// ```
pub type HookResult<T> = Result<T, Refusal>;

/// A refusal, with one text for the client and another for the log.
///
/// WCS treats every status but 200 alike (spec §4.5), except that it ends a stream at a keep-alive, and is documented to
/// turn players away, on 403 only. The client is told the reason (spec §5.1), as the reason phrase of the status line and
/// in a body of exactly two fields.
///
/// ```
/// use wcs_hooks::Refusal;
///
/// let refusal = Refusal::forbidden("no such stream").because("alias 17 has expired");
/// assert_eq!(refusal.reason(), "no such stream");
/// assert_eq!(refusal.to_string(), "403 no such stream (alias 17 has expired)");
/// assert_eq!(Refusal::forbidden("two\nlines").to_string(), r"403 two\nlines");
/// ```
#[derive(Clone)]
pub struct Refusal {
    inner: Box<Inner>,
}

#[derive(Clone)]
struct Inner {
    status: StatusCode,
    reason: Cow<'static, str>,
    cause: Option<Cause>,
}

#[derive(Clone)]
enum Cause {
    Text(String),
    Error(Arc<dyn Error + Send + Sync>),
}

impl Refusal {
    /// 403: known who asks, or it does not matter, and the answer is no. The right one in most cases, and the only one
    /// that is documented to end a stream at a keep-alive or to turn an HLS or RTSP player away.
    #[must_use]
    pub fn forbidden(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::FORBIDDEN, reason)
    }

    /// 401: it is not known who asks; a token or password is missing or wrong. Not for someone who is known and may not.
    #[must_use]
    pub fn unauthorized(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, reason)
    }

    /// 429: too many at once; it may work later. Not for a quota that is used up for good.
    ///
    /// ```
    /// let refusal = wcs_hooks::Refusal::too_many_requests("try again in a minute");
    /// assert_eq!(refusal.to_string(), "429 try again in a minute");
    /// ```
    #[must_use]
    pub fn too_many_requests(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, reason)
    }

    /// 500: the backend failed. The client is told `Internal Server Error`; the error goes to the log. `?` does this.
    ///
    /// ```
    /// let refusal = wcs_hooks::Refusal::internal("the directory is down");
    /// assert_eq!(refusal.reason(), "Internal Server Error");
    /// assert_eq!(refusal.to_string(), "500 Internal Server Error (the directory is down)");
    /// ```
    #[must_use]
    pub fn internal(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        let refusal = Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error");
        refusal.caused_by(Cause::Error(Arc::from(error.into())))
    }

    pub(crate) fn new(status: StatusCode, reason: impl Into<Cow<'static, str>>) -> Self {
        Self { inner: Box::new(Inner { status, reason: reason.into(), cause: None }) }
    }

    /// The same with a text for the log only.
    #[must_use]
    pub fn because(self, detail: impl Into<String>) -> Self {
        self.caused_by(Cause::Text(detail.into()))
    }

    fn caused_by(mut self, cause: Cause) -> Self {
        self.inner.cause = Some(cause);
        self
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.inner.status
    }

    /// What the client is told.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.inner.reason
    }

    pub(crate) fn body(&self) -> String {
        RefusalBody { status: self.status().as_u16(), reason: self.reason().to_owned() }.to_json()
    }
}

/// For the log: the status, the reason, and the cause if there is one. Texts of clients are often among it, so characters
/// that act on a terminal or begin a line are escaped.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.status().as_u16(), escaped(self.reason()))?;
        match &self.inner.cause {
            Some(Cause::Text(text)) => write!(f, " ({})", escaped(text)),
            Some(Cause::Error(error)) => write!(f, " ({})", escaped(&Causes(&**error).to_string())),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Refusal({self})")
    }
}

/// `?` on an error: [`Refusal::internal`].
impl<E: Error + Send + Sync + 'static> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self::internal(error)
    }
}

/// `or_forbidden` and its like on an `Option` or a `Result`: no value, no entry.
///
/// ```
/// use wcs_hooks::{HookResult, OrRefuse};
///
/// fn room_of(claims: Option<&str>) -> HookResult<u32> {
///     let room = claims.or_unauthorized("no token")?;
///     Ok(room.parse::<u32>().or_forbidden("no such room")?)
/// }
///
/// assert_eq!(room_of(Some("7")).unwrap(), 7);
/// assert_eq!(room_of(None).unwrap_err().status(), 401);
/// // The client is told the reason; the log also gets the error.
/// assert_eq!(room_of(Some("x")).unwrap_err().to_string(), "403 no such room (invalid digit found in string)");
/// ```
pub trait OrRefuse<T> {
    /// The value, or this refusal. An error goes to the log.
    ///
    /// # Errors
    /// If there is no value.
    fn or_refuse(self, refusal: impl FnOnce() -> Refusal) -> HookResult<T>;

    /// The value, or [`Refusal::forbidden`].
    ///
    /// # Errors
    /// If there is no value.
    fn or_forbidden(self, reason: impl Into<Cow<'static, str>>) -> HookResult<T>
    where
        Self: Sized,
    {
        self.or_refuse(|| Refusal::forbidden(reason))
    }

    /// The value, or [`Refusal::unauthorized`].
    ///
    /// # Errors
    /// If there is no value.
    fn or_unauthorized(self, reason: impl Into<Cow<'static, str>>) -> HookResult<T>
    where
        Self: Sized,
    {
        self.or_refuse(|| Refusal::unauthorized(reason))
    }
}

impl<T> OrRefuse<T> for Option<T> {
    fn or_refuse(self, refusal: impl FnOnce() -> Refusal) -> HookResult<T> {
        self.ok_or_else(refusal)
    }
}

impl<T, E: Into<Box<dyn Error + Send + Sync>>> OrRefuse<T> for Result<T, E> {
    fn or_refuse(self, refusal: impl FnOnce() -> Refusal) -> HookResult<T> {
        self.map_err(|error| refusal().caused_by(Cause::Error(Arc::from(error.into()))))
    }
}
