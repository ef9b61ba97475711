//! The messages of the WebSocket: [`Frame`].

use std::{borrow::Cow, fmt};

use serde::Deserialize;
use serde_json::value::RawValue;
use wcs_hooks_dispatcher::FailMessage;
use wcs_hooks_protocol::{HookName, JsonError, Object, quoted};

/// Messages that are no hooks. Those that are named like a hook are read from the catalogue.
pub(crate) mod name {
    pub(crate) const CONNECTION: &str = "connection";
    pub(crate) const PING: &str = "ping";
    pub(crate) const PONG: &str = "pong";
    pub(crate) const SEND_DATA: &str = "sendData";
    pub(crate) const SEND_STREAM_EVENT: &str = "sendStreamEvent";

    /// The older SDK acknowledges a message; nothing follows.
    pub(crate) const MESSAGE_RESULT: &str = "notificationResult";

    pub(crate) const FAIL: &str = "fail";
    pub(crate) const USER_DATA: &str = "getUserData";
    pub(crate) const REGISTERED: &str = "registered";
    pub(crate) const STREAM_STATUS: &str = "notifyStreamStatusEvent";
    pub(crate) const STREAM_EVENT: &str = "notifyStreamEvent";
    pub(crate) const REMOTE_SDP: &str = "setRemoteSDP";
    pub(crate) const INCOMING_CALL: &str = "notifyIncomingCall";
    pub(crate) const TRYING: &str = "notifyTryingResponse";
    pub(crate) const RING: &str = "ring";
    pub(crate) const TALK: &str = "talk";
    pub(crate) const FINISH: &str = "finish";
    pub(crate) const TRANSFER: &str = "notifyTransferEvent";
    pub(crate) const MESSAGE: &str = "notifyMessage";
    pub(crate) const DEBUG: &str = "notifySessionDebugEvent";
}

/// Characters of a name that are logged.
const LONGEST_NAME: usize = 64;

/// One message between a browser and WCS: `{"message": NAME, "data": [ARGUMENT, …]}`. Its arguments are kept as the JSON
/// that came.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    message: Cow<'static, str>,
    data: Vec<String>,
}

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(borrow)]
    message: Cow<'a, str>,
    #[serde(borrow, default)]
    data: Vec<&'a RawValue>,
}

impl Frame {
    /// A frame with these arguments, given as JSON.
    pub(crate) fn new(message: impl Into<Cow<'static, str>>, data: impl IntoIterator<Item = String>) -> Self {
        Self { message: message.into(), data: data.into_iter().collect() }
    }

    /// A `ping` or `pong`.
    pub(crate) fn bare(message: &'static str) -> Self {
        Self::new(message, ["null".to_owned()])
    }

    /// That something failed.
    pub(crate) fn fail(fail: &FailMessage) -> Self {
        Self::new(name::FAIL, [fail.data()])
    }

    /// That something failed before a backend was asked. Spec §5.1.
    pub(crate) fn failed(info: impl Into<String>, event: Option<HookName>, id: Option<String>) -> Self {
        let api_method = event.map(|event| event.as_str().to_owned());
        Self::fail(&FailMessage { info: info.into(), api_method, id })
    }

    /// Reads a message.
    ///
    /// # Errors
    /// If it is not JSON of that form. The text is not in the error.
    pub(crate) fn read(text: &str) -> Result<Self, FrameError> {
        let wire: Wire<'_> = serde_json::from_str(text).map_err(|error| FrameError(error.classify()))?;
        let data = wire.data.iter().map(|argument| argument.get().to_owned()).collect();
        Ok(Self { message: Cow::Owned(wire.message.into_owned()), data })
    }

    /// The name.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// The start of the name, for the log: clients may send any.
    pub(crate) fn name(&self) -> &str {
        let end = self.message.char_indices().nth(LONGEST_NAME).map_or(self.message.len(), |(end, _)| end);
        &self.message[..end]
    }

    /// The hook of the same name, if there is one.
    pub(crate) fn hook(&self) -> Option<HookName> {
        self.message.parse().ok()
    }

    /// The first argument as an object.
    ///
    /// # Errors
    /// If there is none, or it is another kind of value.
    pub(crate) fn object(&self) -> Result<Object<'_>, JsonError> {
        Object::parse(self.data.first().map_or("", String::as_str))
    }
}

/// The text that is sent.
impl fmt::Display for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, r#"{{"message":{},"data":[{}]}}"#, quoted(&self.message), self.data.join(","))
    }
}

/// Prints the name only: arguments may be secret.
impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frame").field("message", &self.message).finish_non_exhaustive()
    }
}

/// A text is no frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FrameError(serde_json::error::Category);

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            serde_json::error::Category::Data => {
                "a frame must be {\"message\": a name, \"data\": [arguments]}"
            }
            _ => "a frame must be JSON",
        })
    }
}

impl std::error::Error for FrameError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_stay_as_they_came() {
        let text = r#"{"message":"setRemoteSDP","data":["1","v=0",true,{"a":1e3, "b":null}]}"#;
        assert_eq!(Frame::read(text).unwrap().to_string(), text);
    }

    #[test]
    fn what_is_no_frame_is_an_error() {
        for (text, error) in [
            ("", "a frame must be JSON"),
            ("{", "a frame must be JSON"),
            ("[]", r#"a frame must be {"message": a name, "data": [arguments]}"#),
            (r#"{"data":[]}"#, r#"a frame must be {"message": a name, "data": [arguments]}"#),
            (r#"{"message":1,"data":[]}"#, r#"a frame must be {"message": a name, "data": [arguments]}"#),
            (r#"{"message":"a","data":{}}"#, r#"a frame must be {"message": a name, "data": [arguments]}"#),
        ] {
            assert_eq!(Frame::read(text).unwrap_err().to_string(), error, "{text}");
        }
    }

    #[test]
    fn an_argument_may_be_missing() {
        let frame = Frame::read(r#"{"message":"ping"}"#).unwrap();
        assert_eq!(frame.message(), "ping");
        assert!(frame.object().is_err());
    }
}
