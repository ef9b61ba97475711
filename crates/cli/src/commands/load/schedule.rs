//! When calls are due: pure.

use std::time::Duration;

/// The most calls of a run.
pub(super) const MOST_CALLS: u64 = 10_000_000;

/// Calls at even distances, dealt to sessions in turn.
#[derive(Debug, Clone, Copy)]
pub(super) struct Schedule {
    /// Calls a second.
    pub(super) rate: f64,
    pub(super) calls: u64,
    pub(super) sessions: u64,
}

impl Schedule {
    /// Calls for a time, at least one.
    pub(super) fn lasting(rate: f64, time: Duration, sessions: u64) -> Self {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "too many are refused")]
        let calls = (rate * time.as_secs_f64()) as u64;
        Self { rate, calls: calls.max(1), sessions }
    }

    /// When a call is due, from the start.
    #[allow(clippy::cast_precision_loss, reason = "there are fewer calls than that")]
    pub(super) fn due(self, call: u64) -> Duration {
        Duration::from_secs_f64(call as f64 / self.rate)
    }

    /// The calls of a session.
    pub(super) fn of_session(self, session: u64) -> impl Iterator<Item = u64> {
        (session..self.calls).step_by(usize::try_from(self.sessions).unwrap_or(usize::MAX))
    }

    /// When the last call is due.
    pub(super) fn end(self) -> Duration {
        self.due(self.calls.saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_due_at_even_distances() {
        let schedule = Schedule { rate: 4.0, calls: 9, sessions: 1 };
        let due: Vec<_> = (0..3).map(|call| schedule.due(call).as_millis()).collect();
        assert_eq!(due, [0, 250, 500]);
        assert_eq!(schedule.end(), Duration::from_secs(2));
    }

    #[test]
    fn a_time_holds_as_many_as_the_rate_says() {
        for (rate, seconds, calls) in [(100.0, 10, 1000), (0.5, 10, 5), (0.01, 1, 1)] {
            assert_eq!(Schedule::lasting(rate, Duration::from_secs(seconds), 1).calls, calls);
        }
    }

    #[test]
    fn every_call_belongs_to_one_session() {
        let schedule = Schedule { rate: 1.0, calls: 10, sessions: 3 };
        let of = |session| schedule.of_session(session).collect::<Vec<_>>();
        assert_eq!([of(0), of(1), of(2)], [vec![0, 3, 6, 9], vec![1, 4, 7], vec![2, 5, 8]]);
        let few = Schedule { sessions: 20, ..schedule };
        assert_eq!((0..20).flat_map(|session| few.of_session(session)).count(), 10);
    }
}
