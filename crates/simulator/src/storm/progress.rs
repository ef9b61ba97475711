//! How far a storm is: [`StormProgress`].

use std::time::Duration;

use serde::Serialize;

/// What the clients of a storm are doing, one phase after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum StormPhase {
    /// They connect and publish.
    Connecting,
    /// All are there.
    Staying,
    /// They have left, and the backend is told.
    Leaving,
    /// The backend has been told of the end of each that no crash took.
    Over,
}

/// How far a storm is.
///
/// ```
/// fn is_complete(progress: &wcs_hooks_simulator::storm::StormProgress) -> bool {
///     progress.refused == 0 && progress.left == progress.sessions
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct StormProgress {
    /// What the clients are doing.
    pub phase: StormPhase,
    /// How many there are to be.
    pub sessions: usize,
    /// How many have connected.
    pub connected: usize,
    /// How many have not, since the backend refused them or there was no place.
    pub refused: usize,
    /// How many have published.
    pub publishing: usize,
    /// How many have left and are done with. The backend has been told so of each, but for those that a
    /// [crash](crate::Restart::Crash) took: of their end it hears nothing.
    pub left: usize,
    /// How long all took to connect and publish; so far, while they do. In milliseconds as JSON.
    #[serde(rename = "connectingMs", serialize_with = "crate::millis::serialize")]
    pub connecting: Duration,
    /// How long it took to tell the backend of the end of all. In milliseconds as JSON.
    #[serde(rename = "leavingMs", serialize_with = "crate::millis::serialize")]
    pub leaving: Duration,
}

impl StormProgress {
    pub(super) fn of(sessions: usize) -> Self {
        Self {
            phase: StormPhase::Connecting,
            sessions,
            connected: 0,
            refused: 0,
            publishing: 0,
            left: 0,
            connecting: Duration::ZERO,
            leaving: Duration::ZERO,
        }
    }
}
