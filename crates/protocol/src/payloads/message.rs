//! `sendMessage`, `subscribe`, `sendXcapRequest` and their events: SIP beside calls. Spec §3.4.

use crate::{Secret, payload::payloads, status::MessageStatus};

payloads! {
    /// A SIP message. Spec §3.4 sendMessage, MessageStatusEvent, OnMessageEvent.
    ///
    /// ```
    /// use wcs_hooks_protocol::{Payload, payloads::Message};
    ///
    /// let message = Message::from_json(br#"{"id":"1","from":"1000","to":"1001","body":"hello","isImdnRequired":"true"}"#)?;
    /// assert_eq!((&*message.body, message.is_imdn_required), ("hello", Some(true)));
    /// # Ok::<(), wcs_hooks_protocol::PayloadError>(())
    /// ```
    Message {
        /// The message's id. Spec §3.4 (SDK1).
        "id" [id] id: String,
        /// Who sends it; in incoming ones it may be a list with commas. Spec §3.4 (SDK1).
        "from" [changeable] from: String,
        /// Who is to get it. Spec §3.4 (SDK1).
        "to" [changeable] to: String,
        /// The name that the receiver sees. Spec §3.4 (SDK1).
        "visibleName" [changeable] visible_name: Option<String>,
        /// The text. Spec §3.4 (SDK1).
        "body" [changeable] body: String,
        /// Clients default to `text/plain`. Spec §3.4 (SDK1).
        "contentType" [changeable] content_type: Option<String>,
        /// Whether a notification of delivery is wanted. Spec §3.4 (SDK1).
        "isImdnRequired" [changeable] is_imdn_required: Option<bool>,
        /// The status. Spec §6.1 (EVS).
        "status" status: Option<MessageStatus>,
        /// The SIP message that caused the event. It may hold credentials. Spec §5.3.
        "sipMessageRaw" sip_message_raw: Option<Secret>,
        /// Why the message has this status, in events. Free text. Spec §5.3.
        "info" info: Option<String>,
    }

    /// A subscription to a SIP event package. Spec §3.4 subscribe, SubscriptionStatusEvent.
    Subscription {
        /// The event package, for example `reg`. Spec §3.4 (SDK1).
        "event" [changeable] event: String,
        /// How long it is to last, in seconds. Spec §3.4 (SDK1).
        "expires" [changeable] expires: Option<i64>,
        /// Ends it. Spec §3.4 (SDK1).
        "terminate" terminate: Option<bool>,
        /// The status; no values are documented. Spec §3.4 (SDK1).
        "status" status: Option<String>,
        /// The body of the notification, in the event. Spec §3.4 (SDK1).
        "requestBody" request_body: Option<String>,
        /// The SIP message that caused the event. It may hold credentials. Spec §3.4 (SDK1).
        "sipMessageRaw" sip_message_raw: Option<Secret>,
        /// Why it has this status. Free text. Spec §5.3.
        "info" info: Option<String>,
    }

    /// An XCAP request. Spec §3.4 sendXcapRequest, XcapStatusEvent.
    Xcap {
        /// The URL asked for. Spec §3.4 (SDK1).
        "url" [changeable] url: String,
        /// The status; no values are documented. Spec §3.4.
        "status" status: Option<String>,
        /// The answer, in the event. Spec §3.4 (SDK1).
        "responseBody" response_body: Option<String>,
        /// Why it has this status. Free text. Spec §5.3.
        "info" info: Option<String>,
    }
}
