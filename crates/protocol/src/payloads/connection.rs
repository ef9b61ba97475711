//! `connect`, `ConnectionStatusEvent` and `RegistrationStatusEvent`. Spec §3.4.

use serde_json::{Map, Value};

use crate::{
    Secret,
    payload::payloads,
    policy::RestClientConfig,
    status::{MediaProvider, SessionStatus},
};

payloads! {
    /// A client's session. Spec §3.4 connect, ConnectionStatusEvent.
    ///
    /// ```
    /// use wcs_hooks_protocol::payloads::Connection;
    ///
    /// let connection = Connection { sip_password: Some("1234".into()), ..Connection::default() };
    /// assert_eq!(format!("{connection:?}"), r#"Connection {"sipPassword":"[hidden]"}"#);
    /// ```
    Connection {
        /// True: WCS registers at the SIP server. False: no incoming calls; outgoing ones are still possible. Spec §3.4 (LST).
        "sipRegisterRequired" [changeable] sip_register_required: Option<bool>,
        /// The SIP login. Spec §3.4 (LST).
        "sipLogin" [changeable sip_account] sip_login: Option<String>,
        /// The name to authenticate with, which may differ from the login. Spec §3.4 (LST).
        "sipAuthenticationName" [changeable sip_account] sip_authentication_name: Option<String>,
        /// The SIP password. Spec §3.4 (LST).
        "sipPassword" [changeable sip_account] sip_password: Option<Secret>,
        /// The name that others see. Spec §3.4 (LST).
        "sipVisibleName" [changeable] sip_visible_name: Option<String>,
        /// The SIP domain: a name or an address. Spec §3.4 (LST).
        "sipDomain" [changeable sip_account] sip_domain: Option<String>,
        /// The outbound proxy: a name or an address. Spec §3.4 (LST).
        "sipOutboundProxy" [changeable sip_account] sip_outbound_proxy: Option<String>,
        /// Sent by the JavaScript SDK; what the server does with it is unknown. Spec §3.4 (SDK).
        "sipProxy" [changeable sip_account] sip_proxy: Option<String>,
        /// Port of the SIP server; clients default to 5060. Spec §3.4 (LST).
        "sipPort" [changeable] sip_port: Option<i64>,
        /// Text for the Contact header of REGISTER. Spec §3.4 (LST, SDK1).
        "sipContactParams" [changeable] sip_contact_params: Option<String>,
        /// The old client's preferred width of video, in pixels. Spec §3.4 (SDK1, F10690).
        "width" width: Option<i64>,
        /// The old client's preferred height of video, in pixels. Spec §3.4 (SDK1, F10690).
        "height" height: Option<i64>,
        /// For example `0x0`. Spec §3.4 (API).
        "supportedResolutions" supported_resolutions: Option<String>,
        /// An older internal. Spec §3.4 (F10690, API).
        "useProxy" use_proxy: Option<bool>,
        /// An older internal. Spec §3.4 (F10690, API).
        "useDTLS" use_dtls: Option<bool>,
        /// An older internal. Spec §3.4 (F10690).
        "useRTCSessions" use_rtc_sessions: Option<bool>,
        /// An older internal. Spec §3.4 (DG4).
        "useSelfSigned" use_self_signed: Option<bool>,
        /// An internal of the WebSocket tunnel. Spec §3.4 (T1).
        "useWsTunnel" use_ws_tunnel: Option<bool>,
        /// An internal of the WebSocket tunnel. Spec §3.4 (T1).
        "useWsTunnelPacketization2" use_ws_tunnel_packetization2: Option<bool>,
        /// An internal of the WebSocket tunnel. Spec §3.4 (T1).
        "useBase64BinaryEncoding" use_base64_binary_encoding: Option<bool>,
        /// What the client can do; empty for RTMP clients. Spec §3.4 (T1, RTMP).
        "mediaProviders" media_providers: Vec<MediaProvider>,
        /// Version of the client's SDK. Spec §3.4 (T1, SDK).
        "clientVersion" client_version: Option<String>,
        /// The browser's `navigator.appVersion`. Spec §3.4 (T1, SDK).
        "clientOSVersion" client_os_version: Option<String>,
        /// The browser's `navigator.userAgent`. Spec §3.4 (T1, SDK).
        "clientBrowserVersion" client_browser_version: Option<String>,
        /// Sent by the SDK (2); whether the hook carries it is unknown. Spec §3.4 (SDK).
        "msePacketizationVersion" mse_packetization_version: Option<i64>,
        /// The client asks to keep its session after it disconnects. Spec §3.4 (DOM, SDK).
        "keepAlive" keep_alive: Option<bool>,
        /// The token of a kept session, or the session's id in older builds. Spec §3.4 (SDK, DG4).
        "authToken" auth_token: Option<Secret>,
        /// Origin of the web page, `https://host[:port]`. Spec §3.4 (DOM).
        "origin" origin: Option<String>,
        /// Meant for the client, but seen in a WCS 4 hook. Spec §3.4 (LST, F10690).
        "urlServer" url_server: Option<String>,
        /// The status, in events. Spec §6.1 (EVS, F10690).
        "status" status: Option<SessionStatus>,
        /// Why the session has this status, in events. Free text. Spec §3.4 (LST).
        "info" info: Option<String>,
        /// The SIP message that caused the event. Likely in RegistrationStatusEvent. Spec §5.3.
        "sipMessageRaw" sip_message_raw: Option<Secret>,
        /// What the page put in `createSession({custom})`: the place for a token. For RTMP, the parameters of the URL.
        /// Spec §3.4 (SDK, RTMP).
        "custom" [changeable] custom: Map<String, Value>,
        /// RTMP clients: a random id. A backend may set it. Spec §3.4 (RTMP).
        "login" [changeable] login: Option<String>,
        /// In the answer to connect only: how WCS treats the later hooks of this session. The framework writes it;
        /// entries set here win. Spec §4.1 (RCC).
        "restClientConfig" [changeable] rest_client_config: Option<RestClientConfig>,
    }
}

impl Connection {
    /// A text in [`Connection::custom`], such as a token.
    ///
    /// ```
    /// # use wcs_hooks_protocol::{Payload, payloads::Connection};
    /// let connection = Connection::from_json(br#"{"custom":{"token":"abc"}}"#)?;
    /// assert_eq!(connection.custom_str("token"), Some("abc"));
    /// # Ok::<(), wcs_hooks_protocol::PayloadError>(())
    /// ```
    #[must_use]
    pub fn custom_str(&self, key: &str) -> Option<&str> {
        self.custom.get(key)?.as_str()
    }
}
