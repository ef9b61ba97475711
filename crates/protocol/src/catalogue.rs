//! Every hook of the protocol, declared once. Whatever must know all hooks is generated from these rows.

/// Hands the table of all hooks to another macro: `__with_hooks!(that_macro)`.
///
/// ```text
/// /// docs of the topic
/// HandlerTrait for registering_function {
///     /// docs
///     KIND handler_function = "wireName" | "a spelling of the docs": Marker(Payload) -> EventThatTellsAFailure may repeat
///         { StatusEnum => function_for_a_status: Arm, … };
/// }
/// ```
///
/// The kinds are those of `HookKind`; `ending` is an `invoke` that makes no sense to refuse. `may repeat` if two calls with the
/// same body, one shortly after the other, may be two things that happened; calls of access and keep-alive hooks always may.
/// Rows hold no code.
#[doc(hidden)]
#[macro_export]
macro_rules! __with_hooks {
    ($($then:ident)::+) => { $($then)::+! {
        /// Decides who may open a session.
        ConnectHandler for connects {
            /// A client opens a session. The answer accepts or refuses it and sets how WCS treats every later hook of it.
            /// Spec §3.4 connect, §4.2.
            connect connect = "connect": Connect(Connection) -> ConnectionStatus;
        }

        /// Observes sessions and their SIP registrations.
        SessionHandler for sessions {
            /// A session changed its status. Spec §3.4 ConnectionStatusEvent, §6.1.
            event connection_status = "ConnectionStatusEvent": ConnectionStatus(Connection)
                { SessionStatus => connected: Established, connection_failed: Failed, disconnected: Disconnected };
            /// The SIP registration of a session changed its status. Spec §3.4 RegistrationStatusEvent, §6.1.
            event registration_status = "RegistrationStatusEvent": RegistrationStatus(Connection)
                { SessionStatus => registered: Registered, unregistered: Unregistered, registration_failed: AuthenticationFail };
            /// An error that belongs to no other event. Known by its name only. Spec §3.4 ErrorStatusEvent.
            event error_status = "ErrorStatusEvent": ErrorStatus(Notice) may repeat;
        }

        /// Decides and observes streams.
        StreamHandler for streams {
            /// A client asks to publish a stream. Spec §3.4 publishStream.
            invoke publish_stream = "publishStream": PublishStream(Stream) -> StreamStatus;
            /// A client asks to play a stream. Spec §3.4 playStream.
            invoke play_stream = "playStream": PlayStream(Stream) -> StreamStatus;
            /// A client asks to pause a stream it plays. Spec §3.4 pauseStream.
            invoke pause_stream = "pauseStream": PauseStream(Stream) -> StreamStatus may repeat;
            /// A client stops publishing. Refusing this makes no sense. Spec §3.4 unPublishStream.
            ending unpublish_stream = "unPublishStream": UnPublishStream(Stream) -> StreamStatus;
            /// A client stops playing. Refusing this makes no sense. Spec §3.4 stopStream.
            ending stop_stream = "stopStream": StopStream(Stream) -> StreamStatus;
            /// A client asks for a picture of a stream. Spec §3.4 snapshot.
            invoke snapshot = "snapshot": Snapshot(Stream) -> StreamStatus may repeat;
            /// A client asks whether a stream can be played. No event follows. Spec §3.4 availableStream.
            invoke available_stream = "availableStream": AvailableStream(Stream) may repeat;
            /// A player asks for an HLS playlist; no connect precedes it. A refusal is always effective: the player gets
            /// `401 Unauthorized`. WCS keeps the answer per token. Spec §3.4 playHLS.
            access play_hls = "playHLS": PlayHls(HlsPlay);
            /// An RTSP client asks for a stream; no connect precedes it. A refusal is always effective: WCS closes the
            /// connection. Spec §3.4 playRTSP.
            access play_rtsp = "playRTSP": PlayRtsp(RtspPlay);
            /// A stream changed its status. Spec §3.4 StreamStatusEvent, §6.1.
            event stream_status = "StreamStatusEvent": StreamStatus(Stream)
                { StreamStatus => publishing: Publishing, unpublished: Unpublished, playing: Playing, stopped: Stopped,
                  stream_failed: Failed };
            /// A stream is still there. Can end the stream. Spec §3.4 StreamKeepAliveEvent.
            keep_alive stream_keep_alive = "StreamKeepAliveEvent": StreamKeepAlive(Stream);
            /// A recording changed its status. Known by its name only. Spec §3.4 RecordingStatusEvent.
            event recording_status = "RecordingStatusEvent": RecordingStatus(Recording);
            /// Statistics of streams. Known by its name only. Spec §3.4 StreamsStatEvent.
            event streams_stat = "StreamsStatEvent": StreamsStat(Notice) may repeat;
            /// Something happened to a transcoding group. Known by its name only. Spec §3.4 StreamTranscodingGroupEvent.
            event stream_transcoding_group = "StreamTranscodingGroupEvent": StreamTranscodingGroup(Notice);
        }

        /// Decides and observes calls.
        CallHandler for calls {
            /// A client calls. A changed `callee` redirects the call. Spec §3.4 call.
            invoke call = "call": PlaceCall(Call) -> CallStatus;
            /// A client answers a call. Spec §3.4 answer.
            invoke answer = "answer": Answer(Call) -> CallStatus;
            /// A client holds a call. Spec §3.4 hold.
            invoke hold = "hold": Hold(Call) -> CallStatus may repeat;
            /// A client takes a held call up again. Spec §3.4 unhold.
            invoke unhold = "unhold": Unhold(Call) -> CallStatus may repeat;
            /// A client transfers a call. Spec §3.4 transfer.
            invoke transfer = "transfer": TransferCall(Transfer) -> TransferStatus;
            /// A client sends a DTMF tone. No event follows. The docs' `sendDTMF`. Spec §3.4 sendDtmf.
            invoke send_dtmf = "sendDtmf" | "sendDTMF": SendDtmf(Dtmf) may repeat;
            /// A client hangs up. Refusing this makes no sense. Spec §3.4 hangup.
            ending hangup = "hangup": Hangup(Call) -> CallStatus;
            /// A call comes in. Refused, the caller hears SIP `403 FORBIDDEN`. Spec §3.4 OnCallEvent.
            incoming incoming_call = "OnCallEvent": OnCall(Call) -> CallStatus;
            /// A call changed its status. Spec §3.4 CallStatusEvent, §6.1.
            event call_status = "CallStatusEvent": CallStatus(Call)
                { CallStatus => trying: Trying, ringing: Ring, busy: Busy, established: Established, held: Hold, finished: Finish,
                  call_failed: Failed };
            /// Another party transfers a call. Spec §3.4 OnTransferEvent.
            event incoming_transfer = "OnTransferEvent": OnTransfer(Transfer);
            /// A transfer changed its status. Spec §3.4 TransferStatusEvent, §6.1.
            event transfer_status = "TransferStatusEvent": TransferStatus(Transfer)
                { TransferStatus => transfer_accepted: Accepted, transfer_trying: Trying, transfer_completed: Completed,
                  transfer_failed: Failed };
        }

        /// Decides and observes SIP messages, subscriptions and XCAP requests.
        MessageHandler for messages {
            /// A client sends a message. Spec §3.4 sendMessage.
            invoke send_message = "sendMessage": SendMessage(Message) -> MessageStatus may repeat;
            /// A message comes in. Spec §3.4 OnMessageEvent.
            incoming incoming_message = "OnMessageEvent": OnMessage(Message) -> MessageStatus may repeat;
            /// A message changed its status. Spec §3.4 MessageStatusEvent, §6.1.
            event message_status = "MessageStatusEvent": MessageStatus(Message)
                { MessageStatus => message_sent: Sent, message_accepted: Accepted, message_failed: Failed };
            /// A client subscribes to a SIP event package. Spec §3.4 subscribe.
            invoke subscribe = "subscribe": Subscribe(Subscription) -> SubscriptionStatus may repeat;
            /// A subscription changed its status. Spec §3.4 SubscriptionStatusEvent.
            event subscription_status = "SubscriptionStatusEvent": SubscriptionStatus(Subscription);
            /// A client sends an XCAP request. Spec §3.4 sendXcapRequest.
            invoke send_xcap_request = "sendXcapRequest": SendXcapRequest(Xcap) -> XcapStatus may repeat;
            /// An XCAP request was answered. Spec §3.4 XcapStatusEvent.
            event xcap_status = "XcapStatusEvent": XcapStatus(Xcap);
        }

        /// Decides and observes the data that clients send: custom signaling.
        DataHandler for data {
            /// A client sends data. Spec §3.4 OnDataEvent.
            invoke incoming_data = "OnDataEvent": OnData(Data) -> DataStatus;
            /// Data was accepted or failed. Spec §3.4 DataStatusEvent, §6.1.
            event data_status = "DataStatusEvent": DataStatus(Data)
                { DataStatus => data_accepted: Accepted, data_failed: Failed };
        }

        /// Decides and observes bug reports, logs and debug sessions.
        DiagnosticsHandler for diagnostics {
            /// A client submits a bug report. The docs' `sendBugReport`. Spec §3.4 submitBugReport.
            invoke submit_bug_report = "submitBugReport" | "sendBugReport": SubmitBugReport(BugReport) -> BugReportStatus;
            /// A bug report was stored. Spec §3.4 BugReportStatusEvent.
            event bug_report_status = "BugReportStatusEvent": BugReportStatus(BugReport);
            /// A client pushes its logs. No event follows. Spec §3.4 pushLogs.
            invoke push_logs = "pushLogs": PushLogs(Logs) may repeat;
            /// A client starts or stops a debug session. Spec §3.4 sessionDebug.
            invoke session_debug = "sessionDebug": SessionDebugCommand(SessionDebug) -> SessionDebugStatus may repeat;
            /// A debug session started or stopped. Spec §3.4 SessionDebugStatusEvent, §6.1.
            event session_debug_status = "SessionDebugStatusEvent": SessionDebugStatus(SessionDebug)
                { DebugStatus => debug_started: Started, debug_stopped: Stopped };
        }
    }};
}
