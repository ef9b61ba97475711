//! How late the runtime is: [`Lag`].

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::{Instant, sleep};

use super::reload::Current;

/// How often a task asks to be woken.
const EVERY: Duration = Duration::from_millis(100);
/// How long it counts that it was woken late.
pub(super) const WINDOW: Duration = Duration::from_secs(15);

/// How late a task was woken, at worst, in the last 15 s. It is late when handlers keep all threads of the runtime, or there
/// is more to do than there are cores.
pub(super) struct Lag(Mutex<Seen>);

struct Seen {
    woken: Instant,
    /// The latest first: what was followed by something later is left out.
    late: VecDeque<(Instant, Duration)>,
}

impl Default for Lag {
    fn default() -> Self {
        Self(Mutex::new(Seen { woken: Instant::now(), late: VecDeque::new() }))
    }
}

impl Lag {
    /// At worst; also if the task is late at this moment.
    pub(super) fn worst(&self) -> Duration {
        let (now, seen) = (Instant::now(), self.seen());
        let late = seen.late.iter().find(|(at, _)| now.duration_since(*at) < WINDOW);
        late.map_or(Duration::ZERO, |(_, late)| *late).max(seen.late_by(now))
    }

    fn woken(&self) {
        let (now, mut seen) = (Instant::now(), self.seen());
        let late = seen.late_by(now);
        seen.woken = now;
        seen.late.retain(|(at, before)| *before > late && now.duration_since(*at) < WINDOW);
        seen.late.push_back((now, late));
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seen {
    fn late_by(&self, now: Instant) -> Duration {
        now.duration_since(self.woken).saturating_sub(EVERY)
    }
}

/// Until it is dropped. What else is due now and then is done here too.
pub(super) async fn watch(current: Arc<Current>) {
    current.lag.woken();
    loop {
        sleep(EVERY).await;
        current.lag.woken();
        current.backend.shared.rejections.sum_up();
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_is_the_worst_of_the_last_seconds_and_of_now() {
        let (lag, ms) = (Lag::default(), Duration::from_millis);
        let late = async |by: u64| {
            advance(EVERY + ms(by)).await;
            lag.woken();
        };
        late(0).await;
        assert_eq!(lag.worst(), ms(0));
        late(700).await;
        late(300).await;
        late(0).await;
        assert_eq!(lag.worst(), ms(700));
        // Not woken since, so it is late now.
        advance(EVERY + ms(900)).await;
        assert_eq!(lag.worst(), ms(900));
        lag.woken();
        for _ in 0..150 {
            late(0).await;
        }
        assert_eq!(lag.worst(), ms(0));
    }
}
