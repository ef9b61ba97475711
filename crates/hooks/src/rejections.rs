//! Requests that do not get as far as an app, in the log: [`Rejections`].

use std::{
    collections::HashMap,
    fmt, mem,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;
use wcs_hooks_protocol::escaped;

use crate::{PeerAddress, measured::reason, reply::TurnedAway};

const MINUTE: Duration = Duration::from_mins(1);
const SECOND: Duration = Duration::from_secs(1);
/// No more addresses and reasons than this are known at once; those of all others count as one address.
const MOST: usize = 4096;
/// No more of a path is shown, in bytes.
const LONGEST_PATH: usize = 100;

/// Sums rejected requests up by address and reason: the first is a line of the log at once, those of the minute that follows
/// are counted and are one line afterwards. So nobody can fill the log, and it says who came.
#[derive(Default)]
pub(crate) struct Rejections(Mutex<Table>);

#[derive(Default)]
struct Table {
    counted: HashMap<Key, Counted>,
    /// When it was last looked for minutes that are over.
    looked: Option<Instant>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    from: Who,
    why: TurnedAway,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Who {
    Address(IpAddr),
    Unknown,
    /// Of which there are too many.
    Others,
}

struct Counted {
    since: Instant,
    /// After the first.
    more: u64,
}

impl Rejections {
    /// A request was rejected.
    pub(crate) fn add(&self, peer: Option<PeerAddress>, why: TurnedAway, path: &str) {
        let from = peer.map_or(Who::Unknown, |peer| Who::Address(peer.network()));
        if self.count(Key { from, why }) {
            let (peer, reason) = (Peer(peer), reason(why));
            tracing::warn!(%peer, path = %escaped(cut(path)), reason, "request rejected");
        }
    }

    /// Counts it; says whether it is the first of its minute.
    fn count(&self, key: Key) -> bool {
        let now = Instant::now();
        let mut table = self.table();
        let over = if table.is_full_for(key) { table.over(now) } else { Vec::new() };
        let key = if table.is_full_for(key) { Key { from: Who::Others, ..key } } else { key };
        if let Some(counted) = table.counted.get_mut(&key).filter(|counted| !counted.is_over(now)) {
            counted.more += 1;
            return false;
        }
        let before = table.counted.insert(key, Counted { since: now, more: 0 });
        drop(table);
        over.into_iter().chain(before.map(|before| (key, before))).for_each(log);
        true
    }

    /// Logs what has been counted in minutes that are over.
    pub(crate) fn sum_up(&self) {
        let over = self.table().over(Instant::now());
        over.into_iter().for_each(log);
    }

    /// Logs all that has been counted: there will be no more.
    pub(crate) fn end(&self) {
        let all = mem::take(&mut self.table().counted);
        all.into_iter().for_each(log);
    }

    /// Nothing is logged while it is held: a subscriber may be slow.
    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn is_full_for(&self, key: Key) -> bool {
        self.counted.len() >= MOST && !self.counted.contains_key(&key)
    }

    /// Takes out those whose minute is over. It looks once a second, so that a flood does not pay for it each time.
    fn over(&mut self, now: Instant) -> Vec<(Key, Counted)> {
        if self.looked.is_some_and(|looked| now.duration_since(looked) < SECOND) {
            return Vec::new();
        }
        self.looked = Some(now);
        self.counted.extract_if(|_, counted| counted.is_over(now)).collect()
    }
}

fn log((key, Counted { since, more: requests }): (Key, Counted)) {
    if requests > 0 {
        let (peer, reason, seconds) = (key.from, reason(key.why), since.elapsed().as_secs());
        tracing::warn!(%peer, reason, requests, seconds, "more requests rejected");
    }
}

impl Counted {
    fn is_over(&self, now: Instant) -> bool {
        now.duration_since(self.since) >= MINUTE
    }
}

/// An IPv6 address counts for its network.
impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(network @ IpAddr::V6(_)) => write!(f, "{network}/64"),
            Self::Address(address) => address.fmt(f),
            Self::Unknown => f.write_str("unknown"),
            Self::Others => f.write_str("others"),
        }
    }
}

struct Peer(Option<PeerAddress>);

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(PeerAddress(address)) => address.to_canonical().fmt(f),
            None => Who::Unknown.fmt(f),
        }
    }
}

fn cut(path: &str) -> &str {
    &path[..path.floor_char_boundary(LONGEST_PATH)]
}

