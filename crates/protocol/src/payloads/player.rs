//! `playHLS` and `playRTSP`, in all the shapes that builds of WCS have sent. Spec §3.4.

use serde_json::{Map, Value};

use crate::{
    Secret,
    payload::payloads,
    status::{MediaProvider, StreamStatus},
};

payloads! {
    /// An HLS player asks for a playlist. Spec §3.4 playHLS.
    ///
    /// Three generations: the first has the stream's fields and `token`, the second `custom.token`, the third
    /// `custom.<client_acl_property_name>`.
    ///
    /// ```
    /// use wcs_hooks_protocol::{Payload, payloads::HlsPlay};
    ///
    /// let play = HlsPlay::from_json(br#"{"name":"b4e7","mediaProvider":"HLS","custom":{"aclAuth":"key1"}}"#)?;
    /// assert_eq!((&*play.name, &play.custom["aclAuth"]), ("b4e7", &"key1".into()));
    /// # Ok::<(), wcs_hooks_protocol::PayloadError>(())
    /// ```
    HlsPlay {
        /// `<uuid>-<stream name, or hex of it if it is a URL>-HLS`. Absent in the first generation. Spec §3.4 (HLS).
        "mediaSessionId" [id] media_session_id: String,
        /// The stream's name. Spec §3.4 (HLS).
        "name" name: String,
        /// False. First generation. Spec §3.4 (HLS).
        "published" published: Option<bool>,
        /// Whether there is video. First generation. Spec §3.4 (HLS).
        "hasVideo" has_video: Option<bool>,
        /// Whether there is audio. First generation. Spec §3.4 (HLS).
        "hasAudio" has_audio: Option<bool>,
        /// `NEW`. First generation. Spec §3.4 (HLS).
        "status" status: Option<StreamStatus>,
        /// First generation. Spec §3.4 (HLS).
        "record" record: Option<bool>,
        /// 0. First generation. Spec §3.4 (HLS).
        "width" width: Option<i64>,
        /// 0. First generation. Spec §3.4 (HLS).
        "height" height: Option<i64>,
        /// 0. First generation. Spec §3.4 (HLS).
        "bitrate" bitrate: Option<i64>,
        /// 0. First generation. Spec §3.4 (HLS).
        "minBitrate" min_bitrate: Option<i64>,
        /// 0. First generation. Spec §3.4 (HLS).
        "maxBitrate" max_bitrate: Option<i64>,
        /// 0. First generation. Spec §3.4 (HLS).
        "quality" quality: Option<i64>,
        /// `HLS`. Spec §3.4 (HLS).
        "mediaProvider" media_provider: Option<MediaProvider>,
        /// The token of the first generation. Spec §3.4 (HLS).
        "token" token: Option<Secret>,
        /// Parameters of the playlist's URL: the token is under `token` (second generation) or under the name that
        /// `client_acl_property_name` sets, `aclAuth` by default (third). Spec §3.4 (HLS, F12048).
        "custom" custom: Map<String, Value>,
    }

    /// An RTSP client asks for a stream. Spec §3.4 playRTSP.
    ///
    /// Two generations: the first has the stream's fields, `rtspUrl` and a key named `User-Agent`; the second has
    /// `name` (the full URL), `userAgent` and, since 5.2.1008, `custom`.
    ///
    /// ```
    /// use wcs_hooks_protocol::{Payload, payloads::RtspPlay};
    ///
    /// let first = RtspPlay::from_json(br#"{"rtspUrl":"rtsp://wcs:5554/b4e7"}"#)?;
    /// let later = RtspPlay::from_json(br#"{"name":"rtsp://wcs:5554/b4e7"}"#)?;
    /// assert_eq!(first.url(), later.url());
    /// # Ok::<(), wcs_hooks_protocol::PayloadError>(())
    /// ```
    RtspPlay {
        /// `<uuid>-<name>-RTSP`. Absent in the first generation. Spec §3.4 (RTSP).
        "mediaSessionId" [id] media_session_id: String,
        /// The full RTSP URL, parameters included. Absent in the first generation. Spec §3.4 (RTSP).
        "name" name: String,
        /// False. First generation. Spec §3.4 (RTSP).
        "published" published: Option<bool>,
        /// Whether there is video. First generation. Spec §3.4 (RTSP).
        "hasVideo" has_video: Option<bool>,
        /// Whether there is audio. First generation. Spec §3.4 (RTSP).
        "hasAudio" has_audio: Option<bool>,
        /// `NEW`. First generation. Spec §3.4 (RTSP).
        "status" status: Option<StreamStatus>,
        /// First generation. Spec §3.4 (RTSP).
        "record" record: Option<bool>,
        /// 0. First generation. Spec §3.4 (RTSP).
        "width" width: Option<i64>,
        /// 0. First generation. Spec §3.4 (RTSP).
        "height" height: Option<i64>,
        /// 0. First generation. Spec §3.4 (RTSP).
        "bitrate" bitrate: Option<i64>,
        /// 0. First generation. Spec §3.4 (RTSP).
        "minBitrate" min_bitrate: Option<i64>,
        /// 0. First generation. Spec §3.4 (RTSP).
        "maxBitrate" max_bitrate: Option<i64>,
        /// 0. First generation. Spec §3.4 (RTSP).
        "quality" quality: Option<i64>,
        /// `RTSP`. Spec §3.4 (RTSP).
        "mediaProvider" media_provider: Option<MediaProvider>,
        /// The URL of the first generation. Spec §3.4 (RTSP).
        "rtspUrl" rtsp_url: Option<String>,
        /// The client's program, first generation. Spec §3.4 (RTSP).
        "User-Agent" user_agent_header: Option<String>,
        /// The client's program, second generation. Spec §3.4 (RTSP).
        "userAgent" user_agent: Option<String>,
        /// Parameters of the URL, such as `aclAuth`. Spec §3.4 (RTSP).
        "custom" custom: Map<String, Value>,
    }
}

impl RtspPlay {
    /// The URL asked for, in either generation.
    #[must_use]
    pub fn url(&self) -> &str {
        self.rtsp_url.as_deref().filter(|_| self.name.is_empty()).unwrap_or(&self.name)
    }
}
