//! Why no answer came: [`Failure`].

use std::{error::Error, fmt};

pub(crate) type BoxError = Box<dyn Error + Send + Sync>;

/// In which way calling the backend failed. Spec §1.3.
///
/// ```
/// use wcs_hooks_dispatcher::{FailureKind, Verdict};
///
/// fn is_down(verdict: &Verdict) -> bool {
///     verdict.failure().is_some_and(|failure| failure.kind() == FailureKind::ConnectionRefused)
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// The whole answer did not come within `rest_request_timeout`, or the connection could not be made in time.
    Timeout,
    /// Nothing listens at the address.
    ConnectionRefused,
    /// There is no way to the host, or no local address left to connect from.
    Unreachable,
    /// The host's name cannot be resolved.
    UnknownHost,
    /// No TLS session came about: an untrusted certificate, another name on it, no common version…
    Tls,
    /// The connection ended before the head of the answer was complete: a stale keep-alive connection, a backend that died.
    ClosedWithoutAnswer,
    /// The connection was reset or the pipe broke before the head of the answer was complete.
    Reset,
    /// What came is not the head of an HTTP answer.
    InvalidAnswer,
    /// The head came, but the body ended early, was reset, or is badly framed.
    BrokenBody,
    /// The body is longer than the dispatcher takes.
    TooLarge,
    /// Another failure of the service that stands in for the network.
    Other,
}

impl fmt::Display for FailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Timeout => "no answer in time",
            Self::ConnectionRefused => "connection refused",
            Self::Unreachable => "host unreachable",
            Self::UnknownHost => "unknown host",
            Self::Tls => "no TLS session",
            Self::ClosedWithoutAnswer => "connection closed without an answer",
            Self::Reset => "connection reset",
            Self::InvalidAnswer => "the answer is not HTTP",
            Self::BrokenBody => "the answer's body is cut off",
            Self::TooLarge => "the answer's body is too large",
            Self::Other => "the call failed",
        })
    }
}

/// Why an attempt to call the backend brought no answer.
///
/// ```
/// use wcs_hooks_dispatcher::Verdict;
///
/// fn may_have_been_handled(verdict: &Verdict) -> bool {
///     verdict.failure().is_some_and(|failure| failure.request_sent())
/// }
/// ```
#[derive(Debug)]
pub struct Failure {
    kind: FailureKind,
    request_sent: bool,
    cause: Option<BoxError>,
}

impl Failure {
    pub(crate) const fn new(kind: FailureKind, request_sent: bool, cause: Option<BoxError>) -> Self {
        Self { kind, request_sent, cause }
    }

    /// In which way it failed.
    #[must_use]
    pub const fn kind(&self) -> FailureKind {
        self.kind
    }

    /// Whether the request had been sent in full, so that the backend may have handled it.
    #[must_use]
    pub const fn request_sent(&self) -> bool {
        self.request_sent
    }
}

/// One line: the kind, then every cause under it.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)?;
        let mut cause = self.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_deref().map(|cause| cause as _)
    }
}
