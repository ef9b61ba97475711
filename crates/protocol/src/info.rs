//! Known texts of `info`: why something has its status. The list is open: SIP texts and backends' reasons stand there too.

/// `info` of CallStatusEvent. Spec §6.3.
pub mod call {
    /// `Normal call clearing`
    pub const NORMAL_CALL_CLEARING: &str = "Normal call clearing";
    /// `Failed by session creation`
    pub const FAILED_BY_SESSION_CREATION: &str = "Failed by session creation";
    /// `Failed by ICE error`
    pub const FAILED_BY_ICE_ERROR: &str = "Failed by ICE error";
    /// `Failed by RTP activity`
    pub const FAILED_BY_RTP_ACTIVITY: &str = "Failed by RTP activity";
    /// `Failed by RTMP writer error`
    pub const FAILED_BY_RTMP_WRITER_ERROR: &str = "Failed by RTMP writer error";
    /// `Failed by DTLS fingerprint error`
    pub const FAILED_BY_DTLS_FINGERPRINT_ERROR: &str = "Failed by DTLS fingerprint error";
    /// `No common codecs`
    pub const NO_COMMON_CODECS: &str = "No common codecs";
    /// `Failed by DTLS error`
    pub const FAILED_BY_DTLS_ERROR: &str = "Failed by DTLS error";
    /// `Failed by error`
    pub const FAILED_BY_ERROR: &str = "Failed by error";
    /// `Failed by request timeout`
    pub const FAILED_BY_REQUEST_TIMEOUT: &str = "Failed by request timeout";
    /// `Transcoding required, but disabled`
    pub const TRANSCODING_REQUIRED_BUT_DISABLED: &str = "Transcoding required, but disabled";
}

/// `info` of StreamStatusEvent. Spec §6.4.
pub mod stream {
    /// `Failed by ICE error`
    pub const FAILED_BY_ICE_ERROR: &str = "Failed by ICE error";
    /// `Failed by ICE timeout`
    pub const FAILED_BY_ICE_TIMEOUT: &str = "Failed by ICE timeout";
    /// `Failed by ICE keep alive`
    pub const FAILED_BY_ICE_KEEP_ALIVE: &str = "Failed by ICE keep alive";
    /// `Failed by DTLS fingerprint error`
    pub const FAILED_BY_DTLS_FINGERPRINT_ERROR: &str = "Failed by DTLS fingerprint error";
    /// `Failed by DTLS error`
    pub const FAILED_BY_DTLS_ERROR: &str = "Failed by DTLS error";
    /// `Failed by HLS writer error`
    pub const FAILED_BY_HLS_WRITER_ERROR: &str = "Failed by HLS writer error";
    /// `Failed by RTMP writer error`
    pub const FAILED_BY_RTMP_WRITER_ERROR: &str = "Failed by RTMP writer error";
    /// `Failed by RTP activity`
    pub const FAILED_BY_RTP_ACTIVITY: &str = "Failed by RTP activity";
    /// `Stopped by session disconnect`
    pub const STOPPED_BY_SESSION_DISCONNECT: &str = "Stopped by session disconnect";
    /// `Stopped by rest /terminate`
    pub const STOPPED_BY_REST_TERMINATE: &str = "Stopped by rest /terminate";
    /// `Stopped by publisher stop`
    pub const STOPPED_BY_PUBLISHER_STOP: &str = "Stopped by publisher stop";
    /// `Stopped by user`
    pub const STOPPED_BY_USER: &str = "Stopped by user";
    /// `Failed by error`
    pub const FAILED_BY_ERROR: &str = "Failed by error";
    /// `Failed to add stream to proxy`
    pub const FAILED_TO_ADD_STREAM_TO_PROXY: &str = "Failed to add stream to proxy";
    /// `Distributor stopped`
    pub const DISTRIBUTOR_STOPPED: &str = "Distributor stopped";
    /// `Publish stream is not ready`
    pub const PUBLISH_STREAM_IS_NOT_READY: &str = "Publish stream is not ready";
    /// `Stream not found`
    pub const STREAM_NOT_FOUND: &str = "Stream not found";
    /// `Stream name is already in use`
    pub const STREAM_NAME_IS_ALREADY_IN_USE: &str = "Stream name is already in use";
    /// `MediaSessionId is null`
    pub const MEDIASESSIONID_IS_NULL: &str = "MediaSessionId is null";
    /// `MediaSessionId is already in use`
    pub const MEDIASESSIONID_IS_ALREADY_IN_USE: &str = "MediaSessionId is already in use";
    /// `Session not ready`
    pub const SESSION_NOT_READY: &str = "Session not ready";
    /// `Session does not exist`
    pub const SESSION_DOES_NOT_EXIST: &str = "Session does not exist";
    /// `Rtsp has wrong format`
    pub const RTSP_HAS_WRONG_FORMAT: &str = "Rtsp has wrong format";
    /// `File has wrong format`
    pub const FILE_HAS_WRONG_FORMAT: &str = "File has wrong format";
    /// `Failed to connect to rtsp stream`
    pub const FAILED_TO_CONNECT_TO_RTSP_STREAM: &str = "Failed to connect to rtsp stream";
    /// `Rtsp stream not found`
    pub const RTSP_STREAM_NOT_FOUND: &str = "Rtsp stream not found";
    /// `RtspAgent shutdown`
    pub const RTSPAGENT_SHUTDOWN: &str = "RtspAgent shutdown";
    /// `Stream failed`
    pub const STREAM_FAILED: &str = "Stream failed";
    /// `No common codecs`
    pub const NO_COMMON_CODECS: &str = "No common codecs";
    /// `Bad URI`
    pub const BAD_URI: &str = "Bad URI";
    /// `Got exception while streaming file`
    pub const GOT_EXCEPTION_WHILE_STREAMING_FILE: &str = "Got exception while streaming file";
    /// `Requested stream shutdown`
    pub const REQUESTED_STREAM_SHUTDOWN: &str = "Requested stream shutdown";
    /// `Failed to read file`
    pub const FAILED_TO_READ_FILE: &str = "Failed to read file";
    /// `File not found`
    pub const FILE_NOT_FOUND: &str = "File not found";
    /// `Failed to connect to origin stream`
    pub const FAILED_TO_CONNECT_TO_ORIGIN_STREAM: &str = "Failed to connect to origin stream";
    /// `CDN stream not found`
    pub const CDN_STREAM_NOT_FOUND: &str = "CDN stream not found";
    /// `Failed to get agent storage`
    pub const FAILED_TO_GET_AGENT_STORAGE: &str = "Failed to get agent storage";
    /// `Agent servicing origin stream is shutting down`
    pub const AGENT_SERVICING_ORIGIN_STREAM_IS_SHUTTING_DOWN: &str =
        "Agent servicing origin stream is shutting down";
    /// `Terminated by keep-alive`
    pub const TERMINATED_BY_KEEP_ALIVE: &str = "Terminated by keep-alive";
    /// `Transcoding required, but disabled`
    pub const TRANSCODING_REQUIRED_BUT_DISABLED: &str = "Transcoding required, but disabled";
    /// `Restricted access`
    pub const RESTRICTED_ACCESS: &str = "Restricted access";
    /// `No available transcoders`
    pub const NO_AVAILABLE_TRANSCODERS: &str = "No available transcoders";
}
