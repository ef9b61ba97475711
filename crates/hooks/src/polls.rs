//! Handlers that keep their thread: [`watch`].

use std::{
    future::{Future, poll_fn},
    pin::pin,
    time::{Duration, Instant},
};

/// A handler that keeps its thread for so long without waiting for anything makes all others of the thread wait.
pub(crate) const LONG: Duration = Duration::from_millis(100);

/// Awaits it, and tells how long each poll took that was no shorter than `long`. `begun` is when the first began. The clock is
/// the system's, which goes on while a thread is blocked.
pub(crate) async fn watch<F: Future>(
    future: F,
    begun: Instant,
    long: Duration,
    blocked: impl Fn(Duration),
) -> F::Output {
    let (mut future, mut begun) = (pin!(future), Some(begun));
    poll_fn(|cx| {
        let poll_begun = begun.take().unwrap_or_else(Instant::now);
        let polled = future.as_mut().poll(cx);
        let took = poll_begun.elapsed();
        if took >= long {
            blocked(took);
        }
        polled
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use tokio::task::yield_now;

    use super::*;

    async fn polls(future: impl Future<Output = ()>, begun: Instant, long: Duration) -> Vec<Duration> {
        let seen = RefCell::new(Vec::new());
        watch(future, begun, long, |took| seen.borrow_mut().push(took)).await;
        seen.into_inner()
    }

    #[tokio::test]
    async fn each_poll_is_measured_by_itself() {
        let now = Instant::now();
        assert_eq!(polls(yield_now(), now, Duration::ZERO).await.len(), 2);
        assert!(polls(yield_now(), now, Duration::from_hours(1)).await.is_empty());
        // The first counts from its begin, the second from when it is polled.
        let long_ago = now.checked_sub(LONG * 10);
        let long = polls(yield_now(), long_ago.unwrap(), LONG).await;
        assert!(long.len() == 1 && long[0] >= LONG * 10, "{long:?}");
    }
}
