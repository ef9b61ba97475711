//! Lets calls go when they are due: [`pace`].
//!
//! A thread of its own waits for each: the runtime's timer has a grain of a millisecond, which would be part of every
//! latency.

use std::{
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError},
    },
    time::Instant,
};

use tokio::sync::Semaphore;

use super::schedule::Schedule;

/// Gives each session a permit for each of its calls, when it is due. Ends early when the other end of `stop` is gone.
pub(super) fn pace(schedule: Schedule, started: Instant, sessions: &[Arc<Semaphore>], stop: &Receiver<()>) {
    for call in 0..schedule.calls {
        let wait = schedule.due(call).saturating_sub(started.elapsed());
        if !wait.is_zero() && stop.recv_timeout(wait) != Err(RecvTimeoutError::Timeout) {
            return;
        }
        let session = usize::try_from(call % schedule.sessions).unwrap_or_default();
        sessions[session].add_permits(1);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn every_session_gets_its_permits_and_none_after_the_stop() {
        let sessions: Vec<_> = (0..3).map(|_| Arc::new(Semaphore::new(0))).collect();
        let permits = || sessions.iter().map(|session| session.available_permits()).collect::<Vec<_>>();
        let (keep, stop) = mpsc::channel();
        let schedule = Schedule { rate: 1e6, calls: 10, sessions: 3 };
        pace(schedule, Instant::now(), &sessions, &stop);
        assert_eq!(permits(), [4, 3, 3]);
        drop(keep);
        pace(Schedule { rate: 0.001, ..schedule }, Instant::now(), &sessions, &stop);
        assert_eq!(permits(), [5, 3, 3]);
    }
}
