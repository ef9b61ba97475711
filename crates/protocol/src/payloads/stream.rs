//! `publishStream`, `playStream`, `StreamStatusEvent` and the other hooks about a stream. Spec §3.4.

use serde_json::{Map, Value};

use crate::{
    field::{FieldKind, FieldValue},
    object::Object,
    payload::payloads,
    status::{MediaProvider, StreamStatus, Transport},
};

payloads! {
    /// A stream that a client publishes or plays. Spec §3.4 publishStream / playStream, StreamStatusEvent.
    ///
    /// ```
    /// use wcs_hooks_protocol::payloads::Stream;
    ///
    /// let stream = Stream { name: "b4e7".into(), published: Some(true), ..Stream::default() };
    /// assert_eq!(format!("{stream:?}"), r#"Stream {"name":"b4e7","published":true}"#);
    /// ```
    Stream {
        /// Id of this media session: a UUID that the client made, or WCS for RTMP. Spec §3.4 (T2, RTMP).
        "mediaSessionId" [id] media_session_id: String,
        /// The stream's name. To play, it may be a URL (`rtsp://…`, `rtmp://…`, `vod://file.mp4`) that WCS pulls.
        /// Changing it renames the stream. Spec §3.4 (T2).
        "name" [changeable] name: String,
        /// True if the client publishes, false if it plays. Spec §3.4 (T2).
        "published" published: Option<bool>,
        /// Whether there is video. Spec §3.4 (T2).
        "hasVideo" [changeable] has_video: Option<bool>,
        /// Whether there is audio. Spec §3.4 (T2).
        "hasAudio" [changeable] has_audio: Option<bool>,
        /// The status. Spec §6.1 (EVS).
        "status" status: Option<StreamStatus>,
        /// The browser's offer, kilobytes long. Absent for RTMP, and left out unless a handler asks for it. Spec §3.4 (T2).
        "sdp" sdp: Option<String>,
        /// The audio codec, in events once media is set up. Spec §3.4 (FLD).
        "audioCodec" audio_codec: Option<String>,
        /// The video codec, in events once media is set up. Spec §3.4 (FLD).
        "videoCodec" video_codec: Option<String>,
        /// Whether the stream is to be recorded. Spec §3.4 (T2).
        "record" [changeable] record: Option<bool>,
        /// Width in pixels; 0 is not set. Spec §3.4 (T2).
        "width" [changeable] width: Option<i64>,
        /// Height in pixels; 0 is not set. Spec §3.4 (T2).
        "height" [changeable] height: Option<i64>,
        /// Video bitrate; 0 is not set. The unit is not documented. Spec §3.4 (T2).
        "bitrate" [changeable] bitrate: Option<i64>,
        /// Least video bitrate; 0 is not set. Spec §3.4 (FLD).
        "minBitrate" [changeable] min_bitrate: Option<i64>,
        /// Greatest video bitrate; 0 is not set. Spec §3.4 (FLD).
        "maxBitrate" [changeable] max_bitrate: Option<i64>,
        /// Video quality, 0 to 100; 0 is not set. Spec §3.4 (T2).
        "quality" [changeable] quality: Option<i64>,
        /// Newer builds; meaning not documented. Spec §3.4 (FLD).
        "history" history: Option<bool>,
        /// Length of a group of pictures, newer builds; 0 is not set. Spec §3.4 (FLD).
        "gop" [changeable] gop: Option<i64>,
        /// Frames a second, newer builds; 0 is not set. Spec §3.4 (FLD).
        "fps" [changeable] fps: Option<i64>,
        /// Audio bitrate, newer builds; 0 is not set. Spec §3.4 (FLD).
        "audioBitrate" [changeable] audio_bitrate: Option<i64>,
        /// The codec's implementation, newer builds. Spec §3.4 (FLD).
        "codecImpl" codec_impl: Option<String>,
        /// The transport of media, newer builds. Spec §3.4 (FLD).
        "transport" [changeable] transport: Option<Transport>,
        /// Whether the video's orientation is sent, newer builds. Spec §3.4 (FLD).
        "cvoExtension" cvo_extension: Option<bool>,
        /// When the stream was made, in milliseconds since 1970, newer builds. Spec §3.4 (FLD).
        "createDate" create_date: Option<i64>,
        /// `publish`, and presumably `play`, newer builds. Spec §3.4 (FLD).
        "mediaType" media_type: Option<String>,
        /// Whether audio is muted, newer builds. Spec §3.4 (FLD).
        "audioState" audio_state: Option<MediaState>,
        /// Whether video is muted, newer builds. Spec §3.4 (FLD).
        "videoState" video_state: Option<MediaState>,
        /// How media travels. Spec §3.4 (T2).
        "mediaProvider" media_provider: Option<MediaProvider>,
        /// Forward the published stream to this RTMP URL. Spec §3.4 (SDK).
        "rtmpUrl" [changeable] rtmp_url: Option<String>,
        /// The page's media constraints; whether the hook carries them is unknown. Spec §3.4 (SDK).
        "constraints" constraints: Option<Value>,
        /// Why the stream has this status, in events. Free text; see [`info`](crate::info). Spec §6.4 (SDK).
        "info" info: Option<String>,
        /// More about the stream, in events. Spec §3.4 (WS).
        "streamInfo" stream_info: Option<String>,
        /// Name of the recording, in events. Spec §3.4 (SDK).
        "recordName" record_name: Option<String>,
        /// What the page put in `createStream({custom})`; for RTMP, the parameters of the stream's URL. Spec §3.4 (SDK, RTMP).
        "custom" [changeable] custom: Map<String, Value>,
    }
}

/// Whether a track is muted. Spec §3.4 (FLD).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MediaState {
    /// Muted or not.
    pub muted: bool,
}

impl FieldValue for MediaState {
    const KIND: FieldKind = FieldKind::Object;

    fn read(json: &str) -> Option<Self> {
        let muted = match json {
            r#"{"muted":false}"# => false,
            r#"{"muted":true}"# => true,
            _ => bool::read(Object::parse(json).ok()?.get("muted")?)?,
        };
        Some(Self { muted })
    }

    fn write(&self, out: &mut String) {
        out.push_str(if self.muted { r#"{"muted":true}"# } else { r#"{"muted":false}"# });
    }
}