#[cfg(test)]
#[cfg(feature = "log")]
mod tests {
    use tokio::time::advance;

    use super::*;
    use crate::test_log::Log;

    fn peer(address: &str) -> PeerAddress {
        PeerAddress(address.parse().unwrap())
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_is_a_line_and_the_others_of_its_minute_are_one() {
        let (log, rejections) = (Log::start(), Rejections::default());
        for (address, same) in [("192.0.2.1", "::ffff:192.0.2.1"), ("2001:db8::1", "2001:db8::ffff:2")] {
            for _ in 0..500 {
                rejections.add(Some(peer(address)), TurnedAway::NotPosted, "/connect");
                rejections.add(Some(peer(same)), TurnedAway::NotPosted, "/connect");
                rejections.add(Some(peer(address)), TurnedAway::Denied, "/connect");
            }
        }
        rejections.add(None, TurnedAway::ShutOut, "/connect");
        let first = log.take();
        for line in [
            "peer=192.0.2.1 path=/connect reason=\"not_posted\"",
            "peer=192.0.2.1 path=/connect reason=\"denied\"",
            "peer=2001:db8::1 path=/connect reason=\"not_posted\"",
            "peer=2001:db8::1 path=/connect reason=\"denied\"",
            "peer=unknown path=/connect reason=\"shut_out\"",
        ] {
            assert!(
                first.contains(&format!("WARN wcs_hooks::rejections: request rejected {line}\n")),
                "{line}"
            );
        }
        assert_eq!(first.lines().count(), 5, "{first}");

        rejections.sum_up();
        assert_eq!(log.take(), "");
        advance(MINUTE).await;
        // By the next, or when somebody looks.
        rejections.add(Some(peer("192.0.2.1")), TurnedAway::Denied, "/again");
        rejections.sum_up();
        let then = log.take();
        for line in [
            "more requests rejected peer=192.0.2.1 reason=\"not_posted\" requests=999 seconds=60",
            "more requests rejected peer=192.0.2.1 reason=\"denied\" requests=499 seconds=60",
            "request rejected peer=192.0.2.1 path=/again reason=\"denied\"",
            "more requests rejected peer=2001:db8::/64 reason=\"not_posted\" requests=999 seconds=60",
            "more requests rejected peer=2001:db8::/64 reason=\"denied\" requests=499 seconds=60",
        ] {
            assert!(then.contains(line), "{line} in {then}");
        }
        assert_eq!(then.lines().count(), 5, "{then}");
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_lost_at_the_end() {
        let (log, rejections) = (Log::start(), Rejections::default());
        (0..3).for_each(|_| rejections.add(Some(peer("192.0.2.1")), TurnedAway::Denied, "/"));
        rejections.end();
        let text = log.take();
        assert!(text.lines().count() == 2 && text.contains("requests=2"), "{text}");
        rejections.end();
        assert_eq!(log.take(), "");
    }

    #[tokio::test(start_paused = true)]
    async fn many_addresses_are_one_and_make_room_for_others_after_their_minute() {
        let (log, rejections) = (Log::start(), Rejections::default());
        let from = |number: u32| Some(PeerAddress(IpAddr::from(number.to_be_bytes())));
        let count = 2 * u32::try_from(MOST).unwrap();
        for number in 0..count {
            rejections.add(from(number), TurnedAway::Denied, "/");
        }
        assert_eq!(log.take().lines().count(), MOST + 1);
        assert_eq!(rejections.table().counted.len(), MOST + 1);
        advance(MINUTE).await;
        rejections.add(from(u32::MAX), TurnedAway::Denied, "/");
        let text = log.take();
        assert!(text.contains(&format!("peer=others reason=\"denied\" requests={}", MOST - 1)), "{text}");
        assert_eq!((text.lines().count(), rejections.table().counted.len()), (2, 1));
    }

    #[tokio::test]
    async fn a_path_is_cut_and_does_nothing() {
        let (log, rejections) = (Log::start(), Rejections::default());
        rejections.add(None, TurnedAway::NotPosted, &format!("/\n\u{1b}[2J{}", "ü".repeat(LONGEST_PATH)));
        let text = log.take();
        assert!(text.lines().count() == 1 && text.contains(r"path=/\n\u{1b}[2Jü"), "{text}");
        assert_eq!(text.matches('ü').count(), 47);
    }
}
