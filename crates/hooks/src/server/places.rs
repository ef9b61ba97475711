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

use super::ServerSettings;
use crate::shares::Shares;

#[derive(Debug, Default)]
pub(super) struct Places {
    taken: AtomicUsize,
    addresses: Mutex<Addresses>,
    changed: Notify,
}

/// By network: the /64 of IPv6 addresses.
#[derive(Debug, Default)]
struct Addresses {
    connections: HashMap<IpAddr, usize>,
    /// Connections of those that have not proved themselves, among the others.
    unauthenticated: Shares,
}

/// Connections of an address that has failed to prove itself as often as it may.
const MOST_AT_LIMIT: usize = 16;

/// What is known of the address of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// A valid call has come from it.
    Authenticated,
    Unauthenticated,
    /// It has failed to prove itself as often as it may.
    AtLimit,
}

/// Why there is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Full {
    OfAddress,
    OfUnauthenticated,
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

    /// A place for one more connection of a network, if it has one; to be given back with [`Places::leave`].
    pub(super) fn take(
        &self,
        network: Option<IpAddr>,
        standing: Standing,
        settings: &ServerSettings,
    ) -> Result<(), Full> {
        if let Some(network) = network {
            self.addresses().take(network, standing, settings)?;
        }
        self.taken.fetch_add(1, Ordering::AcqRel);
        Ok(())
    }

    /// A connection's network has proved itself.
    pub(super) fn authenticate(&self, network: IpAddr) {
        self.addresses().unauthenticated.give_back(network, 1);
    }

    pub(super) fn leave(&self, network: Option<IpAddr>, is_authenticated: bool) {
        if let Some(network) = network {
            self.addresses().leave(network, is_authenticated);
        }
        self.taken.fetch_sub(1, Ordering::AcqRel);
        self.changed.notify_waiters();
    }

    fn addresses(&self) -> MutexGuard<'_, Addresses> {
        self.addresses.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Addresses {
    fn take(&mut self, network: IpAddr, standing: Standing, settings: &ServerSettings) -> Result<(), Full> {
        let own = self.connections.get(&network).copied().unwrap_or(0);
        if own >= settings.connections_per_address {
            return Err(Full::OfAddress);
        }
        let mut take_share = || self.unauthenticated.take(network, 1, settings.shared_connections());
        let is_free = match standing {
            Standing::Authenticated => true,
            Standing::Unauthenticated => take_share(),
            Standing::AtLimit => own < MOST_AT_LIMIT && take_share(),
        };
        if !is_free {
            return Err(Full::OfUnauthenticated);
        }
        self.connections.insert(network, own + 1);
        Ok(())
    }

    fn leave(&mut self, network: IpAddr, is_authenticated: bool) {
        if !is_authenticated {
            self.unauthenticated.give_back(network, 1);
        }
        if let Entry::Occupied(mut connections) = self.connections.entry(network) {
            *connections.get_mut() -= 1;
            if *connections.get() == 0 {
                connections.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::unnecessary_wraps, reason = "as those have it that it is given to")]
    fn address(number: u8) -> Option<IpAddr> {
        Some([192, 0, 2, number].into())
    }

    fn settings(connections_per_address: usize, unauthenticated_connections: usize) -> ServerSettings {
        ServerSettings { connections_per_address, unauthenticated_connections, ..ServerSettings::default() }
    }

    #[test]
    fn an_address_has_its_places_and_nothing_is_kept_of_it_when_it_has_left() {
        let (places, settings) = (Places::default(), settings(2, 100));
        let take = |address| places.take(address, Standing::Unauthenticated, &settings);
        let (one, other) = (address(1), address(2));
        assert_eq!([take(one), take(one), take(one)], [Ok(()), Ok(()), Err(Full::OfAddress)]);
        assert_eq!([take(other), take(None)], [Ok(()); 2]);
        assert_eq!(places.taken(), 4);
        places.leave(one, false);
        assert_eq!(take(one), Ok(()));
        places.authenticate(one.unwrap());
        for (address, is_authenticated) in [(one, true), (one, false), (other, false), (None, true)] {
            places.leave(address, is_authenticated);
        }
        assert_eq!(
            (places.taken(), format!("{:?}", places.addresses())),
            (0, format!("{:?}", Addresses::default()))
        );
    }

    #[test]
    fn strangers_leave_places_for_others() {
        use Standing::{Authenticated, Unauthenticated};
        let places = Places::default();
        for (connections, unauthenticated, taken) in [(100, 40, 20), (40, 100, 15), (1, 100, 1), (4, 0, 0)] {
            let settings = ServerSettings { connections, ..settings(50, unauthenticated) };
            let take = |address, standing| places.take(address, standing, &settings);
            let alone = (0..99).take_while(|_| take(address(1), Unauthenticated).is_ok()).count();
            assert_eq!((alone, take(address(1), Unauthenticated)), (taken, Err(Full::OfUnauthenticated)));
            assert_eq!(take(address(1), Authenticated), Ok(()));
            assert_eq!(take(address(2), Unauthenticated).is_ok(), taken > 1);
            (0..taken).for_each(|_| places.leave(address(1), false));
            places.leave(address(1), true);
            if taken > 1 {
                places.leave(address(2), false);
            }
        }
        assert_eq!(places.taken(), 0);
    }

    #[test]
    fn one_that_fails_on_and_on_has_few_places() {
        let (places, settings) = (Places::default(), settings(4096, 1024));
        let take = |address, standing| places.take(address, standing, &settings).is_ok();
        let failing = (0..99).filter(|_| take(address(1), Standing::AtLimit)).count();
        assert_eq!((failing, take(address(1), Standing::Authenticated)), (MOST_AT_LIMIT, true));
        assert!(take(address(2), Standing::Unauthenticated) && take(None, Standing::Authenticated));
    }
}
