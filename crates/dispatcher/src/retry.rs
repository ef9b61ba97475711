//! Whether a failed attempt is made again, as a pure function: [`RetryRule`]. Spec §1.3.

use crate::FailureKind;

/// The rule of Apache HttpClient 4's `DefaultHttpRequestRetryHandler`, whose two arguments WCS's settings are.
///
/// Retried, at once and without a pause: a connection that closed or was reset before the head of the answer was
/// complete, and a host that cannot be reached. Never retried: a timeout, a refused connection, an unknown host, a failed
/// TLS handshake, and every HTTP status. Nor is what Apache's handler does not see: an answer that breaks the rules of
/// HTTP, which is no I/O error, and a body that breaks off, which is read when the retrying is over.
///
/// ```
/// use wcs_hooks_dispatcher::{FailureKind, RetryRule};
///
/// let rule = RetryRule::default();
/// assert!(rule.allows_another(FailureKind::ClosedWithoutAnswer, true, 3));
/// assert!(!rule.allows_another(FailureKind::ClosedWithoutAnswer, true, 4));
/// assert!(!rule.allows_another(FailureKind::Timeout, false, 1));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryRule {
    /// `rest_client_request_retry_count`: how many more attempts there are after the first. Default 3.
    pub count: u32,
    /// `rest_client_request_sent_retry_enabled`: whether a request that was fully sent is sent again. Default true.
    pub after_sent: bool,
}

impl Default for RetryRule {
    fn default() -> Self {
        Self { count: 3, after_sent: true }
    }
}

impl RetryRule {
    /// Whether another attempt follows, at once, after `attempts` of them have been made and the last one failed so.
    #[must_use]
    pub const fn allows_another(self, kind: FailureKind, request_sent: bool, attempts: u32) -> bool {
        attempts <= self.count && can_pass(kind) && (self.after_sent || !request_sent)
    }
}

/// Apache gives up at once on `InterruptedIOException` (every timeout), `ConnectException`, `UnknownHostException` and
/// `SSLException`. An answer that breaks the rules of HTTP is no `IOException`, and the body is read after the retrying
/// is over: neither is retried.
const fn can_pass(kind: FailureKind) -> bool {
    match kind {
        FailureKind::Timeout
        | FailureKind::ConnectionRefused
        | FailureKind::UnknownHost
        | FailureKind::Tls
        | FailureKind::InvalidAnswer
        | FailureKind::BrokenBody
        | FailureKind::TooLarge => false,
        FailureKind::Unreachable
        | FailureKind::ClosedWithoutAnswer
        | FailureKind::Reset
        | FailureKind::Other => true,
    }
}

#[cfg(test)]
mod tests;
