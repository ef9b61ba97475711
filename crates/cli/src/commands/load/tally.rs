//! What came of the calls: [`Tally`].

use std::{collections::BTreeMap, io, time::Duration};

use hdrhistogram::Histogram;
use serde::Serialize;
use wcs_hooks_dispatcher::Verdict;

use crate::output::{self, BAD, Output};

/// Longer latencies are counted as this long.
const LONGEST: Duration = Duration::from_hours(1);

/// Counts and latencies.
pub(super) struct Tally {
    /// Microseconds from when a call was due.
    latencies: Histogram<u64>,
    answers: BTreeMap<String, u64>,
    pub(super) done: u64,
    errors: u64,
    /// Calls without an answer.
    unanswered: u64,
    not_asked: u64,
}

/// What is printed of it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Summary {
    pub(super) planned: u64,
    pub(super) done: u64,
    /// Calls a second.
    pub(super) rate: f64,
    /// Milliseconds, by percentile.
    pub(super) latency_ms: Latencies,
    /// By status, or why there was none.
    pub(super) answers: BTreeMap<String, u64>,
    /// Answers other than 200, calls without an answer, and calls that were not made in time.
    pub(super) errors: u64,
    /// Calls that the backend's restClientConfig does not want.
    pub(super) not_asked: u64,
    pub(super) interrupted: bool,
    /// There were calls, and no answer to any.
    #[serde(skip)]
    pub(super) nothing_answers: bool,
}

#[derive(Debug, Serialize)]
pub(super) struct Latencies {
    p50: f64,
    p90: f64,
    pub(super) p99: f64,
    #[serde(rename = "p99.9")]
    p999: f64,
    max: f64,
}

impl Tally {
    pub(super) fn new() -> Result<Self, hdrhistogram::CreationError> {
        let longest = u64::try_from(LONGEST.as_micros()).unwrap_or(u64::MAX);
        let latencies = Histogram::new_with_bounds(1, longest, 3)?;
        Ok(Self { latencies, answers: BTreeMap::new(), done: 0, errors: 0, unanswered: 0, not_asked: 0 })
    }

    /// A call is over, so long after it was due. Calls without an answer have a latency too: they were waited for.
    pub(super) fn add(&mut self, outcome: Outcome, latency: Duration) {
        self.done += 1;
        let (name, is_error) = match outcome {
            Outcome::NotAsked => {
                self.not_asked += 1;
                return;
            }
            Outcome::Answer { status } => (status.to_string(), status != 200),
            Outcome::NoAnswer { why } => {
                self.unanswered += 1;
                (why, true)
            }
        };
        self.errors += u64::from(is_error);
        self.latencies.saturating_record(u64::try_from(latency.as_micros()).unwrap_or(u64::MAX));
        *self.answers.entry(name).or_default() += 1;
    }

    pub(super) fn p99(&self) -> f64 {
        self.percentile(0.99)
    }

    #[allow(clippy::cast_precision_loss, reason = "an hour of microseconds fits")]
    pub(super) fn percentile(&self, part: f64) -> f64 {
        self.latencies.value_at_quantile(part) as f64 / 1000.0
    }

    /// The sum, if so many calls were planned and it took so long. Calls that were never made count as errors, unless
    /// the run was interrupted.
    #[allow(clippy::cast_precision_loss, reason = "there are fewer calls than that")]
    pub(super) fn sum(&self, planned: u64, took: Duration, interrupted: bool) -> Summary {
        let missing = if interrupted { 0 } else { planned - self.done };
        let mut answers = self.answers.clone();
        if missing > 0 {
            answers.insert("not made in time".to_owned(), missing);
        }
        let [p50, p90, p99, p999, max] = [0.5, 0.9, 0.99, 0.999, 1.0].map(|part| self.percentile(part));
        Summary {
            planned,
            done: self.done,
            rate: self.done as f64 / took.as_secs_f64().max(f64::MIN_POSITIVE),
            latency_ms: Latencies { p50, p90, p99, p999, max },
            answers,
            errors: self.errors + missing,
            not_asked: self.not_asked,
            interrupted,
            nothing_answers: self.unanswered > 0 && self.unanswered + self.not_asked == self.done,
        }
    }
}

