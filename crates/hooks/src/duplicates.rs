//! Calls that WCS sends again: the first is handled, the others get its answer. Spec §1.3.

use std::{
    collections::{HashMap, VecDeque},
    hash::BuildHasher,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use foldhash::fast::RandomState;
use http_body::Body;
use tokio::{
    sync::{Notify, futures::OwnedNotified},
    time::Instant,
};

use crate::{
    Answered, Duplicates, HookName,
    reply::{self, Reply},
};

/// The calls that are being handled, and those that were answered a short time ago.
#[derive(Default)]
pub(crate) struct Remembered {
    calls: Mutex<Calls>,
    seed: RandomState,
}

#[derive(Default)]
struct Calls {
    by_hash: HashMap<u64, Call, RandomState>,
    /// The hashes and numbers of the answered ones, the oldest first. An entry whose number is another call's is void.
    answered: VecDeque<(u64, u64)>,
    bytes: usize,
    next_number: u64,
}

struct Call {
    number: u64,
    hook: HookName,
    path: u64,
    body: Box<[u8]>,
    bytes: usize,
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
    /// 200 with the body as it came. It is not kept a second time.
    AsItCame,
    Reply(Reply),
}

/// What identifies a call.
pub(crate) struct Identity<'a> {
    pub(crate) hook: HookName,
    pub(crate) path: &'a str,
    pub(crate) body: &'a bytes::Bytes,
}

enum Begun {
    First(Option<(u64, u64)>),
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
    /// The call's hash and number, if it is remembered.
    call: Option<(u64, u64)>,
}

impl Remembered {
    /// Whether a call is to be handled; if one like it is being handled, waits for what becomes of that.
    pub(crate) async fn see(&self, identity: &Identity<'_>, limits: &Duplicates) -> Seen<'_> {
        loop {
            match self.begin(identity, limits) {
                Begun::First(call) => return Seen::First(Ticket { remembered: self, call }),
                Begun::Answered(Answer::AsItCame) => {
                    return Seen::Duplicate(reply::accepted(identity.body.clone()));
                }
                Begun::Answered(Answer::Reply(reply)) => return Seen::Duplicate(reply),
                Begun::Running(answered) => answered.await,
            }
        }
    }

    fn begin(&self, identity: &Identity<'_>, limits: &Duplicates) -> Begun {
        let Identity { hook, path, body } = *identity;
        let (hash, path) = (self.seed.hash_one((hook, path, &**body)), self.seed.hash_one(path));
        // A copy: what is received shares its memory with the connection's buffer.
        let copy = Box::from(&**body);
        let mut calls = self.lock();
        if let Some(call) = calls.by_hash.get_mut(&hash) {
            if call.hook != hook || call.path != path || *call.body != **body {
                return Begun::First(None);
            }
            match &mut call.state {
                State::Running(waiting) => {
                    let waiting = waiting.get_or_insert_default();
                    return Begun::Running(Arc::clone(waiting).notified_owned());
                }
                State::Answered { until, answer } if *until > Instant::now() => {
                    return Begun::Answered(answer.clone());
                }
                State::Answered { .. } => calls.forget(hash),
            }
        }
        if !calls.make_room(body.len(), limits) {
            return Begun::First(None);
        }
        let number = calls.next_number;
        calls.next_number += 1;
        calls.bytes += body.len();
        let call = Call { number, hook, path, body: copy, bytes: body.len(), state: State::Running(None) };
        calls.by_hash.insert(hash, call);
        Begun::First(Some((hash, number)))
    }

    fn lock(&self) -> MutexGuard<'_, Calls> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Calls {
    /// Forgets the oldest answers until there is room for another call; says whether there is.
    fn make_room(&mut self, bytes: usize, limits: &Duplicates) -> bool {
        while self.by_hash.len() >= limits.remembered || self.bytes + bytes > limits.bytes {
            let Some((hash, number)) = self.answered.pop_front() else { return false };
            if self.by_hash.get(&hash).is_some_and(|call| call.number == number) {
                self.forget(hash);
            }
        }
        true
    }

    /// Forgets what has expired, as far as the oldest that has not.
    fn expire(&mut self, now: Instant) {
        while let Some(&(hash, number)) = self.answered.front() {
            let call = self.by_hash.get(&hash).filter(|call| call.number == number);
            match call.map(|call| &call.state) {
                Some(State::Answered { until, .. }) if *until > now => break,
                Some(_) => self.forget(hash),
                None => {}
            }
            self.answered.pop_front();
        }
    }

    /// Forgets a call, and lets those who wait for it see for themselves.
    fn forget(&mut self, hash: u64) {
        let Some(call) = self.by_hash.remove(&hash) else { return };
        self.bytes -= call.bytes;
        if let State::Running(Some(waiting)) = call.state {
            waiting.notify_waiters();
        }
    }
}

impl Ticket<'_> {
    /// The call has been answered: duplicates get this for a while.
    pub(crate) fn answered(mut self, answered: Answered, reply: &Reply, within: Duration) {
        let Some((hash, number)) = self.call.take() else { return };
        let is_echo =
            reply.status().is_success() && matches!(answered, Answered::Accepted | Answered::Failed);
        let answer = if is_echo { Answer::AsItCame } else { Answer::Reply(reply.clone()) };
        let now = Instant::now();
        let mut calls = self.remembered.lock();
        calls.expire(now);
        let Some(until) = now.checked_add(within) else { return calls.forget(hash) };
        let Some(call) = calls.by_hash.get_mut(&hash) else { return };
        let bytes = if is_echo { 0 } else { usize::try_from(reply.body().size_hint().lower()).unwrap_or(0) };
        call.bytes += bytes;
        let before = std::mem::replace(&mut call.state, State::Answered { until, answer });
        calls.bytes += bytes;
        calls.answered.push_back((hash, number));
        if let State::Running(Some(waiting)) = before {
            waiting.notify_waiters();
        }
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        if let Some((hash, _)) = self.call {
            self.remembered.lock().forget(hash);
        }
    }
}

#[cfg(test)]
mod tests;
