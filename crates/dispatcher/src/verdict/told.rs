//! What others are told: the client, the caller, the player. Spec §4.5, §5.1.

use std::fmt;

use wcs_hooks_protocol::{redact, write_string};

/// What the client is told at once. Printing with `{:?}` hides secrets.
///
/// ```
/// use wcs_hooks_dispatcher::{ToClient, Verdict};
///
/// fn line(verdict: &Verdict) -> String {
///     match verdict.to_client() {
///         ToClient::Nothing => "nothing yet".to_owned(),
///         ToClient::Delivered(fields) => fields,
///         ToClient::Fail(message) => message.message(),
///     }
/// }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub enum ToClient {
    /// Nothing by itself: the operation goes on, and the client hears of it by the events that follow.
    Nothing,
    /// The event, or what came in: its fields as a JSON object, after `clientExclude`.
    Delivered(String),
    /// That it failed.
    Fail(FailMessage),
}

impl fmt::Debug for ToClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("Nothing"),
            Self::Delivered(fields) => write!(f, "Delivered({})", redact::json(fields)),
            Self::Fail(fail) => f.debug_tuple("Fail").field(fail).finish(),
        }
    }
}

/// The `fail` message that the client gets. Spec §5.1.
///
/// ```
/// use wcs_hooks_dispatcher::FailMessage;
///
/// let fail = FailMessage { info: "Forbidden".into(), api_method: Some("StreamStatusEvent".into()), id: None };
/// assert_eq!(fail.data(), r#"{"status":"FAILED","info":"Forbidden","apiMethod":"StreamStatusEvent"}"#);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FailMessage {
    /// `info`: why. The backend's reason, or a text of WCS.
    pub info: String,
    /// `apiMethod`: the event by which the client learns of it; `None` if the hook has none. Spec §5.2.
    pub api_method: Option<String>,
    /// `id` of the stream, call or operation.
    pub id: Option<String>,
}

impl FailMessage {
    /// `status`, which is always this.
    pub const STATUS: &'static str = "FAILED";

    /// The object in the message's `data`, as compact JSON.
    #[must_use]
    pub fn data(&self) -> String {
        let members = [
            ("status", Some(Self::STATUS)),
            ("info", Some(&*self.info)),
            ("apiMethod", self.api_method.as_deref()),
            ("id", self.id.as_deref()),
        ];
        let mut out = String::from("{");
        for (name, value) in members {
            let Some(value) = value else { continue };
            out.push_str(if out.len() == 1 { "" } else { "," });
            write_string(name, &mut out);
            out.push(':');
            write_string(value, &mut out);
        }
        out.push('}');
        out
    }

    /// The whole WebSocket message.
    ///
    /// ```
    /// # use wcs_hooks_dispatcher::FailMessage;
    /// let fail = FailMessage { info: "Forbidden".into(), ..FailMessage::default() };
    /// assert_eq!(fail.message(), r#"{"message":"fail","data":[{"status":"FAILED","info":"Forbidden"}]}"#);
    /// ```
    #[must_use]
    pub fn message(&self) -> String {
        format!(r#"{{"message":"fail","data":[{}]}}"#, self.data())
    }
}

/// A final answer in SIP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SipAnswer {
    /// The status code.
    pub code: u16,
    /// The reason phrase.
    pub reason: &'static str,
}

impl SipAnswer {
    /// `403 FORBIDDEN`.
    pub const FORBIDDEN: Self = Self { code: 403, reason: "FORBIDDEN" };
}

/// What happens to a player that is turned away. Spec §4.5.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlayerRefusal {
    /// The HLS player gets `401 Unauthorized`.
    Unauthorized,
    /// The RTSP client's connection is closed.
    ConnectionClosed,
}
