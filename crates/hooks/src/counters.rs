//! What has been answered, counted: [`Counters`], and told to whoever wants to know: [`Observer`].

use std::{
    collections::BTreeSet,
    fmt,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use wcs_hooks_protocol::HookName;

/// What became of a call.
///
/// ```
/// use wcs_hooks::{Answered, Report};
///
/// fn is_fault(report: &Report<'_>) -> bool {
///     matches!(report.answered, Answered::Failed | Answered::Panicked | Answered::Malformed)
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Answered {
    /// No handler: echoed, or refused if [`Unhandled::Refuse`](crate::Unhandled) is set.
    Unhandled,
    /// Accepted as it came.
    Accepted,
    /// Accepted with changes.
    Changed,
    /// The caller's secret is another app's: 403.
    Denied,
    /// Refused by the handler.
    Refused,
    /// The handler failed: 500, or 200 for an event.
    Failed,
    /// The handler panicked: 500.
    Panicked,
    /// The body is not an object that the hook can carry: 400.
    Malformed,
    /// The handler did not answer before its deadline: the hook's [`Fallback`](crate::Fallback).
    TimedOut,
    /// Too many hooks were being handled: 503. See [`Limits`](crate::Limits).
    Shed,
    /// A call that WCS sent again: the answer of the first. See [`Duplicates`](crate::Duplicates).
    Duplicate,
}

impl Answered {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Unhandled,
        Self::Accepted,
        Self::Changed,
        Self::Denied,
        Self::Refused,
        Self::Failed,
        Self::Panicked,
        Self::Malformed,
        Self::TimedOut,
        Self::Shed,
        Self::Duplicate,
    ];
}

/// A call that has been answered.
///
/// ```
/// use wcs_hooks::Report;
///
/// fn line(report: &Report<'_>) -> String {
///     let hook = report.hook.map_or("unknown", |hook| hook.as_str());
///     format!("{} {hook}: {:?} in {:?}", report.app, report.answered, report.elapsed)
/// }
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Report<'a> {
    /// The hook; `None` if the catalogue does not know the method.
    pub hook: Option<HookName>,
    /// The app whose handlers were used, as it was registered; `default` for the default.
    pub app: &'a str,
    /// What became of it.
    pub answered: Answered,
    /// From the request's head to the answer.
    pub elapsed: Duration,
}

/// Is told of every call that has been answered. It is called on the way of the answer: be quick, and write to nothing that
/// may have to be waited for. If it panics, the call is answered all the same, and that is counted
/// (`wcs_hooks_panics_total`).
///
/// ```
/// use wcs_hooks::{Observer, Report};
///
/// struct Slow;
///
/// impl Observer for Slow {
///     fn answered(&self, report: &Report<'_>) {
///         if report.elapsed.as_secs() >= 1 {
///             tracing::warn!(hook = ?report.hook, elapsed = ?report.elapsed, "slow");
///         }
///     }
/// }
/// ```
pub trait Observer: Send + Sync + 'static {
    /// A call has been answered.
    fn answered(&self, report: &Report<'_>);
}

