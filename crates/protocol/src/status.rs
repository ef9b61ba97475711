//! The closed vocabularies of the protocol, open at the end: statuses, media providers, transports, tones. Spec §6.

use crate::open_enum::open_enums;

open_enums! {
    /// The status of a session or of its SIP registration. Spec §6.1 ConnectionStatusEvent, RegistrationStatusEvent.
    ///
    /// ```
    /// use wcs_hooks_protocol::{Payload, payloads::Connection, status::SessionStatus};
    ///
    /// let connection = Connection::from_json(br#"{"status":"NEWER"}"#)?;
    /// assert_eq!(connection.status, Some(SessionStatus::Other("NEWER".into())));
    /// # Ok::<(), wcs_hooks_protocol::PayloadError>(())
    /// ```
    SessionStatus {
        Pending = "PENDING",
        Established = "ESTABLISHED",
        Failed = "FAILED",
        Disconnected = "DISCONNECTED",
        Registered = "REGISTERED",
        Unregistered = "UNREGISTERED",
        AuthenticationFail = "AUTHENTICATION_FAIL",
    }

    /// The status of a stream. Spec §6.1 StreamStatusEvent, §3.4 publishStream.
    ///
    /// ```
    /// use wcs_hooks_protocol::{Payload, payloads::Stream, status::StreamStatus};
    ///
    /// let stream = Stream::from_json(br#"{"name":"b4e7","status":"PLAYING"}"#)?;
    /// assert_eq!(stream.status, Some(StreamStatus::Playing));
    /// assert_eq!(StreamStatus::Playing.as_str(), "PLAYING");
    /// # Ok::<(), wcs_hooks_protocol::PayloadError>(())
    /// ```
    StreamStatus {
        /// A browser's request.
        Pending = "PENDING",
        /// The request of an RTMP, HLS or RTSP client.
        New = "NEW",
        Publishing = "PUBLISHING",
        Unpublished = "UNPUBLISHED",
        Playing = "PLAYING",
        Stopped = "STOPPED",
        Failed = "FAILED",
        Paused = "PAUSED",
        PlaybackProblem = "PLAYBACK_PROBLEM",
        Resize = "RESIZE",
        SnapshotComplete = "SNAPSHOT_COMPLETE",
        NotEnoughBandwidth = "NOT_ENOUGH_BANDWIDTH",
        LocalStreamStopped = "LOCAL_STREAM_STOPPED",
    }

    /// The status of a call. Spec §6.1 CallStatusEvent.
    CallStatus {
        New = "NEW",
        Pending = "PENDING",
        Trying = "TRYING",
        Ring = "RING",
        RingMedia = "RING_MEDIA",
        /// SIP 183.
        SessionProgress = "SESSION_PROGRESS",
        /// SIP 486 and 600.
        Busy = "BUSY",
        /// SIP 200 to the INVITE.
        Established = "ESTABLISHED",
        Hold = "HOLD",
        Finish = "FINISH",
        Failed = "FAILED",
    }

    /// The status of a transfer. Spec §6.1 TransferStatusEvent.
    TransferStatus {
        /// What OnTransferEvent says.
        Pending = "PENDING",
        Accepted = "ACCEPTED",
        Trying = "TRYING",
        Completed = "COMPLETED",
        Failed = "FAILED",
    }

    /// The status of a message. Spec §6.1 MessageStatusEvent.
    MessageStatus {
        Sent = "SENT",
        /// What OnMessageEvent says.
        Received = "RECEIVED",
        Accepted = "ACCEPTED",
        Failed = "FAILED",
        ImdnNotificationSent = "IMDN_NOTIFICATION_SENT",
        ImdnDelivered = "IMDN_DELIVERED",
        ImdnFailed = "IMDN_FAILED",
        ImdnForbidden = "IMDN_FORBIDDEN",
        ImdnError = "IMDN_ERROR",
    }

    /// The status of data that a client sent. Spec §6.1 DataStatusEvent.
    DataStatus {
        Accepted = "ACCEPTED",
        Failed = "FAILED",
    }

    /// The status of a debug session. Spec §6.1 SessionDebugStatusEvent.
    DebugStatus {
        Started = "STARTED",
        Stopped = "STOPPED",
    }

    /// What a client asks of a debug session. Spec §3.4 sessionDebug.
    DebugCommand {
        Start = "start",
        Stop = "stop",
    }

    /// How media travels. Spec §6.2.
    MediaProvider {
        WebRtc = "WebRTC",
        /// RTMP.
        Flash = "Flash",
        WsPlayer = "WSPlayer",
        Mse = "MSE",
        Hls = "HLS",
        Rtsp = "RTSP",
    }

    /// The transport of media. Spec §6.2.
    Transport {
        Udp = "UDP",
        Tcp = "TCP",
    }

    /// How a DTMF tone is sent. Spec §6.2, §3.4 sendDtmf.
    DtmfType {
        /// The default.
        Rfc2833 = "RFC2833",
        Info = "INFO",
        InfoRelay = "INFO_RELAY",
    }
}
