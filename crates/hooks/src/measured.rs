//! What is measured of every call, at places that are known beforehand, and how it is shown: [`Backend::metrics`].

use http::StatusCode;
use wcs_hooks_metrics::{Counters, Entered, Gauge, Grid, Histogram, Labels, Page, Source};
use wcs_hooks_protocol::HookName;

use crate::{Answered, Backend, Report, panics::Place, reply::TurnedAway};

const HOOKS: usize = HookName::ALL.len();
const UNKNOWN: usize = HOOKS;
/// Statuses of refusals by handlers, which are theirs to choose: those that have a constructor, and all others.
const STATUSES: [&str; 5] = ["401", "403", "429", "500", "other"];
/// Why requests do not get as far as an app.
const REASONS: [(TurnedAway, &str); 11] = [
    (TurnedAway::NotPosted, "not_posted"),
    (TurnedAway::NamesNoHook, "no_hook"),
    (TurnedAway::Denied, "denied"),
    (TurnedAway::Challenged, "challenged"),
    (TurnedAway::NotJson, "not_json"),
    (TurnedAway::TooLong, "too_long"),
    (TurnedAway::CutOff, "cut_off"),
    (TurnedAway::TooSlow, "too_slow"),
    (TurnedAway::ShutOut, "shut_out"),
    (TurnedAway::NoMemory, "no_memory"),
    (TurnedAway::NoHost, "no_host"),
];

/// As metrics and the log have it.
pub(crate) fn reason(why: TurnedAway) -> &'static str {
    REASONS.iter().find(|(known, _)| *known == why).map_or("other", |(_, reason)| reason)
}

pub(crate) struct Measured {
    /// Of each app, in their order.
    calls: Box<[Calls]>,
    /// Refusals by handlers.
    refusals: Grid<{ STATUSES.len() }>,
    turned_away: Grid<{ REASONS.len() }>,
    durations: Box<[Histogram]>,
    body_sizes: Histogram,
    in_flight: Gauge,
}

type Calls = Grid<{ Answered::ALL.len() }>;

impl Measured {
    pub(crate) fn new(apps: usize) -> Self {
        Self {
            calls: (0..apps).map(|_| Grid::new(HOOKS + 1)).collect(),
            refusals: Grid::new(HOOKS),
            turned_away: Grid::new(1),
            durations: (0..=HOOKS).map(|_| Histogram::of_seconds()).collect(),
            body_sizes: Histogram::of_bytes(),
            in_flight: Gauge::default(),
        }
    }

    /// A request is being answered, until the guard is dropped.
    pub(crate) fn enter(&self) -> Entered<'_> {
        self.in_flight.enter()
    }

    pub(crate) fn body(&self, bytes: usize) {
        self.body_sizes.record(bytes);
    }

    pub(crate) fn answered(&self, app: usize, report: &Report<'_>) {
        let row = report.hook.map_or(UNKNOWN, |hook| hook as usize);
        self.calls[app].add(row, report.answered as usize);
        self.durations[row].record(report.elapsed);
    }

    pub(crate) fn refused(&self, hook: HookName, status: StatusCode) {
        let column = STATUSES.iter().position(|known| *known == status.as_str());
        self.refusals.add(hook as usize, column.unwrap_or(STATUSES.len() - 1));
    }

    pub(crate) fn turned_away(&self, why: TurnedAway) {
        if let Some(column) = REASONS.iter().position(|(known, _)| *known == why) {
            self.turned_away.add(0, column);
        }
    }
}

impl Answered {
    /// As metrics and spans have it.
    ///
    /// ```
    /// assert_eq!(wcs_hooks::Answered::Refused.as_str(), "refused");
    /// ```
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unhandled => "unhandled",
            Self::Accepted => "accepted",
            Self::Changed => "changed",
            Self::Denied => "denied",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Panicked => "panicked",
            Self::Malformed => "malformed",
            Self::TimedOut => "timed_out",
            Self::Shed => "shed",
            Self::Duplicate => "duplicate",
        }
    }
}

impl Backend {
    /// What has been answered so far, in numbers, as of this moment, with those of the sources that were given to the
    /// builder. What each means is in `docs/observability.md`.
    ///
    /// ```
    /// use wcs_hooks::{AllowAll, Backend, Callers, Hooks, metrics::CONTENT_TYPE};
    ///
    /// let backend = Backend::builder(Hooks::new(AllowAll)).callers(Callers::anyone()).build()?;
    /// let router: axum::Router = axum::Router::new().route(
    ///     "/metrics",
    ///     axum::routing::get(async move || ([("content-type", CONTENT_TYPE)], backend.metrics().to_text())),
    /// );
    /// # Ok::<(), wcs_hooks::SetupError>(())
    /// ```
    #[must_use]
    pub fn metrics(&self) -> Page {
        Page::of([self as &dyn Source])
    }
}