/// A function will do.
///
/// ```
/// use wcs_hooks::{AllowAll, Backend, Callers, Hooks, Report};
///
/// fn log(report: &Report<'_>) {
///     tracing::info!(hook = ?report.hook, answered = ?report.answered, "answered");
/// }
///
/// let backend = Backend::builder(Hooks::new(AllowAll)).callers(Callers::anyone()).observer(log).build()?;
/// # Ok::<(), wcs_hooks::SetupError>(())
/// ```
impl<F: Fn(&Report<'_>) + Send + Sync + 'static> Observer for F {
    fn answered(&self, report: &Report<'_>) {
        self(report);
    }
}

const HOOKS: usize = HookName::ALL.len();
const UNKNOWN: usize = HOOKS;
/// No more fields than this are remembered to have been warned of: a handler may let callers choose their names.
const MOST_WARNED: usize = 1024;

/// What has been answered since the start.
///
/// ```
/// use wcs_hooks::{AllowAll, Answered, Backend, Callers, HookName, Hooks};
///
/// let backend = Backend::builder(Hooks::new(AllowAll)).callers(Callers::anyone()).build()?;
/// let counters = backend.counters();
/// assert_eq!(counters.answered(HookName::Connect, Answered::Refused), 0);
/// assert_eq!((counters.denied_callers(), counters.vain_changes(HookName::PlayStream)), (0, 0));
/// # Ok::<(), wcs_hooks::SetupError>(())
/// ```
pub struct Counters {
    answered: [[AtomicU64; Answered::ALL.len()]; HOOKS + 1],
    denied_callers: AtomicU64,
    abandoned: AtomicU64,
    shut_out: AtomicU64,
    vain_changes: [AtomicU64; HOOKS],
    vain_refusals: [AtomicU64; HOOKS],
    blocking: [AtomicU64; HOOKS],
    /// Apps, hooks and fields.
    warned: Mutex<BTreeSet<(String, HookName, String)>>,
}

impl Default for Counters {
    fn default() -> Self {
        Self {
            answered: std::array::from_fn(|_| std::array::from_fn(|_| AtomicU64::new(0))),
            denied_callers: AtomicU64::new(0),
            abandoned: AtomicU64::new(0),
            shut_out: AtomicU64::new(0),
            vain_changes: std::array::from_fn(|_| AtomicU64::new(0)),
            vain_refusals: std::array::from_fn(|_| AtomicU64::new(0)),
            blocking: std::array::from_fn(|_| AtomicU64::new(0)),
            warned: Mutex::default(),
        }
    }
}

impl Counters {
    /// Calls of a hook that were answered in this way.
    #[must_use]
    pub fn answered(&self, hook: HookName, answered: Answered) -> u64 {
        self.answered[hook as usize][answered as usize].load(Ordering::Relaxed)
    }

    /// Calls of methods that the catalogue does not know.
    #[must_use]
    pub fn unknown_methods(&self) -> u64 {
        self.answered[UNKNOWN].iter().map(|count| count.load(Ordering::Relaxed)).sum()
    }

    /// Calls that were turned away because the caller did not prove who it is.
    #[must_use]
    pub fn denied_callers(&self) -> u64 {
        self.denied_callers.load(Ordering::Relaxed)
    }

    /// Requests that were turned away unread because their address had failed too often. See
    /// [`Limits::denials_per_minute`](crate::Limits::denials_per_minute).
    #[must_use]
    pub fn shut_out(&self) -> u64 {
        self.shut_out.load(Ordering::Relaxed)
    }

    /// Calls that WCS sent again, and that got the answer of the first.
    #[must_use]
    pub fn duplicates(&self, hook: HookName) -> u64 {
        self.answered(hook, Answered::Duplicate)
    }

    /// Calls whose handler was cancelled because WCS had gone away.
    #[must_use]
    pub fn abandoned(&self) -> u64 {
        self.abandoned.load(Ordering::Relaxed)
    }

    /// Fields that a handler changed although WCS does not take them.
    #[must_use]
    pub fn vain_changes(&self, hook: HookName) -> u64 {
        self.vain_changes[hook as usize].load(Ordering::Relaxed)
    }

    /// Refusals that WCS does not mind.
    #[must_use]
    pub fn vain_refusals(&self, hook: HookName) -> u64 {
        self.vain_refusals[hook as usize].load(Ordering::Relaxed)
    }

    /// Times that the handler of a hook kept its thread for 100 ms or more without waiting for anything. Work that takes long
    /// belongs into `tokio::task::spawn_blocking`.
    ///
    /// ```
    /// # use wcs_hooks::{AllowAll, Backend, Callers, HookName, Hooks};
    /// let backend = Backend::builder(Hooks::new(AllowAll)).callers(Callers::anyone()).build()?;
    /// assert_eq!(backend.counters().blocking(HookName::Connect), 0);
    /// # Ok::<(), wcs_hooks::SetupError>(())
    /// ```
    #[must_use]
    pub fn blocking(&self, hook: HookName) -> u64 {
        self.blocking[hook as usize].load(Ordering::Relaxed)
    }

    pub(crate) fn count_blocking(&self, hook: HookName) {
        self.blocking[hook as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count(&self, hook: Option<HookName>, answered: Answered) {
        let row = hook.map_or(UNKNOWN, |hook| hook as usize);
        self.answered[row][answered as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_abandoned(&self) {
        self.abandoned.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_shut_out(&self) {
        self.shut_out.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_denied_caller(&self) {
        self.denied_callers.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a change in vain; says whether it is the first of this field in the app, and to be warned of.
    pub(crate) fn count_vain_change(&self, app: &str, hook: HookName, field: &str) -> bool {
        self.vain_changes[hook as usize].fetch_add(1, Ordering::Relaxed);
        self.is_first(app, hook, field)
    }

    /// Counts a refusal in vain; says whether it is the first of this hook in the app, and to be warned of.
    pub(crate) fn count_vain_refusal(&self, app: &str, hook: HookName) -> bool {
        self.vain_refusals[hook as usize].fetch_add(1, Ordering::Relaxed);
        self.is_first(app, hook, "")
    }

    fn is_first(&self, app: &str, hook: HookName, field: &str) -> bool {
        let mut warned = self.warned.lock().unwrap_or_else(PoisonError::into_inner);
        warned.len() < MOST_WARNED && warned.insert((app.to_owned(), hook, field.to_owned()))
    }
}

/// What is not zero.
impl fmt::Debug for Counters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        for &hook in HookName::ALL {
            for answered in Answered::ALL {
                let count = self.answered(hook, answered);
                if count > 0 {
                    map.entry(&(hook, answered), &count);
                }
            }
        }
        map.entry(&"unknown methods", &self.unknown_methods());
        map.entry(&"shut out", &self.shut_out());
        map.entry(&"abandoned", &self.abandoned());
        map.entry(&"denied callers", &self.denied_callers()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_warned_of_once_and_not_endless_fields_are_kept() {
        let counters = Counters::default();
        let is_first = |field: usize| counters.count_vain_change("app", HookName::OnData, &field.to_string());
        assert!(is_first(0) && !is_first(0));
        let warnings = (0..2 * MOST_WARNED).filter(|field| is_first(*field)).count();
        assert_eq!(warnings, MOST_WARNED - 1);
        assert_eq!(counters.vain_changes(HookName::OnData), 2 * MOST_WARNED as u64 + 2);
    }
}
