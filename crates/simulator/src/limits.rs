//! What a gateway bears: [`Limits`].

use std::time::Duration;

/// How much a gateway takes from its clients, and how long it waits for them.
///
/// ```
/// use wcs_hooks_simulator::Limits;
///
/// let limits = Limits { sessions: 100, ..Limits::default() };
/// assert_eq!(limits.frame, 4 << 20);
/// ```
///
/// New fields may be added in any release: write `..Limits::default()` behind the ones you set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The longest message from a client, in bytes; a longer one ends its connection. Default 4 MiB: an SDP, logs and
    /// data stand in one.
    pub frame: usize,
    /// Messages that wait for a client to read them; with one more it is disconnected. Default 256.
    pub queued_frames: usize,
    /// Bytes of messages that wait for a client to read them; with more it is disconnected. Default 16 MiB.
    pub queued_bytes: usize,
    /// Messages of a client that wait to be handled; it is not read from while there are as many. Default 16.
    pub waiting_frames: usize,
    /// What other clients and the REST API have for a session and it has not handled yet. One that lags behind by more is
    /// disconnected. Default 1024.
    pub waiting_inputs: usize,
    /// Sessions at one time, with those that are still connecting. Default 100 000.
    pub sessions: usize,
    /// Streams of a session at one time. Default 100.
    pub streams: usize,
    /// Calls of a session at one time. Default 16.
    pub calls: usize,
    /// How long a client may take from the handshake to its `connection` message. Default 10 seconds.
    pub connect_within: Duration,
    /// How often a client is sent `ping`. Default 10 seconds.
    pub ping_every: Duration,
    /// How long nothing may come from a client, and how long it may take to read one message. Default 30 seconds.
    pub silence: Duration,
    /// How long a session that its client asked to keep waits for it to come back. Default 1 minute.
    pub kept_for: Duration,
    /// How long a call rings that nobody answers; its caller then gets `SIP 408 Request Timeout`. Default 1 minute.
    pub ringing: Duration,
    /// How long [`Gateway::stop`](crate::Gateway::stop) waits for the hooks that tell of the end. Default 30 seconds.
    pub stop_within: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            frame: 4 << 20,
            queued_frames: 256,
            queued_bytes: 16 << 20,
            waiting_frames: 16,
            waiting_inputs: 1024,
            sessions: 100_000,
            streams: 100,
            calls: 16,
            connect_within: Duration::from_secs(10),
            ping_every: Duration::from_secs(10),
            silence: Duration::from_secs(30),
            kept_for: Duration::from_mins(1),
            ringing: Duration::from_mins(1),
            stop_within: Duration::from_secs(30),
        }
    }
}