impl Source for Backend {
    fn write(&self, page: &mut Page) {
        self.write_calls(page);
        self.write_bodies(page);
        self.write_hooks(page);
        self.write_requests(page);
        for source in &self.shared.sources {
            self.shared.panics.catch(Place::Metrics, || source.write(page));
        }
        let mut panics = page.counters("wcs_hooks_panics", "Panics beside the handlers, by place");
        for (place, name) in Place::ALL {
            panics.add(&[("place", name)], self.shared.panics.count(place));
        }
    }
}

impl Backend {
    fn write_calls(&self, page: &mut Page) {
        let mut calls = page.counters("wcs_hooks_calls", "Hooks by what became of them");
        for (app, grid) in self.shared.apps.iter().zip(&self.shared.measured.calls) {
            for (row, counts) in grid.rows_in_use() {
                for (result, count) in Answered::ALL.iter().zip(counts) {
                    calls
                        .add(&[("app", &app.name), ("hook", label(row)), ("result", result.as_str())], count);
                }
            }
        }
        let help = "Time from a request's head to the answer";
        let mut durations = page.histograms("wcs_hooks_duration_seconds", help);
        let histograms = self.shared.measured.durations.iter().enumerate();
        for (row, histogram) in histograms.filter(|(_, histogram)| histogram.count() > 0) {
            durations.add(&[("hook", label(row))], histogram);
        }
    }

    fn write_bodies(&self, page: &mut Page) {
        let measured = &self.shared.measured;
        page.histograms("wcs_hooks_body_size_bytes", "Bodies of the calls that were let in")
            .add(&[], &measured.body_sizes);
        let help = "Fields of bodies that this version does not know, by hook";
        let mut fields = page.counters("wcs_hooks_unknown_fields", help);
        for app in &self.shared.apps {
            for (hook, count) in app.hooks.unknown_fields().filter(|(_, count)| *count > 0) {
                fields.add(&[("hook", hook.as_str())], count);
            }
        }
    }

    /// What handlers say that is refused, or in vain.
    fn write_hooks(&self, page: &mut Page) {
        let help = "Refusals by handlers, by their HTTP status";
        let mut refusals = page.counters("wcs_hooks_refusals", help);
        for (row, counts) in self.shared.measured.refusals.rows_in_use() {
            for (status, count) in STATUSES.iter().zip(counts) {
                refusals.add(&[("hook", label(row)), ("status", status)], count);
            }
        }
        let counters = &self.shared.counters;
        for &hook in HookName::ALL {
            let (hook_label, changes) = ([("hook", hook.as_str())], counters.vain_changes(hook));
            let help = "Fields that handlers changed although WCS does not take them";
            add_unless_zero(page.counters("wcs_hooks_vain_changes", help), &hook_label, changes);
            let help = "Calls that got the answer of an earlier one with the same body";
            let duplicates = counters.duplicates(hook);
            add_unless_zero(page.counters("wcs_hooks_duplicates", help), &hook_label, duplicates);
            if self.shared.measured.durations[hook as usize].count() > 0 {
                let help = "Times that a handler kept its thread for 100 ms or more";
                page.counters("wcs_hooks_blocking_polls", help).add(&hook_label, counters.blocking(hook));
            }
            let help = "Refusals by handlers that WCS does not mind";
            let refusals = counters.vain_refusals(hook);
            add_unless_zero(page.counters("wcs_hooks_vain_refusals", help), &hook_label, refusals);
        }
    }

    fn write_requests(&self, page: &mut Page) {
        let (counters, measured) = (&self.shared.counters, &self.shared.measured);
        page.gauges("wcs_hooks_in_flight", "Requests that are being answered")
            .add(&[], measured.in_flight.value());
        page.gauges("wcs_hooks_handlers_in_flight", "Hooks that handlers are at work on")
            .add(&[], self.shared.load.in_flight() as u64);
        page.gauges("wcs_hooks_waiting_events", "Events that wait for a place")
            .add(&[], self.shared.load.waiting() as u64);
        let help = "Bytes of limits.body_memory that are in use";
        page.gauges("wcs_hooks_body_memory_bytes", help).add(&[], self.shared.body_memory.taken() as u64);
        page.counters(
            "wcs_hooks_shut_out",
            "Requests of addresses that had failed to prove who they are too often",
        )
        .add(&[], counters.shut_out());
        page.counters("wcs_hooks_abandoned", "Calls whose caller had gone away before they were answered")
            .add(&[], counters.abandoned());
        page.counters("wcs_hooks_unknown_methods", "Calls of methods that this version does not know")
            .add(&[], counters.unknown_methods());
        page.counters("wcs_hooks_denied_callers", "Requests whose caller did not prove who it is")
            .add(&[], counters.denied_callers());
        let help = "Requests that did not get as far as an app, by why";
        let mut turned_away = page.counters("wcs_hooks_turned_away", help);
        for (column, (_, reason)) in REASONS.iter().enumerate() {
            turned_away.add(&[("reason", reason)], measured.turned_away.get(0, column));
        }
    }
}

fn add_unless_zero(mut counters: Counters<'_>, labels: Labels<'_>, count: u64) {
    if count > 0 {
        counters.add(labels, count);
    }
}

fn label(row: usize) -> &'static str {
    HookName::ALL.get(row).map_or("unknown", |hook| hook.as_str())
}
