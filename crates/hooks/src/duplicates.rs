//! Calls that WCS sends again: the first is handled, the others get its answer. Spec §1.3.

mod answers;

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use answers::{Answer, Answers};
use bytes::Bytes;
use foldhash::fast;
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
    running: HashMap<Digest, Running, fast::RandomState>,
    answered: Answers,
}

/// Those who wait for the answer, if there are any.
type Running = Option<Arc<Notify>>;

/// Stands for a path and a body. Bodies are not kept, since thousands of them are more than a processor's cache holds.
type Digest = u128;

/// What identifies a call.
#[derive(Clone, Copy)]
pub(crate) struct Identity<'a> {
    pub(crate) path: &'a str,
    pub(crate) body: &'a Bytes,
    /// The body's, if it has been verified.
    pub(crate) signature: Option<Signature>,
}

enum Begun {
    First,
    /// There is no room to remember it.
    Unremembered,
    Answered(Answer),
    Running(Pin<Box<OwnedNotified>>),
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
    /// The call's, if it is remembered.
    digest: Option<Digest>,
}

impl Remembered {
    /// Whether a call is to be handled; if one like it is being handled, waits for what becomes of that.
    pub(crate) async fn see(&self, identity: Identity<'_>, limits: &Duplicates) -> Seen<'_> {
        let digest = self.digest(identity);
        loop {
            match self.begin(digest, limits) {
                Begun::First => return Seen::First(Ticket { remembered: self, digest: Some(digest) }),
                Begun::Unremembered => return Seen::First(Ticket { remembered: self, digest: None }),
                Begun::Answered(Answer::AsItCame) => {
                    return Seen::Duplicate(reply::accepted(identity.body.clone()));
                }
                Begun::Answered(Answer::Reply(reply)) => return Seen::Duplicate(*reply),
                Begun::Running(answered) => answered.await,
            }
        }
    }

    /// A signature that has been verified is a keyed digest already. Without one, it takes a hash whose secret nobody
    /// knows: calls that are mistaken for each other cannot be made, and do not come by chance.
    fn digest(&self, Identity { path, body, signature }: Identity<'_>) -> Digest {
        let [first, second] = &self.hashers;
        if let Some(signature) = signature {
            return u128::from_le_bytes(signature.to_bytes()) ^ u128::from(first.hash_one(path));
        }
        let call = (path, &**body);
        u128::from(first.hash_one(call)) << 64 | u128::from(second.hash_one(call))
    }

    fn begin(&self, digest: Digest, limits: &Duplicates) -> Begun {
        let mut calls = self.lock();
        if let Some(waiting) = calls.running.get_mut(&digest) {
            let waiting = waiting.get_or_insert_default();
            return Begun::Running(Box::pin(Arc::clone(waiting).notified_owned()));
        }
        if let Some(answer) = calls.answered.get(digest) {
            return Begun::Answered(answer.clone());
        }
        if !calls.make_room(limits) {
            return Begun::Unremembered;
        }
        calls.running.insert(digest, None);
        Begun::First
    }

    fn lock(&self) -> MutexGuard<'_, Calls> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Calls {
    /// Forgets the oldest answers until there is room for another call; says whether there is.
    fn make_room(&mut self, limits: &Duplicates) -> bool {
        while self.running.len() + self.answered.len() >= limits.remembered
            || self.answered.bytes() > limits.bytes
        {
            if !self.answered.forget_oldest() {
                return false;
            }
        }
        true
    }

    /// A call does not run any more: those who wait for it see for themselves. Says whether it ran.
    fn end(&mut self, digest: Digest) -> bool {
        let Some(waiting) = self.running.remove(&digest) else { return false };
        if let Some(waiting) = waiting {
            waiting.notify_waiters();
        }
        true
    }
}

impl Ticket<'_> {
    /// The call has been answered: duplicates get this for a while.
    pub(crate) fn answered(mut self, answered: Answered, reply: &Reply, within: Duration) {
        let Some(digest) = self.digest.take() else { return };
        let is_echo =
            reply.status().is_success() && matches!(answered, Answered::Accepted | Answered::Failed);
        let answer = if is_echo { Answer::AsItCame } else { Answer::Reply(Box::new(reply.clone())) };
        let now = Instant::now();
        let mut calls = self.remembered.lock();
        calls.answered.expire(now);
        if calls.end(digest)
            && let Some(until) = now.checked_add(within)
        {
            calls.answered.push(digest, until, answer);
        }
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        if let Some(digest) = self.digest {
            self.remembered.lock().end(digest);
        }
    }
}

#[cfg(test)]
mod tests;
