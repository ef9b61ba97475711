//! What is kept and what is under way: [`Table`].

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::RangeInclusive,
};

use tokio::{sync::watch, time::Instant};

use super::{Decision, identity::Identity};

/// Tells of the decision that a running handler makes; ends without one if it makes none.
pub(super) type Outcome = watch::Receiver<Option<Said>>;

/// What a handler said, for those who wait for it.
#[derive(Clone)]
pub(super) enum Said {
    Decided(Decision),
    /// It is good for no other body.
    ForThisCallOnly,
}

#[derive(Default)]
pub(super) struct Table {
    most: usize,
    kept: BTreeMap<Identity, (Instant, Decision)>,
    /// What is kept, by when it expires.
    by_end: BTreeSet<(Instant, Identity)>,
    /// With a number, since one that was purged may still run when the next begins.
    running: BTreeMap<Identity, (u64, Outcome)>,
    next_number: u64,
}

pub(super) enum Found {
    Decided(Decision),
    Running(Outcome),
    Nothing,
}

impl Table {
    pub(super) fn at_most(most: usize) -> Self {
        Self { most, ..Self::default() }
    }

    pub(super) fn find(&mut self, identity: &Identity, now: Instant) -> Found {
        self.expire(now);
        if let Some((_, decision)) = self.kept.get(identity) {
            return Found::Decided(decision.clone());
        }
        match self.running.get(identity) {
            Some((_, outcome)) => Found::Running(outcome.clone()),
            None => Found::Nothing,
        }
    }

    /// The number of what begins; `None` if there is too much under way for others to be told of it.
    pub(super) fn begin(&mut self, identity: Identity, outcome: Outcome) -> Option<u64> {
        if self.running.len() >= self.most {
            return None;
        }
        let number = self.next_number;
        self.next_number += 1;
        self.running.insert(identity, (number, outcome));
        Some(number)
    }

    /// Says whether it was still under way, and had not been purged.
    pub(super) fn end(&mut self, identity: &Identity, number: u64) -> bool {
        let is_running = self.running.get(identity).is_some_and(|(running, _)| *running == number);
        if is_running {
            self.running.remove(identity);
        }
        is_running
    }

    pub(super) fn keep(&mut self, identity: Identity, decision: Decision, until: Instant) {
        self.forget(&identity);
        self.kept.insert(identity, (until, decision));
        self.by_end.insert((until, identity));
        while self.kept.len() > self.most {
            self.drop_first();
        }
    }

    pub(super) fn purge(&mut self, identities: &RangeInclusive<Identity>) {
        let kept: Vec<Identity> =
            self.kept.range(identities.clone()).map(|(identity, _)| *identity).collect();
        for identity in &kept {
            self.forget(identity);
        }
        let running = self.running.range(identities.clone()).map(|(identity, _)| *identity);
        for identity in running.collect::<Vec<_>>() {
            self.running.remove(&identity);
        }
    }

    pub(super) fn clear(&mut self) {
        *self = Self { most: self.most, next_number: self.next_number, ..Self::default() };
    }

    pub(super) fn len(&mut self, now: Instant) -> usize {
        self.expire(now);
        self.kept.len()
    }

    fn forget(&mut self, identity: &Identity) {
        if let Some((until, _)) = self.kept.remove(identity) {
            self.by_end.remove(&(until, *identity));
        }
    }

    fn expire(&mut self, now: Instant) {
        while self.by_end.first().is_some_and(|(until, _)| *until <= now) {
            self.drop_first();
        }
    }

    fn drop_first(&mut self) {
        if let Some((_, identity)) = self.by_end.pop_first() {
            self.kept.remove(&identity);
        }
    }
}
