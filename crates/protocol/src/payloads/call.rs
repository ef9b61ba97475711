//! `call`, `answer`, `CallStatusEvent`, `transfer`, `sendDtmf` and the other hooks about a call. Spec §3.4.

use serde_json::{Map, Value};

use crate::{
    Secret,
    payload::payloads,
    status::{CallStatus, DtmfType, MediaProvider, TransferStatus},
};

payloads! {
    /// A call. Spec §3.4 call / answer, CallStatusEvent, OnCallEvent.
    ///
    /// ```
    /// use wcs_hooks_protocol::{Payload, payloads::Call};
    ///
    /// let mut call = Call::from_json(br#"{"callId":"1","callee":"sales"}"#)?;
    /// call.callee = "1001".into();
    /// assert_eq!(call.to_json(), r#"{"callId":"1","callee":"1001"}"#);
    /// # Ok::<(), wcs_hooks_protocol::PayloadError>(())
    /// ```
    Call {
        /// The client's UUID of an outgoing call, the SIP Call-ID of an incoming one. Spec §3.4 (API).
        "callId" [id] call_id: String,
        /// The call that this one was transferred from. Spec §3.4 (API).
        "parentCallId" parent_call_id: Option<String>,
        /// Whether the call came from outside. Spec §3.4 (API).
        "incoming" incoming: Option<bool>,
        /// The status. Spec §6.1 (EVS).
        "status" status: Option<CallStatus>,
        /// The SIP response code, for example 180. Spec §3.4 (API).
        "sipStatus" sip_status: Option<i64>,
        /// SIP as RTMP: the RTMP server. Spec §3.4 (API).
        "rtmpUrl" [changeable] rtmp_url: Option<String>,
        /// SIP as RTMP: the stream's name. Spec §3.4 (API).
        "rtmpStream" [changeable] rtmp_stream: Option<String>,
        /// SIP as RTMP: the stream's status. Spec §3.4 (API).
        "rtmpStreamStatus" rtmp_stream_status: Option<String>,
        /// Who calls. Spec §3.4 (API).
        "caller" [changeable] caller: String,
        /// Who is called. Changing it redirects the call. Spec §3.4 (API, C2C).
        "callee" [changeable] callee: String,
        /// Whether there is audio. Spec §3.4 (API).
        "hasAudio" [changeable] has_audio: Option<bool>,
        /// Whether there is video. Spec §3.4 (API).
        "hasVideo" [changeable] has_video: Option<bool>,
        /// The browser's offer or answer. Left out unless a handler asks for it. Spec §3.4 (API).
        "sdp" sdp: Option<String>,
        /// The name that the other party sees. Spec §3.4 (API).
        "visibleName" [changeable] visible_name: Option<String>,
        /// More parameters for the INVITE. Spec §3.4 (API).
        "inviteParameters" [changeable] invite_parameters: Option<Value>,
        /// How media travels. Spec §3.4 (API).
        "mediaProvider" media_provider: Option<MediaProvider>,
        /// The SIP message that caused the event. It may hold credentials. Spec §3.4 (API).
        "sipMessageRaw" sip_message_raw: Option<Secret>,
        /// Whether it is an MSRP session. Spec §3.4 (API).
        "isMsrp" is_msrp: Option<bool>,
        /// Where the call is transferred to. Spec §3.4 (API).
        "target" target: Option<String>,
        /// Held in order to be transferred. Spec §3.4 (API).
        "holdForTransfer" hold_for_transfer: Option<bool>,
        /// Why the call has this status, in events. Free text; see [`info`](crate::info). Spec §6.3 (SDK).
        "info" info: Option<String>,
        /// Lines for the SDP, sent by clients; whether the hook carries them is unknown. Spec §3.4 (SDK).
        "sipSDP" sip_sdp: Option<Value>,
        /// Headers for the INVITE, sent by clients; whether the hook carries them is unknown. Spec §3.4 (SDK).
        "sipHeaders" sip_headers: Option<Value>,
        /// Sent by clients; whether the hook carries it is unknown. Spec §3.4 (SDK).
        "receiveVideo" receive_video: Option<bool>,
        /// What the page put in `createCall({custom})`. Spec §3.4 (API).
        "custom" [changeable] custom: Map<String, Value>,
    }

    /// The transfer of a call: an object in the shape of a call. Spec §3.4 transfer, TransferStatusEvent, OnTransferEvent.
    Transfer {
        /// The call that is transferred. Spec §3.4 (SDK).
        "callId" [id] call_id: String,
        /// The call that it was itself transferred from. Spec §3.4 (API).
        "parentCallId" parent_call_id: Option<String>,
        /// Whether the transfer came from outside. Spec §3.4 (API).
        "incoming" incoming: Option<bool>,
        /// The status. Spec §6.1 (EVS, SDK1).
        "status" status: Option<TransferStatus>,
        /// The SIP response code. Spec §3.4 (API).
        "sipStatus" sip_status: Option<i64>,
        /// Who calls. Spec §3.4 (API).
        "caller" caller: String,
        /// Who is called. Spec §3.4 (API).
        "callee" callee: String,
        /// The SIP message that caused the event. It may hold credentials. Spec §5.3.
        "sipMessageRaw" sip_message_raw: Option<Secret>,
        /// Where the call is transferred to. Changing it redirects the transfer. Spec §3.4 (SDK).
        "target" [changeable] target: String,
        /// Why the transfer has this status, in events. Free text. Spec §5.3.
        "info" info: Option<String>,
    }

    /// A DTMF tone. Spec §3.4 sendDtmf.
    Dtmf {
        /// The call. Spec §3.4 (SDK).
        "callId" [id] call_id: String,
        /// How it is sent; clients default to RFC2833. Spec §6.2 (SDK).
        "type" [changeable] dtmf_type: Option<DtmfType>,
        /// What the page gave: a number or a text. Spec §3.4 (SDK).
        "dtmf" [changeable] dtmf: String,
    }
}
