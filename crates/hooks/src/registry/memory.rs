//! The registry in the memory of this process: [`MemoryStore`].

use std::{
    convert::Infallible,
    fmt,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::time::Instant;

use super::{
    change::Change,
    query::Query,
    record::{Call, Session, Stream},
    state::State,
    store::{Counts, Store},
};

/// How many are kept, and for how long.
///
/// ```
/// use std::time::Duration;
/// use wcs_hooks::registry::{Bounds, MemoryStore, Registry};
///
/// // WCS sends keep-alives every 30 seconds.
/// let bounds = Bounds { stream_silence: Duration::from_secs(100), ..Bounds::default() };
/// let registry = Registry::with_store(MemoryStore::new(bounds));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounds {
    /// The most sessions. Past it, the one that would be dropped first for its silence gives way. Default: 100 000.
    pub most_sessions: usize,
    /// The most streams, published and played. Default: 100 000.
    pub most_streams: usize,
    /// The most calls. Default: 100 000.
    pub most_calls: usize,
    /// A session that was accepted and not yet established is dropped after so long. Default: a minute.
    pub accepted_silence: Duration,
    /// A session is dropped if nothing is heard of it or of what belongs to it for so long. Nothing need be heard of
    /// a session that does nothing, so it should be longer than any lasts. Default: a day.
    pub session_silence: Duration,
    /// A stream is dropped if nothing is heard of it for so long. With `keep_alive_streaming_sessions_enabled`, a few
    /// times WCS's interval; without, longer than any stream lasts. Default: a day.
    pub stream_silence: Duration,
    /// A call is dropped if nothing is heard of it for so long: longer than any lasts. Default: a day.
    pub call_silence: Duration,
    /// How late a hook may come: for so long it is remembered what has ended. Default: 30 seconds.
    pub late: Duration,
}

const DAY: Duration = Duration::from_hours(24);

impl Default for Bounds {
    fn default() -> Self {
        Self {
            most_sessions: 100_000,
            most_streams: 100_000,
            most_calls: 100_000,
            accepted_silence: Duration::from_mins(1),
            session_silence: DAY,
            stream_silence: DAY,
            call_silence: DAY,
            late: Duration::from_secs(30),
        }
    }
}

/// The registry in the memory of this process. It is gone when the process ends; keep-alives then bring streams back, and
/// sessions are known again when they next connect.
///
/// What has been silent for too long is dropped whenever it is used, and by [`Store::sweep`].
pub struct MemoryStore {
    state: Mutex<State>,
    sessions: AtomicUsize,
    streams: AtomicUsize,
    calls: AtomicUsize,
}

impl MemoryStore {
    /// An empty one.
    ///
    /// ```
    /// use wcs_hooks::registry::{Bounds, MemoryStore};
    ///
    /// let store = MemoryStore::new(Bounds { most_calls: 0, ..Bounds::default() });
    /// assert_eq!(store.displaced(), 0);
    /// ```
    #[must_use]
    pub fn new(bounds: Bounds) -> Self {
        Self {
            state: Mutex::new(State::new(bounds)),
            sessions: AtomicUsize::new(0),
            streams: AtomicUsize::new(0),
            calls: AtomicUsize::new(0),
        }
    }

    /// How many gave way to others because there were too many. If it grows, the bounds are too low.
    #[must_use]
    pub fn displaced(&self) -> u64 {
        self.state().displaced()
    }

    fn change(&self, change: impl FnOnce(&mut State, Instant)) {
        let mut state = self.state();
        change(&mut state, Instant::now());
        let counts = state.counts();
        self.sessions.store(counts.sessions, Ordering::Relaxed);
        self.streams.store(counts.streams, Ordering::Relaxed);
        self.calls.store(counts.calls, Ordering::Relaxed);
    }

    /// What is live at this moment.
    fn live(&self) -> MutexGuard<'_, State> {
        self.change(State::sweep);
        self.state()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new(Bounds::default())
    }
}

impl Store for MemoryStore {
    type Error = Infallible;

    async fn apply(&self, change: Change) -> Result<(), Infallible> {
        self.change(|state, now| state.apply(change, now));
        Ok(())
    }

    async fn sessions(&self, query: &Query) -> Result<Vec<Session>, Infallible> {
        Ok(self.live().sessions(query))
    }

    async fn streams(&self, query: &Query) -> Result<Vec<Stream>, Infallible> {
        Ok(self.live().streams(query))
    }

    async fn calls(&self, query: &Query) -> Result<Vec<Call>, Infallible> {
        Ok(self.live().calls(query))
    }

    async fn sweep(&self) -> Result<(), Infallible> {
        self.change(State::sweep);
        Ok(())
    }

    fn counts(&self) -> Counts {
        Counts {
            sessions: self.sessions.load(Ordering::Relaxed),
            streams: self.streams.load(Ordering::Relaxed),
            calls: self.calls.load(Ordering::Relaxed),
        }
    }
}

/// The counts only: names and logins are nobody's business.
impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").field("counts", &self.counts()).finish_non_exhaustive()
    }
}
