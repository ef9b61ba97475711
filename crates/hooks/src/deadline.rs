//! How long what a call waits for may take: [`Deadline`].

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    task::Poll,
    time::Duration,
};

use tokio::time::{Instant, timeout_at};

/// Counts from the first time that something has to be waited for: what is ready at once costs no look at the clock.
pub(crate) struct Deadline {
    /// Zero is without end.
    after: Duration,
    at: Option<Instant>,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Passed;

impl Deadline {
    pub(crate) fn new(after: Duration) -> Self {
        Self { after, at: None }
    }

    /// What the future gives, if it does before the deadline; else it is cancelled.
    pub(crate) async fn bound<F: Future>(&mut self, future: F) -> Result<F::Output, Passed> {
        let mut future = pin!(future);
        if let Poll::Ready(output) = poll_once(future.as_mut()).await {
            return Ok(output);
        }
        match self.at() {
            // A timer is large: calls that need none are not to have room for it.
            Some(at) => Box::pin(timeout_at(at, future)).await.map_err(|_| Passed),
            None => Ok(future.await),
        }
    }

    fn at(&mut self) -> Option<Instant> {
        if self.at.is_none() && !self.after.is_zero() {
            self.at = Instant::now().checked_add(self.after);
        }
        self.at
    }
}

async fn poll_once<F: Future>(mut future: Pin<&mut F>) -> Poll<F::Output> {
    poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx))).await
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use tokio::time::sleep;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_counts_from_the_first_wait_and_spans_all_of_them() {
        let second = Duration::from_secs(1);
        let mut deadline = Deadline::new(3 * second);
        sleep(5 * second).await;
        assert_eq!(deadline.bound(ready(1)).await, Ok(1));
        let started = Instant::now();
        assert_eq!(deadline.bound(sleep(2 * second)).await, Ok(()));
        assert_eq!(deadline.bound(pending::<()>()).await, Err(Passed));
        assert_eq!(started.elapsed(), 3 * second);
        assert_eq!(deadline.bound(ready(2)).await, Ok(2));
    }

    #[tokio::test(start_paused = true)]
    async fn none_and_one_beyond_the_clock_do_not_end() {
        for endless in [Duration::ZERO, Duration::MAX] {
            assert_eq!(Deadline::new(endless).bound(sleep(Duration::from_hours(24))).await, Ok(()));
        }
    }
}
