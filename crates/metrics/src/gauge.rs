//! How much there is now: [`Gauge`].

use std::sync::atomic::{AtomicU64, Ordering};

/// How many there are now. It goes up by [`Gauge::enter`] and down when what that gives is dropped, so that nothing stays
/// counted that has been cancelled.
///
/// ```
/// use wcs_hooks_metrics::Gauge;
///
/// let in_flight = Gauge::default();
/// let entered = in_flight.enter();
/// assert_eq!(in_flight.value(), 1);
/// drop(entered);
/// assert_eq!(in_flight.value(), 0);
/// ```
#[derive(Debug, Default)]
pub struct Gauge(AtomicU64);

impl Gauge {
    /// One more, until the guard is dropped.
    #[must_use = "it counts until it is dropped"]
    pub fn enter(&self) -> Entered<'_> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Entered(self)
    }

    /// How many there are.
    #[must_use]
    pub fn value(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Is counted by a [`Gauge`] until it is dropped.
#[derive(Debug)]
pub struct Entered<'a>(&'a Gauge);

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}
