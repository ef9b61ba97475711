//! Calls: `/call/…`. Spec §10.

use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use wcs_hooks_protocol::{Secret, payloads::Call, status::DtmfType};

use crate::{Error, Listed, Node, Outcome, criteria::Criteria, listed::printable};

/// The calls of a node: [`Node::calls`].
///
/// ```no_run
/// # use wcs_hooks_rest_client::{Error, Node};
/// # async fn example(node: Node) -> Result<(), Error> {
/// for call in node.calls().all().await? {
///     println!("{} calls {}: {:?}", call.caller, call.callee, call.status);
/// }
/// let outcome = node.calls().terminate("e9516680-13af-11e7-af37-05c788b22e35").await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Calls<'a>(&'a Node);

impl Node {
    /// Its calls: `/call/…`.
    #[must_use]
    pub fn calls(&self) -> Calls<'_> {
        Calls(self)
    }
}

impl Calls<'_> {
    /// Calls a SIP number. WCS sends the hooks of a call for it as well; they should not be refused.
    ///
    /// # Errors
    /// If there was no answer in time, or its status is not 2xx: 409, most likely, if there is a call of this id.
    pub async fn start(&self, call: &CallStartup) -> Result<(), Error> {
        self.0.ask("/call/startup", call).await
    }

    /// The call of an id, if there is one: a list, since WCS answers one.
    ///
    /// # Errors
    /// If the id is empty, there was no answer in time, its status is neither 2xx nor 404, or it cannot be read.
    pub async fn find(&self, call_id: &str) -> Result<Vec<Listed<Call>>, Error> {
        self.0.list("/call/find", &Criteria::new("callId", call_id)).await
    }

    /// All of the node.
    ///
    /// # Errors
    /// If there was no answer in time, its status is neither 2xx nor 404, or it cannot be read.
    pub async fn all(&self) -> Result<Vec<Listed<Call>>, Error> {
        self.0.list_all("/call/find_all").await
    }

    /// Hangs up.
    ///
    /// # Errors
    /// If the id is empty, there was no answer in time, or its status is neither 2xx nor 404.
    pub async fn terminate(&self, call_id: &str) -> Result<Outcome, Error> {
        self.0.ask_by("/call/terminate", "callId", call_id).await
    }

    /// Sends a DTMF tone.
    ///
    /// # Errors
    /// As [`Calls::terminate`].
    pub async fn send_dtmf(&self, call_id: &str, dtmf: &str, how: &DtmfType) -> Result<Outcome, Error> {
        let request = Criteria::new("callId", call_id).with("dtmf", dtmf).with("type", how.as_str());
        self.0.ask_about("/call/send_dtmf", &request).await
    }

    /// Plays a sound into a call. Which members name the sound is not documented, so they are yours.
    ///
    /// # Errors
    /// As [`Calls::terminate`].
    pub async fn inject_sound(&self, call_id: &str, sound: Map<String, Value>) -> Result<Outcome, Error> {
        let request = Criteria::new("callId", call_id).with_all(sound);
        self.0.ask_about("/call/inject_sound", &request).await
    }

    /// Plays a stream of the node into a call.
    ///
    /// # Errors
    /// As [`Calls::terminate`].
    pub async fn inject_stream(&self, call_id: &str, stream_name: &str) -> Result<Outcome, Error> {
        let request = Criteria::new("callId", call_id).with("streamName", stream_name);
        self.0.ask_about("/call/inject_stream/startup", &request).await
    }

    /// Ends [`Calls::inject_stream`].
    ///
    /// # Errors
    /// As [`Calls::terminate`].
    pub async fn end_injected_stream(&self, call_id: &str) -> Result<Outcome, Error> {
        self.0.ask_by("/call/inject_stream/terminate", "callId", call_id).await
    }
}

/// A call to make, and the SIP account to make it with. What is `None` is left out. Printing with `{:?}` hides secrets.
///
/// ```
/// use wcs_hooks_rest_client::CallStartup;
///
/// let call = CallStartup {
///     call_id: "123456711".into(),
///     callee: "10000".into(),
///     has_audio: Some(true),
///     sip_login: Some("10009".into()),
///     sip_password: Some("1234".into()),
///     sip_domain: Some("sip.example.com".into()),
///     ..CallStartup::default()
/// };
/// assert!(!format!("{call:?}").contains("1234\""));
/// ```
#[derive(Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CallStartup {
    /// `callId`: an id of yours.
    pub call_id: String,
    /// `callee`: who is called.
    pub callee: String,
    /// `rtmpUrl`: where the call's media goes as a stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rtmp_url: Option<String>,
    /// `rtmpStream`: the name of that stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rtmp_stream: Option<String>,
    /// `toStream`: the stream of the node that the call becomes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_stream: Option<String>,
    /// `hasAudio`: whether there is audio.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub has_audio: Option<bool>,
    /// `hasVideo`: whether there is video.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub has_video: Option<bool>,
    /// `sipLogin`: the SIP login.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sip_login: Option<String>,
    /// `sipAuthenticationName`: the name to authenticate with, which may differ from the login.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sip_authentication_name: Option<String>,
    /// `sipPassword`: the SIP password.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "exposed")]
    pub sip_password: Option<Secret>,
    /// `sipDomain`: the SIP domain, a name or an address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sip_domain: Option<String>,
    /// `sipOutboundProxy`: the outbound proxy, a name or an address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sip_outbound_proxy: Option<String>,
    /// `sipPort`: the port of the SIP server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sip_port: Option<u16>,
    /// `appKey`: the app whose hooks are called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_key: Option<String>,
    /// `sipRegisterRequired`: whether to register at the SIP server first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sip_register_required: Option<bool>,
    /// `visibleName`: the name that the other party sees.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visible_name: Option<String>,
    /// Anything else.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl fmt::Debug for CallStartup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CallStartup {}", printable(self))
    }
}

// The signature is what serde calls.
#[allow(clippy::ref_option)]
fn exposed<S: Serializer>(secret: &Option<Secret>, serializer: S) -> Result<S::Ok, S::Error> {
    secret.as_ref().map(Secret::expose).serialize(serializer)
}

#[cfg(test)]
mod tests;
