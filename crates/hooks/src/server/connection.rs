//! What is known of a connection while it is open.

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
};

use super::{Live, Shared, stage};

/// Takes a place from when it is made to when it is dropped. What is atomic here is read and written by the connection's
/// own task; only those of HTTP/2's streams join in.
pub(super) struct Connection {
    pub(super) shared: Arc<Shared>,
    pub(super) live: Arc<Live>,
    pub(super) peer: Option<IpAddr>,
    /// Requests that are not answered yet.
    busy: AtomicU32,
    /// Requests so far.
    requests: AtomicU32,
    /// Something came of a request that has not begun.
    has_begun: AtomicBool,
    /// Bytes say nothing of requests in HTTP/2, which has pings and windows.
    is_multiplexed: AtomicBool,
    /// The peer has not taken all of what was answered.
    is_blocked: AtomicBool,
}

/// What a connection does, as far as time is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// A head is awaited: the first, or one of which a part has come.
    Head {
        requests: u32,
    },
    Busy,
    /// Nothing came since this request.
    Idle {
        requests: u32,
    },
}

impl Connection {
    /// If there is a place for it.
    pub(super) fn enter(shared: &Arc<Shared>, live: Arc<Live>, peer: Option<IpAddr>) -> Option<Arc<Self>> {
        if !shared.places.take(peer, live.settings.connections_per_address) {
            return None;
        }
        Some(Arc::new(Self {
            shared: Arc::clone(shared),
            live,
            peer,
            busy: AtomicU32::new(0),
            requests: AtomicU32::new(0),
            has_begun: AtomicBool::new(true),
            is_multiplexed: AtomicBool::new(false),
            is_blocked: AtomicBool::new(false),
        }))
    }

    pub(super) fn received(&self) {
        if self.busy() == 0 && !self.is_multiplexed() {
            self.has_begun.store(true, Ordering::Relaxed);
        }
    }

    pub(super) fn becomes_multiplexed(&self) {
        self.is_multiplexed.store(true, Ordering::Relaxed);
        self.has_begun.store(false, Ordering::Relaxed);
    }

    pub(super) fn is_multiplexed(&self) -> bool {
        self.is_multiplexed.load(Ordering::Relaxed)
    }

    pub(super) fn wrote(&self, is_blocked: bool) {
        self.is_blocked.store(is_blocked, Ordering::Relaxed);
    }

    pub(super) fn is_blocked(&self) -> bool {
        self.is_blocked.load(Ordering::Relaxed)
    }

    /// Whether the server has been told to stop.
    pub(super) fn is_leaving(&self) -> bool {
        self.shared.stage.now() != stage::SERVING
    }

    /// A request's head is there; it is answered when what this gives is dropped.
    pub(super) fn begin(self: &Arc<Self>) -> Answering {
        self.busy.fetch_add(1, Ordering::Relaxed);
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.has_begun.store(false, Ordering::Relaxed);
        Answering(Arc::clone(self))
    }

    pub(super) fn busy(&self) -> u32 {
        self.busy.load(Ordering::Relaxed)
    }

    pub(super) fn phase(&self) -> Phase {
        let requests = self.requests.load(Ordering::Relaxed);
        match (self.busy(), self.has_begun.load(Ordering::Relaxed)) {
            (0, true) => Phase::Head { requests },
            (0, false) => Phase::Idle { requests },
            _ => Phase::Busy,
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.shared.places.leave(self.peer);
    }
}

/// Until a request is answered.
pub(super) struct Answering(Arc<Connection>);

impl Answering {
    pub(super) fn connection(&self) -> &Connection {
        &self.0
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.busy.fetch_sub(1, Ordering::Relaxed);
    }
}
