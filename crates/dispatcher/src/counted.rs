//! What has been sent, counted: [`Dispatcher::metrics`].

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use wcs_hooks_metrics::{Entered, Gauge, Grid, Histogram, Page, Source};
use wcs_hooks_protocol::{HookName, Outcome};

use crate::{Dispatcher, FailureKind, Verdict, method::Method};

/// Apps are the user's to name. Those past this number are counted as one.
const MOST_APPS: usize = 256;
const OTHER_APPS: &str = "other";

const HOOKS: usize = HookName::ALL.len();
const UNKNOWN: usize = HOOKS;

/// What came of a call, in the order of the columns.
const RESULTS: [&str; 7] =
    ["accepted", "unreadable", "refused", "failed", "no_answer", "not_asked", "remembered"];

/// In the order of the columns.
const FAILURES: [(FailureKind, &str); 11] = [
    (FailureKind::Timeout, "timeout"),
    (FailureKind::ConnectionRefused, "connection_refused"),
    (FailureKind::Unreachable, "unreachable"),
    (FailureKind::UnknownHost, "unknown_host"),
    (FailureKind::Tls, "tls"),
    (FailureKind::ClosedWithoutAnswer, "closed_without_answer"),
    (FailureKind::Reset, "reset"),
    (FailureKind::InvalidAnswer, "invalid_answer"),
    (FailureKind::BrokenBody, "broken_body"),
    (FailureKind::TooLarge, "too_large"),
    (FailureKind::Other, "other"),
];

type Calls = Grid<{ RESULTS.len() }>;

pub(crate) struct Counted {
    apps: RwLock<BTreeMap<String, Arc<Calls>>>,
    durations: Box<[Histogram]>,
    /// Attempts, and those that were not the first.
    attempts: Grid<2>,
    failures: Grid<{ FAILURES.len() }>,
    in_flight: Gauge,
    waiting: Gauge,
}

impl Default for Counted {
    fn default() -> Self {
        Self {
            apps: RwLock::default(),
            durations: (0..=HOOKS).map(|_| Histogram::of_seconds()).collect(),
            attempts: Grid::new(HOOKS + 1),
            failures: Grid::new(1),
            in_flight: Gauge::default(),
            waiting: Gauge::default(),
        }
    }
}

impl Counted {
    pub(crate) fn waits(&self) -> Entered<'_> {
        self.waiting.enter()
    }

    pub(crate) fn calls(&self) -> Entered<'_> {
        self.in_flight.enter()
    }

    pub(crate) fn attempt(&self, hook: usize, number: u32) {
        self.attempts.add(hook, usize::from(number > 1));
    }

    pub(crate) fn failed_attempt(&self, kind: FailureKind) {
        let column = FAILURES.iter().position(|(other, _)| *other == kind);
        column.inspect(|column| self.failures.add(0, *column));
    }

    pub(crate) fn answered(&self, hook: usize, elapsed: Duration) {
        self.durations[hook].record(elapsed);
    }

    /// What came of a call, whether the backend was asked or not.
    pub(crate) fn judged(&self, app: &str, verdict: &Verdict) {
        self.app(app).add(verdict.row(), column(verdict));
    }

    fn app(&self, name: &str) -> Arc<Calls> {
        let apps = self.apps.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(calls) = apps.get(name) {
            return Arc::clone(calls);
        }
        drop(apps);
        let mut apps = self.apps.write().unwrap_or_else(PoisonError::into_inner);
        let name = if apps.len() < MOST_APPS { name } else { OTHER_APPS };
        Arc::clone(apps.entry(name.to_owned()).or_insert_with(|| Arc::new(Grid::new(HOOKS + 1))))
    }
}

fn column(verdict: &Verdict) -> usize {
    match verdict.outcome() {
        Outcome::NotAsked => 5,
        _ if verdict.attempts() == 0 => 6,
        Outcome::Accepted => 0,
        Outcome::Unreadable => 1,
        Outcome::Status(400..=499) => 2,
        Outcome::Status(_) => 3,
        Outcome::NoAnswer => 4,
    }
}

