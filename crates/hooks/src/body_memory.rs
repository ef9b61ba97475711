//! The memory of requests whose bodies are awaited: [`BodyMemory`].

use std::{
    net::IpAddr,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

use crate::{Limits, shares::Shares};

/// A budget in bytes. Addresses that have not proved themselves have half of it, which they share.
#[derive(Debug)]
pub(crate) struct BodyMemory {
    limit: AtomicUsize,
    taken: AtomicUsize,
    unauthenticated: Mutex<Shares>,
}

/// Bytes of the budget, until it is dropped.
#[derive(Debug)]
pub(crate) struct Reservation<'m> {
    memory: &'m BodyMemory,
    /// Of an address that has not proved itself.
    network: Option<IpAddr>,
    bytes: usize,
}

impl BodyMemory {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            limit: AtomicUsize::new(limits.body_memory),
            taken: AtomicUsize::new(0),
            unauthenticated: Mutex::default(),
        }
    }

    /// Sets how much there is. What is reserved stays so.
    pub(crate) fn limit(&self, limits: &Limits) {
        self.limit.store(limits.body_memory, Relaxed);
    }

    /// Bytes that are reserved.
    pub(crate) fn taken(&self) -> usize {
        self.taken.load(Relaxed)
    }

    /// Of nothing yet; `network` is that of an address that has not proved itself.
    pub(crate) fn reservation(&self, network: Option<IpAddr>) -> Reservation<'_> {
        Reservation { memory: self, network, bytes: 0 }
    }

    fn take(&self, network: Option<IpAddr>, bytes: usize) -> bool {
        let limit = self.limit.load(Relaxed);
        if network.is_some_and(|network| !self.shares().take(network, bytes, of_unauthenticated(limit))) {
            return false;
        }
        let with_these = |taken: usize| taken.checked_add(bytes).filter(|taken| *taken <= limit);
        let is_taken = self.taken.fetch_update(Relaxed, Relaxed, with_these).is_ok();
        if !is_taken {
            self.give_back_share(network, bytes);
        }
        is_taken
    }

    fn give_back(&self, network: Option<IpAddr>, bytes: usize) {
        self.give_back_share(network, bytes);
        self.taken.fetch_sub(bytes, Relaxed);
    }

    fn give_back_share(&self, network: Option<IpAddr>, bytes: usize) {
        if let Some(network) = network {
            self.shares().give_back(network, bytes);
        }
    }

    fn shares(&self) -> MutexGuard<'_, Shares> {
        self.unauthenticated.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What of a budget addresses share that have not proved themselves.
pub(crate) const fn of_unauthenticated(limit: usize) -> usize {
    limit / 2
}

impl Reservation<'_> {
    pub(crate) fn is_of_unauthenticated(&self) -> bool {
        self.network.is_some()
    }

    /// Makes it one of so many bytes. False if they are not there; it is as it was then.
    pub(crate) fn resize(&mut self, bytes: usize) -> bool {
        if bytes > self.bytes && !self.memory.take(self.network, bytes - self.bytes) {
            return false;
        }
        if bytes < self.bytes {
            self.memory.give_back(self.network, self.bytes - bytes);
        }
        self.bytes = bytes;
        true
    }
}

impl Drop for Reservation<'_> {
    fn drop(&mut self) {
        self.resize(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory(body_memory: usize) -> BodyMemory {
        BodyMemory::new(&Limits { body_memory, ..Limits::default() })
    }

    #[expect(clippy::unnecessary_wraps, reason = "as those have it that it is given to")]
    fn peer(number: u8) -> Option<IpAddr> {
        Some([192, 0, 2, number].into())
    }

    #[test]
    fn half_of_it_is_kept_for_addresses_that_have_proved_themselves() {
        let memory = memory(1000);
        let mut strangers: Vec<_> = (0..100).map(|number| memory.reservation(peer(number % 10))).collect();
        for bytes in 1..100 {
            for stranger in &mut strangers {
                stranger.resize(bytes);
            }
        }
        assert!((400..=500).contains(&memory.taken()), "{}", memory.taken());
        let mut known = memory.reservation(None);
        assert!(known.resize(500) && !known.resize(700));
        drop(strangers);
        assert_eq!(memory.taken(), 500);
        assert!(known.resize(1000) && !known.resize(1001));
        drop(known);
        assert_eq!(memory.taken(), 0);
        assert!(memory.reservation(peer(1)).resize(250));
    }

    #[test]
    fn what_is_refused_changes_nothing() {
        let memory = memory(100);
        let mut known = memory.reservation(None);
        assert!(known.resize(90));
        let mut stranger = memory.reservation(peer(1));
        // Its share has the bytes, the budget has not.
        assert!(!stranger.resize(20) && stranger.resize(10) && !stranger.resize(11));
        assert!(known.resize(10) && stranger.resize(25) && stranger.resize(5));
        assert_eq!(memory.taken(), 15);
        memory.limit(&Limits { body_memory: 12, ..Limits::default() });
        assert!(!stranger.resize(6) && stranger.resize(5) && stranger.resize(0));
        assert_eq!(memory.taken(), 10);
    }
}
