//! What can go wrong: [`Error`].

use std::{error, fmt, sync::Arc};

use http::StatusCode;
use wcs_hooks_protocol::redact;

use crate::client::Limits;

/// A command could not be carried out. Cheap to clone.
///
/// Says what was asked of whom and what came of it; neither credentials nor secrets are in it.
///
/// ```
/// use wcs_hooks_rest_client::{ErrorKind, RestClient};
///
/// let error = RestClient::builder().build()?.node("d2hxbqNPE04vGeZ51NPhDuId6k3hUrBB").unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::NodeId);
/// assert!(error.to_string().contains("names no address behind an `@`"));
/// # Ok::<(), wcs_hooks_rest_client::BuildError>(())
/// ```
#[derive(Clone)]
pub struct Error(Arc<Inner>);

struct Inner {
    asked: Asked,
    problem: Problem,
}

/// What kind of failure an [`Error`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// No node is known by this `nodeId`, or it may not be asked.
    NodeId,
    /// What was given as the URL of a node is none.
    Url,
    /// What was to be sent cannot be written as JSON. Nothing was sent.
    Request,
    /// A part of a filter is empty, which WCS might take for no filter at all. Nothing was sent.
    EmptyFilter,
    /// [`RestClientBuilder::timeout`](crate::RestClientBuilder::timeout) was over before other commands were done. Nothing
    /// was sent.
    TurnTimeout,
    /// The node cannot be reached, or TLS failed. Nothing was sent.
    Connect,
    /// [`RestClientBuilder::connect_timeout`](crate::RestClientBuilder::connect_timeout) was over. Nothing was sent.
    ConnectTimeout,
    /// [`RestClientBuilder::timeout`](crate::RestClientBuilder::timeout) was over before the answer had come. WCS may have
    /// carried the command out.
    AnswerTimeout,
    /// The connection broke, or the answer was not HTTP. WCS may have carried the command out.
    Broken,
    /// The answer has this status.
    Status(u16),
    /// The answer has more bytes than it may.
    TooLarge,
    /// The answer to a command that was carried out cannot be read.
    Unreadable,
}

impl Error {
    pub(crate) fn new(asked: Asked, problem: Problem) -> Self {
        Self(Arc::new(Inner { asked, problem }))
    }

    pub(crate) fn node_id(node_id: &str, problem: String) -> Self {
        Self::new(Asked(format!("nodeId {:?}", short(node_id))), Problem::new(ErrorKind::NodeId, problem))
    }

    pub(crate) fn url(url: &str, problem: String) -> Self {
        Self::new(Asked(format!("{:?}", short(&redact::url(url)))), Problem::new(ErrorKind::Url, problem))
    }

    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.problem.kind
    }

    /// The status of the answer, if that is what failed: 400, 401, 409 and 500 are known to happen. Spec §10.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self.kind() {
            ErrorKind::Status(status) => Some(status),
            _ => None,
        }
    }

    /// Whether a time was over; [`Error::kind`] says which.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        use ErrorKind::{AnswerTimeout, ConnectTimeout, TurnTimeout};
        matches!(self.kind(), TurnTimeout | ConnectTimeout | AnswerTimeout)
    }

    /// Whether the node is likely not to answer other commands either.
    pub(crate) fn is_silence(&self) -> bool {
        self.is_timeout() || self.kind() == ErrorKind::Connect
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.asked.0, self.0.problem.text)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error").field("kind", &self.kind()).field("text", &self.to_string()).finish()
    }
}

impl error::Error for Error {}

/// What was asked of whom.
pub(crate) struct Asked(String);

impl Asked {
    pub(crate) fn command(path: &str, url: &str) -> Self {
        Self(format!("POST {path} to {url}"))
    }
}

/// What came of it.
pub(crate) struct Problem {
    kind: ErrorKind,
    text: String,
}

impl Problem {
    pub(crate) fn new(kind: ErrorKind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into() }
    }

    pub(crate) fn unsendable(error: &serde_json::Error) -> Self {
        Self::new(ErrorKind::Request, format!("the request cannot be written as JSON: {error}"))
    }

    pub(crate) fn empty_filter(why: &str) -> Self {
        let text = format!("not sent: {why}, and WCS might take that for everything");
        Self::new(ErrorKind::EmptyFilter, text)
    }

    pub(crate) fn turn_timeout(limits: &Limits) -> Self {
        let Limits { timeout, concurrency, concurrency_per_node, .. } = limits;
        let text = format!(
            "not sent within {timeout:?}: as many commands are under way as may be, \
             {concurrency_per_node} to one node and {concurrency} to all"
        );
        Self::new(ErrorKind::TurnTimeout, text)
    }

    pub(crate) fn answer_timeout(Limits { timeout, .. }: &Limits) -> Self {
        Self::new(ErrorKind::AnswerTimeout, format!("no complete answer within {timeout:?}"))
    }

    pub(crate) fn transport(error: reqwest::Error, limits: &Limits) -> Self {
        let error = error.without_url();
        match (error.is_connect(), error.is_timeout()) {
            (true, true) => {
                let text = format!("no connection within {:?}", limits.connect_timeout);
                Self::new(ErrorKind::ConnectTimeout, text)
            }
            (true, false) => Self::new(ErrorKind::Connect, format!("no connection: {}", causes(&error))),
            _ if error.is_builder() => Self::new(ErrorKind::Request, causes(&error)),
            _ => Self::broken_answer(error),
        }
    }

    pub(crate) fn broken_answer(error: reqwest::Error) -> Self {
        Self::new(ErrorKind::Broken, format!("no complete answer: {}", causes(&error.without_url())))
    }

    pub(crate) fn status(status: StatusCode, quoted: &str) -> Self {
        let text = if quoted.is_empty() { status.to_string() } else { format!("{status}: {quoted}") };
        Self::new(ErrorKind::Status(status.as_u16()), text)
    }

    pub(crate) fn unreadable(why: &str, quoted: &str) -> Self {
        Self::new(ErrorKind::Unreadable, format!("the answer cannot be read: {why}: {quoted}"))
    }
}

/// As much of a text as is worth printing.
pub(crate) fn short(text: &str) -> String {
    const LENGTH: usize = 200;
    match text.char_indices().nth(LENGTH) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// An error with its causes on one line.
pub(crate) fn causes(error: &dyn error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.ends_with(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        cause = error.source();
    }
    text
}
