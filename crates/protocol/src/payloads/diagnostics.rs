//! `submitBugReport`, `pushLogs`, `sessionDebug`, their events, and the hooks known by name only. Spec §3.4.

use crate::{
    payload::payloads,
    status::{DebugCommand, DebugStatus},
};

payloads! {
    /// A bug report. Spec §3.4 submitBugReport, BugReportStatusEvent.
    BugReport {
        /// What the user wrote. Spec §3.4 (SDK).
        "text" text: String,
        /// The kind of problem, for example `no_media`. Spec §3.4 (SDK).
        "type" report_type: Option<String>,
        /// The file on the server, in the event. Spec §3.4 (SDK1).
        "filename" filename: Option<String>,
        /// The status; no values are documented. Spec §6.1.
        "status" status: Option<String>,
        /// Why it has this status. Free text. Spec §5.3.
        "info" info: Option<String>,
    }

    /// Logs that a client pushes. Spec §3.4 pushLogs.
    Logs {
        /// The lines. Spec §3.4 (SDK).
        "logs" logs: String,
    }

    /// A debug session. Spec §3.4 sessionDebug, SessionDebugStatusEvent.
    SessionDebug {
        /// What the client asks for. Spec §3.4 (SDK).
        "command" command: Option<DebugCommand>,
        /// The status, in the event. Spec §6.1 (EVS).
        "status" status: Option<DebugStatus>,
        /// The log file on the server, in the event. Spec §3.4 (SDK).
        "file" file: Option<String>,
        /// Why it has this status. Free text. Spec §5.3.
        "info" info: Option<String>,
    }

    /// A recording. The event is known by name only; the client's report of one has `mixedFilename`. Spec §3.4
    /// RecordingStatusEvent.
    Recording {
        /// The media session that is recorded. Spec §3.4.
        "mediaSessionId" [id] media_session_id: String,
        /// The status; no values are documented. Spec §3.4.
        "status" status: Option<String>,
        /// The finished file, in the client's report. Spec §3.4 (SDK1).
        "mixedFilename" mixed_filename: Option<String>,
        /// Why it has this status. Free text. Spec §5.3.
        "info" info: Option<String>,
    }

    /// An event that is known by its name only: look into `extra`. Spec §3.4 ErrorStatusEvent, StreamsStatEvent,
    /// StreamTranscodingGroupEvent.
    Notice {
        /// The status; no values are documented. Spec §3.4.
        "status" status: Option<String>,
        /// Free text. Spec §5.3.
        "info" info: Option<String>,
    }
}
