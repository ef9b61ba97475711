//! The answers of a short time ago: [`Answers`].

use std::{collections::VecDeque, hash::BuildHasher};

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use http_body::Body;
use tokio::time::Instant;

use super::Digest;
use crate::reply::Reply;

/// They lie in the order they were given, where the oldest go and the newest come without a search. What is searched is a
/// table of their numbers, which stays in the processor's cache.
pub(super) struct Answers {
    /// Times are counted from here: half as long as an `Instant`.
    begun: Instant,
    given: VecDeque<Given>,
    /// Of the oldest in `given`; those behind it have the numbers that follow.
    oldest: usize,
    /// By digest. An answer that was found to have expired has none.
    numbers: HashTable<usize>,
    hasher: RandomState,
    bytes: usize,
}

/// Thousands of them are to stay in the processor's cache.
struct Given {
    digest: Digest,
    /// In nanoseconds.
    until: u64,
    answer: Answer,
}

#[derive(Clone)]
pub(super) enum Answer {
    /// 200 with the body as it came: each duplicate brings its own.
    AsItCame,
    Reply(Box<Reply>),
}

impl Answer {
    fn bytes(&self) -> usize {
        match self {
            Self::AsItCame => 0,
            Self::Reply(reply) => usize::try_from(reply.body().size_hint().lower()).unwrap_or(0),
        }
    }
}

impl Default for Answers {
    fn default() -> Self {
        Self {
            begun: Instant::now(),
            given: VecDeque::new(),
            oldest: 0,
            numbers: HashTable::new(),
            hasher: RandomState::default(),
            bytes: 0,
        }
    }
}

impl Answers {
    /// Those that take room.
    pub(super) fn len(&self) -> usize {
        self.given.len()
    }

    /// Of the answers that are kept.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The answer to a call, unless it has expired.
    pub(super) fn get(&mut self, digest: Digest) -> Option<&Answer> {
        let hash = self.hasher.hash_one(digest);
        let (given, oldest) = (&self.given, self.oldest);
        let is_its = |number: &usize| given[number.wrapping_sub(oldest)].digest == digest;
        let entry = self.numbers.find_entry(hash, is_its).ok()?;
        let found = &given[entry.get().wrapping_sub(oldest)];
        if found.until > nanoseconds(self.begun, Instant::now()) {
            return Some(&found.answer);
        }
        // The next answer to such a call is another.
        entry.remove();
        None
    }

    /// Takes an answer to a call that has none.
    pub(super) fn push(&mut self, digest: Digest, until: Instant, answer: Answer) {
        self.bytes += answer.bytes();
        let number = self.oldest.wrapping_add(self.given.len());
        let until = nanoseconds(self.begun, until);
        self.given.push_back(Given { digest, until, answer });
        let (given, oldest, hasher) = (&self.given, self.oldest, &self.hasher);
        let hash = |number: &usize| hasher.hash_one(given[number.wrapping_sub(oldest)].digest);
        self.numbers.insert_unique(hasher.hash_one(digest), number, hash);
    }

    /// Forgets what has expired, as far as the oldest that has not.
    pub(super) fn expire(&mut self, now: Instant) {
        let now = nanoseconds(self.begun, now);
        while self.given.front().is_some_and(|given| given.until <= now) {
            self.forget_oldest();
        }
    }

    /// Says whether there was one.
    pub(super) fn forget_oldest(&mut self) -> bool {
        let Some(Given { digest, answer, .. }) = self.given.pop_front() else { return false };
        self.bytes -= answer.bytes();
        let number = self.oldest;
        self.oldest = number.wrapping_add(1);
        if let Ok(entry) = self.numbers.find_entry(self.hasher.hash_one(digest), |found| *found == number) {
            entry.remove();
        }
        true
    }
}

fn nanoseconds(begun: Instant, at: Instant) -> u64 {
    u64::try_from(at.saturating_duration_since(begun).as_nanos()).unwrap_or(u64::MAX)
}
