//! Callers that fail to prove who they are, by address: [`Denials`].

use std::{
    collections::HashMap,
    hash::BuildHasher,
    net::IpAddr,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use foldhash::fast::RandomState;
use tokio::time::Instant;

use crate::PeerAddress;

const MINUTE: Duration = Duration::from_mins(1);
/// No more addresses than this are counted; past it those whose minute is over are forgotten, and what is new is not
/// counted while there are none.
const MOST_ADDRESSES: usize = 4096;
/// Of what comes past the limit, one in this many is looked at all the same: a WCS may be behind the same address.
const ONE_IN: u32 = 16;
const VOUCHED: usize = 256;

/// Counts failures by address. An address that a valid call has come from is not limited, so that nobody who shares it with
/// a WCS, behind a proxy, can shut that out.
pub(crate) struct Denials {
    failures: Mutex<HashMap<IpAddr, Failures, RandomState>>,
    /// How many addresses are counted: while there are none, nothing is looked up.
    counted: AtomicUsize,
    /// Hashes of addresses that valid calls have come from, each at its place; a later one takes the place.
    vouched: [AtomicU64; VOUCHED],
    seed: RandomState,
}

#[derive(Debug, Clone, Copy)]
struct Failures {
    since: Instant,
    count: u32,
    /// Requests past the limit.
    past: u32,
}

impl Default for Denials {
    fn default() -> Self {
        Self {
            failures: Mutex::default(),
            counted: AtomicUsize::new(0),
            vouched: std::array::from_fn(|_| AtomicU64::new(0)),
            seed: RandomState::default(),
        }
    }
}

impl Denials {
    /// Whether a request of this address is to be turned away unread. A limit of zero is none.
    pub(crate) fn shut_out(&self, peer: Option<PeerAddress>, limit: u32) -> bool {
        let Some(peer) = peer.filter(|_| limit > 0 && self.counted.load(Relaxed) > 0) else { return false };
        let network = network(peer.0);
        if self.is_vouched(network) {
            return false;
        }
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(failures) = failures.get_mut(&network).filter(|failures| failures.since.elapsed() < MINUTE)
        else {
            return false;
        };
        if failures.count < limit {
            return false;
        }
        failures.past = failures.past.wrapping_add(1);
        !failures.past.is_multiple_of(ONE_IN)
    }

    /// A caller of this address has failed.
    pub(crate) fn count(&self, peer: Option<PeerAddress>) {
        let Some(peer) = peer else { return };
        let (network, now) = (network(peer.0), Instant::now());
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= MOST_ADDRESSES && !failures.contains_key(&network) {
            failures.retain(|_, failures| now.duration_since(failures.since) < MINUTE);
        }
        if failures.len() < MOST_ADDRESSES || failures.contains_key(&network) {
            let fresh = Failures { since: now, count: 0, past: 0 };
            let entry = failures.entry(network).or_insert(fresh);
            if now.duration_since(entry.since) >= MINUTE {
                *entry = fresh;
            }
            entry.count = entry.count.saturating_add(1);
        }
        self.counted.store(failures.len(), Relaxed);
    }

    /// A valid call has come from this address.
    pub(crate) fn vouch(&self, peer: Option<PeerAddress>) {
        if let Some(peer) = peer {
            let (place, hash) = self.place(network(peer.0));
            if place.load(Relaxed) != hash {
                place.store(hash, Relaxed);
            }
        }
    }

    fn is_vouched(&self, network: IpAddr) -> bool {
        let (place, hash) = self.place(network);
        place.load(Relaxed) == hash
    }

    fn place(&self, network: IpAddr) -> (&AtomicU64, u64) {
        // Zero is nobody's.
        let hash = self.seed.hash_one(network) | 1;
        let place = usize::try_from(hash >> 56).unwrap_or(0);
        (&self.vouched[place], hash)
    }
}

/// Whoever has an IPv6 address has the 2^64 beside it.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() & (!0 << 64)).into()),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    const LIMIT: u32 = 3;

    fn peer(address: &str) -> PeerAddress {
        PeerAddress(address.parse().unwrap())
    }

    fn shut_out_of(denials: &Denials, address: &str, requests: u32) -> usize {
        (0..requests).filter(|_| denials.shut_out(Some(peer(address)), LIMIT)).count()
    }

    #[tokio::test(start_paused = true)]
    async fn past_the_limit_an_address_is_shut_out_until_its_minute_is_over() {
        let denials = Denials::default();
        for (address, same, other) in [
            ("192.0.2.1", "192.0.2.1", "192.0.2.2"),
            ("192.0.2.3", "::ffff:192.0.2.3", "::ffff:192.0.2.4"),
            ("2001:db8::1", "2001:db8::ffff:1", "2001:db8:0:1::1"),
        ] {
            for _ in 0..LIMIT {
                assert_eq!(shut_out_of(&denials, same, 1), 0, "{same}");
                denials.count(Some(peer(address)));
            }
            assert_eq!(
                (shut_out_of(&denials, same, 160), shut_out_of(&denials, other, 160)),
                (150, 0),
                "{same}"
            );
            assert!(!denials.shut_out(Some(peer(same)), 0) && !denials.shut_out(None, LIMIT));
        }
        advance(MINUTE).await;
        assert_eq!(shut_out_of(&denials, "192.0.2.1", 9), 0);
        denials.count(Some(peer("192.0.2.1")));
        assert_eq!(shut_out_of(&denials, "192.0.2.1", 9), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn an_address_of_valid_calls_is_not_shut_out() {
        let (denials, wcs) = (Denials::default(), peer("192.0.2.1"));
        (0..9).for_each(|_| denials.count(Some(wcs)));
        assert_eq!(shut_out_of(&denials, "192.0.2.1", 1), 1);
        denials.vouch(Some(wcs));
        assert_eq!(shut_out_of(&denials, "192.0.2.1", 9), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn the_table_is_bounded() {
        let denials = Denials::default();
        let address = |number: u32| PeerAddress(IpAddr::from(number.to_be_bytes()));
        (0..2 * u32::try_from(MOST_ADDRESSES).unwrap())
            .for_each(|number| denials.count(Some(address(number))));
        assert_eq!(denials.counted.load(Relaxed), MOST_ADDRESSES);
        advance(MINUTE).await;
        denials.count(Some(address(u32::MAX)));
        assert_eq!(denials.counted.load(Relaxed), 1);
    }
}
