//! How many connections there are, of all addresses and of each.

use std::{
    collections::{HashMap, hash_map::Entry},
    net::IpAddr,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::sync::Notify;

#[derive(Debug, Default)]
pub(super) struct Places {
    taken: AtomicUsize,
    by_address: Mutex<HashMap<IpAddr, usize>>,
    changed: Notify,
}

impl Places {
    pub(super) fn taken(&self) -> usize {
        self.taken.load(Ordering::Acquire)
    }

    /// Waits until `is_enough` of the places that are taken.
    pub(super) async fn until(&self, is_enough: impl Fn(usize) -> bool) {
        loop {
            let changed = self.changed.notified();
            if is_enough(self.taken()) {
                return;
            }
            changed.await;
        }
    }

    /// Those that wait look again, since what is enough has changed.
    pub(super) fn look_again(&self) {
        self.changed.notify_waiters();
    }

    /// Whether there is a place for one more connection of the address; to be given back with [`Places::leave`].
    pub(super) fn take(&self, address: Option<IpAddr>, most: usize) -> bool {
        if !address.is_none_or(|address| self.take_of(address, most)) {
            return false;
        }
        self.taken.fetch_add(1, Ordering::AcqRel);
        true
    }

    pub(super) fn leave(&self, address: Option<IpAddr>) {
        if let Some(address) = address {
            self.leave_of(address);
        }
        self.taken.fetch_sub(1, Ordering::AcqRel);
        self.changed.notify_waiters();
    }

    fn take_of(&self, address: IpAddr, most: usize) -> bool {
        let mut by_address = self.by_address();
        let taken = by_address.get(&address).copied().unwrap_or(0);
        let is_free = taken < most;
        if is_free {
            by_address.insert(address, taken + 1);
        }
        is_free
    }

    fn leave_of(&self, address: IpAddr) {
        if let Entry::Occupied(mut taken) = self.by_address().entry(address) {
            *taken.get_mut() -= 1;
            if *taken.get() == 0 {
                taken.remove();
            }
        }
    }

    fn by_address(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.by_address.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_its_places_and_nothing_is_kept_of_it_when_it_has_left() {
        let places = Places::default();
        let [one, other] = ["192.0.2.1", "192.0.2.2"].map(|address| Some(address.parse().unwrap()));
        assert!(places.take(one, 2) && places.take(one, 2) && !places.take(one, 2));
        assert!(places.take(other, 2) && places.take(None, 2));
        assert_eq!(places.taken(), 4);
        places.leave(one);
        assert!(places.take(one, 2));
        for address in [one, one, other, None] {
            places.leave(address);
        }
        assert_eq!((places.taken(), places.by_address().len()), (0, 0));
    }
}
