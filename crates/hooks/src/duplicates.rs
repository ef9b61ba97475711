//! Calls that WCS sends again: the first is handled, the others get its answer. Spec §1.3.

use std::{
    collections::{HashMap, VecDeque},
    hash::{BuildHasher, RandomState},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use foldhash::fast;
use http_body::Body;
use tokio::{
    sync::{Notify, futures::OwnedNotified},
    time::Instant,
};
use wcs_hooks_protocol::Signature;

use crate::{
    Answered, Duplicates,
    reply::{self, Reply},
};

/// The calls that are being handled, and those that were answered a short time ago.
#[derive(Default)]
pub(crate) struct Remembered {
    calls: Mutex<Calls>,
    /// SipHash, each with a secret of its own.
    hashers: [RandomState; 2],
}

#[derive(Default)]
struct Calls {
    by_digest: HashMap<Digest, Call, fast::RandomState>,
    /// The digests and numbers of the answered ones, the oldest first. An entry whose number is another call's is void.
    answered: VecDeque<(Digest, u64)>,
    /// Of answers that are kept.
    bytes: usize,
    next_number: u64,
}

/// Stands for a path and a body. Bodies are not kept, since thousands of them are more than a processor's cache holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Digest {
    path: u64,
    body: [u8; 16],
}

struct Call {
    number: u64,
    state: State,
}

enum State {
    /// With those who wait for the answer, if there are any.
    Running(Option<Arc<Notify>>),
    Answered {
        until: Instant,
        answer: Answer,
    },
}

#[derive(Clone)]
enum Answer {
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

/// What identifies a call.
#[derive(Clone, Copy)]
pub(crate) struct Identity<'a> {
    pub(crate) path: &'a str,
    pub(crate) body: &'a Bytes,
    /// The body's, if it has been verified.
    pub(crate) signature: Option<Signature>,
}

enum Begun {
    First(Option<(Digest, u64)>),
    Answered(Answer),
    Running(OwnedNotified),
}

/// What a call is, seen beside those that are remembered.
pub(crate) enum Seen<'r> {
    /// The first of its kind, to be handled.
    First(Ticket<'r>),
    /// One that has been answered.
    Duplicate(Reply),
}

/// To be given back with the answer; dropped without one, the next of the duplicates is handled.
pub(crate) struct Ticket<'r> {
    remembered: &'r Remembered,
    /// The call's digest and number, if it is remembered.
    call: Option<(Digest, u64)>,
}

impl Remembered {
    /// Whether a call is to be handled; if one like it is being handled, waits for what becomes of that.
    pub(crate) async fn see(&self, identity: Identity<'_>, limits: &Duplicates) -> Seen<'_> {
        let digest = self.digest(identity);
        loop {
            match self.begin(digest, limits) {
                Begun::First(call) => return Seen::First(Ticket { remembered: self, call }),
                Begun::Answered(Answer::AsItCame) => {
                    return Seen::Duplicate(reply::accepted(identity.body.clone()));
                }
                Begun::Answered(Answer::Reply(reply)) => return Seen::Duplicate(*reply),
                Begun::Running(answered) => answered.await,
            }
        }
    }

    /// A signature that has been verified is a keyed digest already. Without one, it takes a hash whose secret nobody
    /// knows: bodies that are mistaken for each other cannot be made, and do not come by chance.
    fn digest(&self, Identity { path, body, signature }: Identity<'_>) -> Digest {
        let hashed = || self.hashers.each_ref().map(|hasher| hasher.hash_one(&**body));
        let body = signature.map_or_else(|| bytes_of(hashed()), Signature::to_bytes);
        Digest { path: self.hashers[0].hash_one(path), body }
    }

    fn begin(&self, digest: Digest, limits: &Duplicates) -> Begun {
        let mut calls = self.lock();
        if let Some(call) = calls.by_digest.get_mut(&digest) {
            match &mut call.state {
                State::Running(waiting) => {
                    let waiting = waiting.get_or_insert_default();
                    return Begun::Running(Arc::clone(waiting).notified_owned());
                }
                State::Answered { until, answer } if *until > Instant::now() => {
                    return Begun::Answered(answer.clone());
                }
                State::Answered { .. } => calls.forget(digest),
            }
        }
        if !calls.make_room(limits) {
            return Begun::First(None);
        }
        let number = calls.next_number;
        calls.next_number += 1;
        calls.by_digest.insert(digest, Call { number, state: State::Running(None) });
        Begun::First(Some((digest, number)))
    }

    fn lock(&self) -> MutexGuard<'_, Calls> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn bytes_of([low, high]: [u64; 2]) -> [u8; 16] {
    (u128::from(high) << 64 | u128::from(low)).to_le_bytes()
}

impl Calls {
    /// Forgets the oldest answers until there is room for another call; says whether there is.
    fn make_room(&mut self, limits: &Duplicates) -> bool {
        while self.by_digest.len() >= limits.remembered || self.bytes > limits.bytes {
            let Some((digest, number)) = self.answered.pop_front() else { return false };
            if self.by_digest.get(&digest).is_some_and(|call| call.number == number) {
                self.forget(digest);
            }
        }
        true
    }

    /// Forgets what has expired, as far as the oldest that has not.
    fn expire(&mut self, now: Instant) {
        while let Some(&(digest, number)) = self.answered.front() {
            let call = self.by_digest.get(&digest).filter(|call| call.number == number);
            match call.map(|call| &call.state) {
                Some(State::Answered { until, .. }) if *until > now => break,
                Some(_) => self.forget(digest),
                None => {}
            }
            self.answered.pop_front();
        }
    }

    /// Forgets a call, and lets those who wait for it see for themselves.
    fn forget(&mut self, digest: Digest) {
        match self.by_digest.remove(&digest).map(|call| call.state) {
            Some(State::Answered { answer, .. }) => self.bytes -= answer.bytes(),
            Some(State::Running(Some(waiting))) => waiting.notify_waiters(),
            Some(State::Running(None)) | None => {}
        }
    }
}

impl Ticket<'_> {
    /// The call has been answered: duplicates get this for a while.
    pub(crate) fn answered(mut self, answered: Answered, reply: &Reply, within: Duration) {
        let Some((digest, number)) = self.call.take() else { return };
        let is_echo =
            reply.status().is_success() && matches!(answered, Answered::Accepted | Answered::Failed);
        let answer = if is_echo { Answer::AsItCame } else { Answer::Reply(Box::new(reply.clone())) };
        let now = Instant::now();
        let mut calls = self.remembered.lock();
        calls.expire(now);
        let Some(until) = now.checked_add(within) else { return calls.forget(digest) };
        let bytes = answer.bytes();
        let Some(call) = calls.by_digest.get_mut(&digest) else { return };
        let before = std::mem::replace(&mut call.state, State::Answered { until, answer });
        calls.bytes += bytes;
        calls.answered.push_back((digest, number));
        if let State::Running(Some(waiting)) = before {
            waiting.notify_waiters();
        }
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        if let Some((digest, _)) = self.call {
            self.remembered.lock().forget(digest);
        }
    }
}

#[cfg(test)]
mod tests;
