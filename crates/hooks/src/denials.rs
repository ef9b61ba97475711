//! Callers that fail to prove who they are, by address: [`Denials`].

use std::{
    collections::HashMap,
    hash::BuildHasher,
    net::IpAddr,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use foldhash::{fast, quality};
use tokio::time::Instant;

use crate::PeerAddress;

const MINUTE: Duration = Duration::from_mins(1);
/// No more addresses than this have a count of their own. Past it those whose minute is over are forgotten; while there are
/// none, all others share one count.
const MOST_ADDRESSES: usize = 4096;
/// A full table is searched for those whose minute is over no more often than this.
const SEARCH_EVERY: Duration = Duration::from_secs(1);
/// Of what comes past the limit, one in this many is looked at all the same: a WCS may be behind the same address.
const ONE_IN: u32 = 16;
/// Addresses that have proved themselves are remembered in so many sets of so many places.
const SETS: usize = 256;
const PLACES: usize = 4;

/// Counts failures by address. An address that a valid call has come from is not limited, so that nobody who shares it with
/// a WCS, behind a proxy, can shut that out.
pub(crate) struct Denials {
    failures: Mutex<Table>,
    /// How many addresses are counted: while there are none, nothing is looked up.
    counted: AtomicUsize,
    /// Hashes of addresses that valid calls have come from, each in its set; in a full one a later one takes a place.
    vouched: [[AtomicU64; PLACES]; SETS],
    /// The first bits of its hashes choose the set, so they are to be good ones.
    seed: quality::RandomState,
}

#[derive(Debug, Default)]
struct Table {
    of: HashMap<IpAddr, Failures, fast::RandomState>,
    /// Of all that the table had no room for.
    others: Option<Failures>,
    searched: Option<Instant>,
}

#[derive(Debug, Clone, Copy)]
struct Failures {
    since: Instant,
    count: u32,
    /// Requests past the limit.
    past: u32,
}

impl Table {
    /// The count that an address is in, if its minute is not over.
    fn current(&mut self, network: IpAddr, now: Instant) -> Option<&mut Failures> {
        let failures = match self.of.get_mut(&network) {
            Some(failures) => Some(failures),
            None => self.others.as_mut(),
        };
        failures.filter(|failures| !failures.is_over(now))
    }

    /// The same, for one more failure.
    fn entry(&mut self, network: IpAddr, now: Instant) -> &mut Failures {
        let fresh = Failures { since: now, count: 0, past: 0 };
        let entry = if self.has_room_for(network, now) {
            self.of.entry(network).or_insert(fresh)
        } else {
            self.others.get_or_insert(fresh)
        };
        if entry.is_over(now) {
            *entry = fresh;
        }
        entry
    }

    fn has_room_for(&mut self, network: IpAddr, now: Instant) -> bool {
        if self.of.len() < MOST_ADDRESSES || self.of.contains_key(&network) {
            return true;
        }
        if self.searched.is_none_or(|searched| now.duration_since(searched) >= SEARCH_EVERY) {
            self.searched = Some(now);
            self.of.retain(|_, failures| !failures.is_over(now));
        }
        self.of.len() < MOST_ADDRESSES
    }
}

impl Failures {
    fn is_over(&self, now: Instant) -> bool {
        now.duration_since(self.since) >= MINUTE
    }
}

impl Default for Denials {
    fn default() -> Self {
        Self {
            failures: Mutex::default(),
            counted: AtomicUsize::new(0),
            vouched: std::array::from_fn(|_| Default::default()),
            seed: quality::RandomState::default(),
        }
    }
}

impl Denials {
    /// Whether a request of this address is to be turned away unread. A limit of zero is none.
    pub(crate) fn shut_out(&self, peer: Option<PeerAddress>, limit: u32) -> bool {
        let past_limit = |failures: &mut Failures| {
            failures.past = failures.past.wrapping_add(1);
            !failures.past.is_multiple_of(ONE_IN)
        };
        self.at_limit(peer, limit, past_limit).unwrap_or(false)
    }

    /// Whether this address has failed as often as it may.
    pub(crate) fn is_at_limit(&self, peer: Option<PeerAddress>, limit: u32) -> bool {
        self.at_limit(peer, limit, |_| ()).is_some()
    }

    fn at_limit<T>(
        &self,
        peer: Option<PeerAddress>,
        limit: u32,
        then: impl FnOnce(&mut Failures) -> T,
    ) -> Option<T> {
        let peer = peer.filter(|_| limit != 0 && self.counted.load(Relaxed) != 0)?;
        let peer = self.stranger(Some(peer))?;
        let mut table = self.failures();
        let failures = table.current(peer.network(), Instant::now())?;
        (failures.count >= limit).then(|| then(failures))
    }

    /// A caller of this address has failed.
    pub(crate) fn count(&self, peer: Option<PeerAddress>) {
        let Some(peer) = peer else { return };
        let mut failures = self.failures();
        let entry = failures.entry(peer.network(), Instant::now());
        entry.count = entry.count.saturating_add(1);
        self.counted.store(failures.of.len(), Relaxed);
    }

    /// A caller has sent no whole body in time: a failure, unless a valid call has come from its address.
    pub(crate) fn count_unfinished(&self, peer: Option<PeerAddress>) {
        self.count(self.stranger(peer));
    }

    /// A valid call has come from this address.
    pub(crate) fn vouch(&self, peer: Option<PeerAddress>) {
        let Some(peer) = peer else { return };
        let (set, hash) = self.set(peer);
        if set.iter().any(|place| place.load(Relaxed) == hash) {
            return;
        }
        let free = set.iter().position(|place| place.load(Relaxed) == 0);
        let place = free.unwrap_or(usize::try_from(hash >> 32).unwrap_or(0) % PLACES);
        set[place].store(hash, Relaxed);
    }

    /// Whether a valid call has come from this address.
    pub(crate) fn is_vouched(&self, peer: PeerAddress) -> bool {
        let (set, hash) = self.set(peer);
        set.iter().any(|place| place.load(Relaxed) == hash)
    }

    /// The peer, if its address is known and no valid call has come from it.
    pub(crate) fn stranger(&self, peer: Option<PeerAddress>) -> Option<PeerAddress> {
        peer.filter(|peer| !self.is_vouched(*peer))
    }

    fn set(&self, peer: PeerAddress) -> (&[AtomicU64; PLACES], u64) {
        // Zero is nobody's.
        let hash = self.seed.hash_one(peer.network()).max(1);
        let set = usize::try_from(hash >> 56).unwrap_or(0);
        (&self.vouched[set], hash)
    }

    fn failures(&self) -> MutexGuard<'_, Table> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
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

    #[expect(clippy::unnecessary_wraps, reason = "as those have it that it is given to")]
    fn numbered(number: usize) -> Option<PeerAddress> {
        Some(PeerAddress(IpAddr::from(u32::try_from(number).unwrap().to_be_bytes())))
    }

    /// Who comes from ever new addresses does not escape it.
    #[tokio::test(start_paused = true)]
    async fn a_full_table_is_bounded_and_limits_what_is_not_in_it() {
        let denials = Denials::default();
        (0..MOST_ADDRESSES).for_each(|number| denials.count(numbered(number)));
        let shut_out = |numbers: std::ops::Range<usize>| {
            numbers.filter(|number| denials.shut_out(numbered(*number), LIMIT)).count()
        };
        let new = MOST_ADDRESSES..MOST_ADDRESSES + 160;
        assert_eq!((shut_out(0..160), shut_out(new.clone())), (0, 0));
        (0..3 * MOST_ADDRESSES).for_each(|number| denials.count(numbered(MOST_ADDRESSES + number)));
        assert_eq!(denials.counted.load(Relaxed), MOST_ADDRESSES);
        assert_eq!((shut_out(0..160), shut_out(new.clone())), (0, 150));
        denials.vouch(numbered(new.start));
        assert!(!denials.shut_out(numbered(new.start), LIMIT));

        advance(MINUTE).await;
        assert_eq!(shut_out(new), 0);
        denials.count(numbered(0));
        assert_eq!(denials.counted.load(Relaxed), MOST_ADDRESSES);
        denials.count(numbered(9 * MOST_ADDRESSES));
        assert_eq!(denials.counted.load(Relaxed), 2);
    }

    #[test]
    fn as_many_addresses_as_a_cluster_has_are_remembered() {
        for _ in 0..20 {
            let denials = Denials::default();
            (0..64).for_each(|number| denials.vouch(numbered(number)));
            let known = (0..64).filter(|number| denials.stranger(numbered(*number)).is_none()).count();
            assert!(known >= 62, "{known}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_is_not_finished_counts_against_strangers() {
        let denials = Denials::default();
        for (address, shut_out) in [("192.0.2.1", 1), ("192.0.2.2", 0)] {
            if shut_out == 0 {
                denials.vouch(Some(peer(address)));
            }
            (0..LIMIT).for_each(|_| denials.count_unfinished(Some(peer(address))));
            denials.vouched.iter().flatten().for_each(|place| place.store(0, Relaxed));
            assert_eq!(shut_out_of(&denials, address, 1), shut_out, "{address}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_address_is_at_the_limit_with_the_last_failure_that_it_may_have() {
        let (denials, stranger) = (Denials::default(), Some(peer("192.0.2.1")));
        for failures in 0..3 {
            for limit in 0..5 {
                let is_at_limit = limit != 0 && failures >= limit;
                assert_eq!(denials.is_at_limit(stranger, limit), is_at_limit, "{failures} {limit}");
                assert_eq!(denials.shut_out(stranger, limit), is_at_limit, "{failures} {limit}");
                assert!(!denials.is_at_limit(None, limit));
                assert!(!denials.is_at_limit(Some(peer("192.0.2.2")), limit));
            }
            denials.count(stranger);
        }
        // To ask is no request: three have come past the limit, and the sixteenth is looked at.
        (0..ONE_IN).for_each(|_| assert!(denials.is_at_limit(stranger, 1)));
        assert_eq!((0..ONE_IN).position(|_| !denials.shut_out(stranger, 1)), Some(12));
        denials.vouch(stranger);
        assert!(!denials.is_at_limit(stranger, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_table_is_searched_only_if_it_is_full_and_no_more_than_once_a_second() {
        let denials = Denials::default();
        let brief = Duration::from_millis(999);
        (0..MOST_ADDRESSES - 1).for_each(|number| denials.count(numbered(number)));
        advance(brief).await;
        denials.count(numbered(MOST_ADDRESSES));
        assert_eq!(denials.failures().searched, None);
        advance(MINUTE.saturating_sub(brief)).await;
        // All but the last are over. The first search finds them.
        denials.count(numbered(MOST_ADDRESSES + 1));
        assert_eq!(denials.counted.load(Relaxed), 2);
        (0..MOST_ADDRESSES - 2).for_each(|number| denials.count(numbered(number)));
        advance(brief).await;
        // Now the last is over as well, and the next search is a millisecond away.
        let began = Instant::now() - brief;
        for (number, searched) in [(1, began), (2, began + SEARCH_EVERY)] {
            denials.count(numbered(MOST_ADDRESSES + 1 + number));
            assert_eq!(denials.counted.load(Relaxed), MOST_ADDRESSES);
            assert_eq!(denials.failures().searched, Some(searched), "{number}");
            advance(SEARCH_EVERY.saturating_sub(brief)).await;
        }
    }

    /// A set keeps its places for those of late, each of them.
    #[test]
    fn who_has_come_last_is_known_and_who_comes_no_more_gives_way() {
        let denials = Denials::default();
        for number in 0..SETS * PLACES * 64 {
            denials.vouch(numbered(number));
            assert!(denials.is_vouched(numbered(number).unwrap()), "{number}");
        }
        let known = (0..SETS).filter(|number| denials.is_vouched(numbered(*number).unwrap())).count();
        assert_eq!(known, 0);
    }
}
