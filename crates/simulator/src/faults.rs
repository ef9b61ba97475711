//! Faults on the way to a backend, to see how it stands them: [`Faults`].
//!
//! A network that is slow, loses connections or brings hooks twice and in another order is what a backend meets in
//! production. Here it can be had on demand, by hook and probability, drawn from a seed so that a run can be repeated.

mod counts;
mod held;
mod plan;
mod rule;
mod transport;

use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use fastrand::Rng;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wcs_hooks_dispatcher::Backend;
use wcs_hooks_protocol::HookName;

pub use counts::FaultCounts;
use held::Held;
use plan::Plan;
pub use rule::{Fault, FaultRule, FaultRuleError, WhenLost};
pub use transport::Faulty;

/// The most hooks under way that no caller waits for: held back or sent twice. Others are spared.
const MOST_UNATTENDED: usize = 10_000;

/// The faults that hooks meet on their way to a backend. They can be changed while it runs. Cheap to clone; clones are
/// the same faults.
///
/// ```
/// use std::time::Duration;
/// use wcs_hooks_dispatcher::{Dispatcher, HttpTransport, Settings};
/// use wcs_hooks_protocol::HookName;
/// use wcs_hooks_simulator::faults::{Fault, FaultRule, Faults, WhenLost};
///
/// let faults = Faults::seeded(7);
/// let wcs = Dispatcher::new(Settings::default(), faults.around(HttpTransport::new()?));
///
/// // One in ten is late by up to a second, and half of the data is sent twice since its answer was lost.
/// let late = Fault::slow(Duration::ZERO..=Duration::from_secs(1));
/// let lost = Fault::ConnectionLost(WhenLost::AfterHandling);
/// faults.set([
///     FaultRule::new(late).with_probability(0.1),
///     FaultRule::new(lost).on([HookName::OnData]).with_probability(0.5),
/// ])?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Faults {
    state: Arc<State>,
}

struct State {
    /// Whether anything may have to be done.
    is_active: AtomicBool,
    drawn: Mutex<Drawn>,
    held: Held,
    unattended: Arc<Semaphore>,
}

struct Drawn {
    rules: Vec<FaultRule>,
    chance: Rng,
    counts: FaultCounts,
}

impl Faults {
    /// No faults yet. Those that come are drawn from this seed: the same hooks in the same order meet the same ones.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        let drawn = Drawn { rules: Vec::new(), chance: Rng::with_seed(seed), counts: FaultCounts::default() };
        let state = State {
            is_active: AtomicBool::new(false),
            drawn: Mutex::new(drawn),
            held: Held::default(),
            unattended: Arc::new(Semaphore::new(MOST_UNATTENDED)),
        };
        Self { state: Arc::new(state) }
    }

    /// The way to this backend, with the faults on it.
    pub fn around<B: Backend>(&self, backend: B) -> Faulty<B> {
        Faulty::new(backend, self.clone())
    }

    /// Puts these rules in the place of those that are in force. Each hook draws for every rule about it. None is as it was.
    ///
    /// # Errors
    /// If a probability is not from 0 to 1, a time is longer than 10 minutes or there are more than 100 rules. Then
    /// nothing changes.
    pub fn set(&self, rules: impl IntoIterator<Item = FaultRule>) -> Result<(), FaultRuleError> {
        let rules: Vec<_> = rules.into_iter().collect();
        rule::check(&rules)?;
        let mut drawn = self.drawn();
        self.state.is_active.store(!rules.is_empty(), Ordering::Release);
        drawn.rules = rules;
        Ok(())
    }

    /// Draws from this seed from now on.
    ///
    /// ```
    /// # let faults = wcs_hooks_simulator::faults::Faults::seeded(1);
    /// faults.reseed(7);
    /// ```
    pub fn reseed(&self, seed: u64) {
        self.drawn().chance = Rng::with_seed(seed);
    }

    /// The rules in force.
    #[must_use]
    pub fn rules(&self) -> Vec<FaultRule> {
        self.drawn().rules.clone()
    }

    /// What has happened so far.
    #[must_use]
    pub fn counts(&self) -> FaultCounts {
        self.drawn().counts
    }

    fn is_active(&self) -> bool {
        self.state.is_active.load(Ordering::Acquire) || !self.state.held.is_empty()
    }

    fn plan(&self, hook: HookName) -> Plan {
        let mut drawn = self.drawn();
        let Drawn { rules, chance, counts } = &mut *drawn;
        let plan = plan::plan(rules, hook, chance);
        counts.add(&plan);
        plan
    }

    fn count(&self, add: impl FnOnce(&mut FaultCounts)) {
        add(&mut self.drawn().counts);
    }

    /// Leave to go on without a caller. Without it, the hook is spared.
    fn unattended(&self) -> Option<OwnedSemaphorePermit> {
        let permit = Arc::clone(&self.state.unattended).try_acquire_owned().ok();
        if permit.is_none() {
            self.count(|counts| counts.spared += 1);
        }
        permit
    }

    fn drawn(&self) -> MutexGuard<'_, Drawn> {
        self.state.drawn.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let drawn = self.drawn();
        f.debug_struct("Faults")
            .field("rules", &drawn.rules)
            .field("counts", &drawn.counts)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
