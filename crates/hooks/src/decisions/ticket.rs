//! One handler is asked at a time: [`Ticket`].

use std::{sync::atomic::Ordering, thread, time::Duration};

use http::StatusCode;
use tokio::{sync::watch, time::Instant};

use super::{
    Decision, DecisionCache, DecisionLimits,
    identity::Identity,
    table::{Found, Outcome, Said},
};
use crate::Refusal;

/// Nobody needs more, and a clock cannot hold all that a [`Duration`] can.
const LONGEST: Duration = Duration::from_hours(24 * 365);

pub(super) enum Seen<'c> {
    /// It has been decided, or was by a call that was waited for.
    Decided(Decision),
    /// The handler is to be asked.
    First(Ticket<'c>),
}

/// To be given back with the decision. Dropped without one, the next call asks the handler; while a panic is on its way,
/// those who wait are refused, so that they do not run into the same one after the other.
pub(super) struct Ticket<'c> {
    cache: &'c DecisionCache,
    identity: Identity,
    /// `None` if nobody can wait for it.
    number: Option<u64>,
    outcome: watch::Sender<Option<Said>>,
}

enum Step<'c> {
    Seen(Seen<'c>),
    Wait(Outcome),
}

impl DecisionCache {
    pub(super) async fn see(&self, identity: Identity) -> Seen<'_> {
        loop {
            let mut outcome = match self.step(identity) {
                Step::Seen(seen) => return seen,
                Step::Wait(outcome) => outcome,
            };
            let said = outcome.wait_for(Option::is_some).await.ok().and_then(|said| said.clone());
            match said {
                Some(Said::Decided(decision)) => return self.hit(decision),
                Some(Said::ForThisCallOnly) => return self.miss(identity, None, watch::Sender::default()),
                None => {}
            }
        }
    }

    fn step(&self, identity: Identity) -> Step<'_> {
        let mut table = self.shared.table();
        match table.find(&identity, Instant::now()) {
            Found::Running(outcome) => Step::Wait(outcome),
            Found::Decided(decision) => Step::Seen(self.hit(decision)),
            Found::Nothing => {
                let (outcome, receiver) = watch::channel(None);
                let number = table.begin(identity, receiver);
                Step::Seen(self.miss(identity, number, outcome))
            }
        }
    }

    fn hit(&self, decision: Decision) -> Seen<'_> {
        self.shared.hits.fetch_add(1, Ordering::Relaxed);
        Seen::Decided(decision)
    }

    fn miss(
        &self,
        identity: Identity,
        number: Option<u64>,
        outcome: watch::Sender<Option<Said>>,
    ) -> Seen<'_> {
        self.shared.misses.fetch_add(1, Ordering::Relaxed);
        Seen::First(Ticket { cache: self, identity, number, outcome })
    }
}

impl Ticket<'_> {
    /// It has been decided; `asked` is how long the handler wants it to be kept.
    pub(super) fn decided(mut self, decision: Decision, asked: Option<Duration>, can_be_kept: bool) {
        let Some(number) = self.number.take() else { return };
        let shared = &self.cache.shared;
        let keep_for = time_to_live(&shared.in_force.load(), &decision, asked).filter(|_| can_be_kept);
        let mut table = shared.table();
        let is_still_asked = table.end(&self.identity, number);
        if let Some(keep_for) = keep_for.filter(|_| is_still_asked) {
            table.keep(self.identity, decision.clone(), Instant::now() + keep_for);
        }
        drop(table);
        let said = if can_be_kept { Said::Decided(decision) } else { Said::ForThisCallOnly };
        self.outcome.send_replace(Some(said));
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        let Some(number) = self.number else { return };
        self.cache.shared.table().end(&self.identity, number);
        if thread::panicking() {
            let refusal = Refusal::internal("the handler panicked in the call that was waited for");
            self.outcome.send_replace(Some(Said::Decided(Decision::Refused(refusal))));
        }
    }
}

fn time_to_live(limits: &DecisionLimits, decision: &Decision, asked: Option<Duration>) -> Option<Duration> {
    let keep_for = match decision {
        Decision::Accepted(_) => asked.or(Some(limits.allows_for)),
        Decision::Refused(refusal) if refusal.status().is_server_error() => None,
        Decision::Refused(refusal) if refusal.status() == StatusCode::TOO_MANY_REQUESTS => asked,
        Decision::Refused(_) => asked.or(Some(limits.denies_for)),
    };
    keep_for.filter(|keep_for| !keep_for.is_zero()).map(|keep_for| keep_for.min(LONGEST))
}