/// The row of a method.
pub(crate) fn row(method: &Method) -> usize {
    match method {
        Method::Known(hook) => *hook as usize,
        Method::Unknown(_) => UNKNOWN,
    }
}

fn label(row: usize) -> &'static str {
    HookName::ALL.get(row).map_or("unknown", |hook| hook.as_str())
}

impl Dispatcher {
    /// What has been sent so far, in numbers, as of this moment. What each means is in `docs/observability.md`.
    ///
    /// ```
    /// use wcs_hooks_dispatcher::{Dispatcher, HttpTransport, Settings};
    ///
    /// let wcs = Dispatcher::new(Settings::default(), HttpTransport::new()?);
    /// let page = wcs.metrics();
    /// assert_eq!(page.value("wcs_hooks_dispatcher_in_flight", &[]), Some(0));
    /// let text = page.to_text();      // for Prometheus, as `metrics::CONTENT_TYPE`
    /// # Ok::<(), wcs_hooks_dispatcher::TlsError>(())
    /// ```
    #[must_use]
    pub fn metrics(&self) -> Page {
        Page::of([self as &dyn Source])
    }
}

impl Source for Dispatcher {
    fn write(&self, page: &mut Page) {
        let counted = &self.inner.counted;
        counted.write_calls(page);
        counted.write_attempts(page);
        let durations = "Time of a call of the backend, with its retries";
        let mut durations = page.histograms("wcs_hooks_dispatcher_duration_seconds", durations);
        for (row, histogram) in counted.durations.iter().enumerate().filter(|(_, it)| it.count() > 0) {
            durations.add(&[("hook", label(row))], histogram);
        }
        page.gauges("wcs_hooks_dispatcher_in_flight", "Calls of backends that are under way")
            .add(&[], counted.in_flight.value());
        page.gauges("wcs_hooks_dispatcher_waiting", "Calls that wait because max_in_flight are under way")
            .add(&[], counted.waiting.value());
    }
}

impl Counted {
    fn write_calls(&self, page: &mut Page) {
        let mut calls = page.counters("wcs_hooks_dispatcher_calls", "Hooks by what came of them");
        for (app, grid) in &*self.apps.read().unwrap_or_else(PoisonError::into_inner) {
            for (row, counts) in grid.rows_in_use() {
                for (result, count) in RESULTS.iter().zip(counts) {
                    calls.add(&[("app", app), ("hook", label(row)), ("result", result)], count);
                }
            }
        }
    }

    fn write_attempts(&self, page: &mut Page) {
        for (row, [first, again]) in self.attempts.rows_in_use() {
            let hook = [("hook", label(row))];
            page.counters("wcs_hooks_dispatcher_attempts", "Requests that were made")
                .add(&hook, first + again);
            page.counters("wcs_hooks_dispatcher_retries", "Requests that were made again").add(&hook, again);
        }
        let help = "Requests that brought no answer, by what happened";
        let mut failures = page.counters("wcs_hooks_dispatcher_failed_attempts", help);
        for (column, (_, kind)) in FAILURES.iter().enumerate() {
            failures.add(&[("kind", kind)], self.failures.get(0, column));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn apps_past_the_most_are_counted_as_one() {
        let counted = Counted::default();
        for app in 0..MOST_APPS + 10 {
            counted.app(&app.to_string()).add(UNKNOWN, 0);
        }
        assert_eq!(counted.apps.read().unwrap().len(), MOST_APPS + 1);
        assert_eq!(counted.app(OTHER_APPS).get(UNKNOWN, 0), 10);
        assert_eq!(counted.app("0").get(UNKNOWN, 0), 1);
    }

    #[test]
    fn hooks_have_rows_in_their_order() {
        for &hook in HookName::ALL {
            assert_eq!(label(row(&Method::Known(hook))), hook.as_str());
        }
        assert_eq!(label(UNKNOWN), "unknown");
    }
}