/// What came of a call.
pub(super) enum Outcome {
    NotAsked,
    Answer { status: u16 },
    NoAnswer { why: String },
}

impl From<&Verdict> for Outcome {
    fn from(verdict: &Verdict) -> Self {
        match (verdict.reply(), verdict.failure()) {
            (Some(reply), _) => Self::Answer { status: reply.status() },
            (None, Some(failure)) => Self::NoAnswer { why: failure.kind().to_string() },
            (None, None) => Self::NotAsked,
        }
    }
}

impl Summary {
    pub(super) fn print(&self, output: &Output) -> io::Result<()> {
        output.object(self)?;
        let Latencies { p50, p90, p99, p999, max } = self.latency_ms;
        let mut latencies = output::table(["latency", "p50", "p90", "p99", "p99.9", "max"]);
        latencies.add_row(
            ["ms"]
                .map(str::to_owned)
                .into_iter()
                .chain([p50, p90, p99, p999, max].map(|ms| format!("{ms:.1}"))),
        );
        let mut answers = output::table(["status", "calls"]);
        for (name, count) in &self.answers {
            answers.add_row([name, &count.to_string()]);
        }
        let asked = if self.interrupted { ", interrupted" } else { "" };
        output.line(format_args!("{} of {} calls, {:.1}/s{asked}\n", self.done, self.planned, self.rate))?;
        output.table(&latencies)?;
        output.line("")?;
        output.table(&answers)?;
        if self.not_asked > 0 {
            output.line(format_args!(
                "\n{} calls were not made: restClientConfig does not want them",
                self.not_asked
            ))?;
        }
        Ok(())
    }

    /// The limits that are exceeded, in words.
    pub(super) fn exceeds(&self, max_p99: Option<f64>, max_errors: Option<u64>) -> Vec<String> {
        let p99 = max_p99.filter(|most| self.latency_ms.p99 > *most);
        let errors = max_errors.filter(|most| self.errors > *most);
        let p99 =
            p99.map(|most| format!("{BAD}p99 is {:.1} ms, more than {most}{BAD:#}", self.latency_ms.p99));
        let errors = errors.map(|most| format!("{BAD}{} errors, more than {most}{BAD:#}", self.errors));
        p99.into_iter().chain(errors).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn answer(status: u16) -> Outcome {
        Outcome::Answer { status }
    }

    #[test]
    fn latencies_and_answers_are_counted() {
        let mut tally = Tally::new().unwrap();
        for millisecond in 1..=100 {
            tally.add(answer(if millisecond <= 98 { 200 } else { 503 }), Duration::from_millis(millisecond));
        }
        tally.add(Outcome::NotAsked, Duration::from_secs(9));
        let summary = tally.sum(104, Duration::from_secs(2), false);
        let near = |got: f64, expected: f64| (got - expected).abs() < expected / 500.0;
        let Latencies { p50, p90, p99, p999, max } = summary.latency_ms;
        assert!(
            near(p50, 50.0) && near(p90, 90.0) && near(p99, 99.0) && near(p999, 100.0) && near(max, 100.0)
        );
        assert!(near(summary.rate, 50.5));
        let answers: Vec<_> = summary.answers.iter().map(|(name, count)| (&**name, *count)).collect();
        assert_eq!(answers, [("200", 98), ("503", 2), ("not made in time", 3)]);
        assert_eq!((summary.done, summary.errors, summary.not_asked), (101, 5, 1));
        assert_eq!(tally.sum(104, Duration::from_secs(2), true).errors, 2);
    }

    #[test]
    fn limits() {
        let mut tally = Tally::new().unwrap();
        tally.add(answer(500), Duration::from_millis(20));
        let summary = tally.sum(1, Duration::from_secs(1), false);
        for (max_p99, max_errors, exceeded) in [
            (None, None, 0),
            (Some(30.0), Some(1), 0),
            (Some(10.0), None, 1),
            (None, Some(0), 1),
            (Some(1.0), Some(0), 2),
        ] {
            assert_eq!(summary.exceeds(max_p99, max_errors).len(), exceeded, "{max_p99:?} {max_errors:?}");
        }
    }
}
