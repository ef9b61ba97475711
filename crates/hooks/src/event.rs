//! What the handler of an event returns. It cannot refuse: what it is told has happened already.

use std::{error::Error, fmt};

use crate::causes::Causes;

/// What the handler of an event returns. WCS is answered 200 either way; an error is logged and counted.
///
/// ```
/// use wcs_hooks::{Context, EventResult, payloads::Stream};
///
/// async fn publishing(_: Context, stream: Stream) -> EventResult {
///     tracing::info!("{} is on air", stream.name);
///     Ok(())
/// }
/// ```
pub type EventResult = Result<(), EventError>;

/// What the handler of `StreamKeepAliveEvent` returns. On an error the stream goes on: a fault of the backend ends no
/// streams.
///
/// ```
/// use wcs_hooks::{Context, KeepAlive, KeepAliveResult, payloads::Stream};
///
/// async fn stream_keep_alive(_: Context, stream: Stream) -> KeepAliveResult {
///     Ok(if stream.name == "too-long" { KeepAlive::EndStream } else { KeepAlive::Continue })
/// }
/// ```
pub type KeepAliveResult = Result<KeepAlive, EventError>;

/// Whether a stream goes on. Spec §3.4 StreamKeepAliveEvent.
///
/// ```
/// use wcs_hooks::{AllowAll, Hooks, KeepAlive, hook};
///
/// let hooks = Hooks::new(AllowAll).on(hook::StreamKeepAlive, async |_, stream| {
///     Ok(if stream.name.starts_with("trial-") { KeepAlive::EndStream } else { KeepAlive::Continue })
/// });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeepAlive {
    /// The stream goes on.
    Continue,
    /// WCS ends the stream (403); the session stays. The client is told `Terminated by keep-alive`.
    EndStream,
}

/// The handler of an event failed. It holds any error, so that `?` works, and has no way to refuse.
///
/// ```
/// use wcs_hooks::EventResult;
///
/// fn write_down(line: &str) -> EventResult {
///     line.parse::<u32>()?;
///     Ok(())
/// }
///
/// assert_eq!(write_down("x").unwrap_err().to_string(), "invalid digit found in string");
/// ```
pub struct EventError(Box<dyn Error + Send + Sync>);

impl EventError {
    /// A failure with a text for the log.
    ///
    /// ```
    /// use wcs_hooks::{AllowAll, EventError, Hooks, hook};
    ///
    /// let hooks = Hooks::new(AllowAll).on(hook::CallStatus, async |_, call| {
    ///     if call.call_id.is_empty() { Err(EventError::new("a call without an id")) } else { Ok(()) }
    /// });
    /// ```
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into().into())
    }
}

impl<E: Error + Send + Sync + 'static> From<E> for EventError {
    fn from(error: E) -> Self {
        Self(Box::new(error))
    }
}

impl fmt::Display for EventError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Causes(&*self.0).fmt(f)
    }
}

impl fmt::Debug for EventError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EventError({self})")
    }
}
