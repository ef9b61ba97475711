//! What is known of a connection while it is open.

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
};

use super::{
    Live, Shared,
    places::{Full, Standing},
    stage,
};
use crate::{PeerAddress, peer::network};

/// Takes a place from when it is made to when it is dropped. What is atomic here is read and written by the connection's
/// own task; only those of HTTP/2's streams join in.
pub(super) struct Connection {
    pub(super) shared: Arc<Shared>,
    pub(super) live: Arc<Live>,
    pub(super) peer: Option<IpAddr>,
    /// Its place is one of those of addresses that have proved themselves.
    is_authenticated: AtomicBool,
    /// It has been told that its last request is answered.
    has_had_last: AtomicBool,
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
    pub(super) fn enter(
        shared: &Arc<Shared>,
        live: Arc<Live>,
        peer: Option<IpAddr>,
    ) -> Result<Arc<Self>, Full> {
        let standing = shared.standing(peer);
        shared.places.take(peer.map(network), standing, &live.settings)?;
        Ok(Arc::new(Self {
            is_authenticated: AtomicBool::new(standing == Standing::Authenticated),
            has_had_last: AtomicBool::new(false),
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
    }

    /// The network of a peer that has not proved itself.
    pub(super) fn stranger(&self) -> Option<IpAddr> {
        self.shared.stranger(self.peer)
    }

    /// Of a peer that has not proved itself this is a failure to do so: it could go on for ever without a request.
    pub(super) fn broke_the_protocol(&self) {
        self.shared.backend.shared.denials.count_unfinished(self.peer.map(PeerAddress));
    }

    /// Whether the peer has failed to prove itself as often as it may.
    pub(super) fn is_at_limit(&self) -> bool {
        self.shared.standing(self.peer) == Standing::AtLimit
    }

    /// In HTTP/1.1 the answer says so, and hyper ends the connection.
    pub(super) fn had_last(&self) {
        self.has_had_last.store(self.is_multiplexed.load(Ordering::Relaxed), Ordering::Relaxed);
    }

    pub(super) fn had_its_last(&self) -> bool {
        self.has_had_last.load(Ordering::Relaxed)
    }

    /// Whether it is to end; not if the peer has proved itself since.
    pub(super) fn is_to_end(&self) -> bool {
        self.had_its_last() && self.stranger().is_some()
    }

    /// Once an answer has shown that the peer has proved itself, its place is not one of the strangers' any more.
    fn authenticate(&self) {
        if self.is_authenticated.load(Ordering::Relaxed) || self.stranger().is_some() {
            return;
        }
        if let Some(peer) = self.peer.filter(|_| !self.is_authenticated.swap(true, Ordering::Relaxed)) {
            self.shared.places.authenticate(network(peer));
        }
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
        self.shared.places.leave(self.peer.map(network), *self.is_authenticated.get_mut());
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
        self.0.authenticate();
    }
}
