//! Why a request was not answered: [`TransportError`].

use std::{error::Error, fmt};

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use hyper::client::conn::TrySendError;

use crate::failure::BoxError;

/// Why [`HttpTransport`](crate::HttpTransport) brought no answer. What is below it are its [sources](Error::source).
///
/// ```
/// use wcs_hooks_dispatcher::TransportError;
///
/// fn is_there(error: &TransportError) -> bool {
///     !error.is_connect()
/// }
/// ```
#[derive(Debug)]
pub struct TransportError {
    phase: Phase,
    cause: BoxError,
}

/// How far it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Connect,
    /// The connection ended before it had taken the request.
    Canceled,
    SendRequest,
}

impl TransportError {
    pub(super) const fn new(phase: Phase, cause: BoxError) -> Self {
        Self { phase, cause }
    }

    /// A request that comes back was not taken.
    pub(super) fn unanswered(mut error: TrySendError<Request<Full<Bytes>>>) -> Self {
        let phase = if error.take_message().is_some() { Phase::Canceled } else { Phase::SendRequest };
        Self::new(phase, error.into_error().into())
    }

    /// Whether no connection could be made.
    #[must_use]
    pub fn is_connect(&self) -> bool {
        self.phase == Phase::Connect
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "client error ({:?})", self.phase)
    }
}

impl Error for TransportError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.cause)
    }
}
