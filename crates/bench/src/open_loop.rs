//! Requests at times that do not depend on the answers, so that a server which stalls is seen to.
//!
//! Arrivals are random (Poisson) with a fixed seed. A latency counts from the time at which the request was due: waiting
//! for a free connection is part of it.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use hdrhistogram::Histogram;
use tokio::task::JoinSet;

use crate::{connection::Connection, requests::Requests};

const SEED: u64 = 1;

/// For nanoseconds up to a minute, in which longer ones are counted.
pub(crate) fn latencies() -> Histogram<u64> {
    Histogram::new_with_bounds(1, 60_000_000_000, 3).expect("valid bounds")
}

/// What came of a run.
pub(crate) struct Answers {
    /// Nanoseconds from when the request was due, for each 200 but those of the first tenth.
    pub(crate) latencies: Histogram<u64>,
    /// All answers, those of the first tenth among them.
    count: u64,
    /// Answers other than 200.
    pub(crate) not_ok: u64,
    /// From the first arrival to the last answer.
    pub(crate) elapsed: Duration,
}

impl Answers {
    pub(crate) fn new() -> Self {
        Self { latencies: latencies(), count: 0, not_ok: 0, elapsed: Duration::ZERO }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.latencies.add(&other.latencies).expect("the same bounds");
        self.count += other.count;
        self.not_ok += other.not_ok;
        self.elapsed += other.elapsed;
    }

    /// Answers a second: less than was offered if the server or this program cannot keep up.
    #[allow(clippy::cast_precision_loss)]
    pub(crate) fn rate(&self) -> f64 {
        self.count as f64 / self.elapsed.as_secs_f64()
    }

    fn record(&mut self, status: u16, latency: Duration) {
        if status == 200 {
            self.latencies.saturating_record(u64::try_from(latency.as_nanos()).unwrap_or(u64::MAX));
        } else {
            self.not_ok += 1;
        }
    }
}

/// Sends `count` requests, `rate` a second, over connections that are free.
pub(crate) async fn run(
    connections: Vec<Connection>,
    requests: &Requests,
    rate: f64,
    count: usize,
) -> Answers {
    let started = Instant::now();
    let arrivals = Arc::new(tokio::sync::Mutex::new(Arrivals::new(rate, count)));
    let answers = Arc::new(Mutex::new(Answers::new()));
    let mut tasks = JoinSet::new();
    for connection in connections {
        tasks.spawn(serve_arrivals(connection, requests.clone(), arrivals.clone(), answers.clone()));
    }
    tasks.join_all().await;
    let mut answers = std::mem::replace(&mut *answers.lock().expect("no panic"), Answers::new());
    answers.elapsed = started.elapsed();
    answers.count = count as u64;
    answers
}

/// The lock lets free connections in in their order, so that all of them are used in turn.
async fn serve_arrivals(
    mut connection: Connection,
    requests: Requests,
    arrivals: Arc<tokio::sync::Mutex<Arrivals>>,
    answers: Arc<Mutex<Answers>>,
) {
    loop {
        let arrival = arrivals.lock().await.next().await;
        let Some(Arrival { due, is_warm }) = arrival else {
            return;
        };
        let status = connection.exchange(requests.next()).await.expect("an answer");
        if is_warm {
            answers.lock().expect("no panic").record(status, due.elapsed());
        }
    }
}

struct Arrivals {
    random: fastrand::Rng,
    mean_gap: f64,
    due: Instant,
    left: usize,
    warm_from: usize,
}

struct Arrival {
    due: Instant,
    is_warm: bool,
}

impl Arrivals {
    fn new(rate: f64, count: usize) -> Self {
        let random = fastrand::Rng::with_seed(SEED);
        Self {
            random,
            mean_gap: rate.recip(),
            due: Instant::now(),
            left: count,
            warm_from: count - count / 10,
        }
    }

    /// Waits for the next one; `None` behind the last. It spins, since tokio's timer has a grain of a millisecond.
    async fn next(&mut self) -> Option<Arrival> {
        self.left = self.left.checked_sub(1)?;
        let gap = self.gap();
        self.due += gap;
        while Instant::now() < self.due {
            tokio::task::yield_now().await;
        }
        Some(Arrival { due: self.due, is_warm: self.left < self.warm_from })
    }

    fn gap(&mut self) -> Duration {
        Duration::from_secs_f64(self.mean_gap * -(1.0 - self.random.f64()).ln())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_have_the_mean_that_the_rate_asks_for() {
        let mut arrivals = Arrivals::new(1000.0, 1);
        let total: Duration = (0..100_000).map(|_| arrivals.gap()).sum();
        assert!((99.0..101.0).contains(&total.as_secs_f64()), "{total:?}");
    }

    #[tokio::test]
    async fn the_first_tenth_is_not_counted() {
        let mut arrivals = Arrivals::new(1e9, 20);
        let mut warm = 0;
        while let Some(arrival) = arrivals.next().await {
            warm += usize::from(arrival.is_warm);
        }
        assert_eq!(warm, 18);
    }

    #[test]
    fn other_answers_are_no_latencies() {
        let mut answers = Answers::new();
        answers.record(200, Duration::from_micros(5));
        answers.record(503, Duration::from_micros(1));
        assert_eq!((answers.latencies.len(), answers.not_ok), (1, 1));
    }
}
