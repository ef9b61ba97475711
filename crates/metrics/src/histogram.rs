//! How many of which size: [`Histogram`].

use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// Microseconds: of handlers that only think, of those that ask a database, and of WCS's patience, 15 s by default.
const SECONDS: &[u64] = &[
    50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000,
    2_500_000, 5_000_000, 10_000_000, 15_000_000,
];
/// An event is about 700 bytes, with an SDP some thousands; the default limit of a body is 1 MiB.
const BYTES: &[u64] = &[256, 512, 1_024, 2_048, 4_096, 8_192, 16_384, 65_536, 262_144, 1_048_576];

/// What a [`Histogram`] can record: a duration, or a size in bytes.
pub trait Measure {
    /// The value in the histogram's finest unit: microseconds, or bytes.
    fn in_finest_unit(self) -> u64;
}

impl Measure for Duration {
    fn in_finest_unit(self) -> u64 {
        u64::try_from(self.as_micros()).unwrap_or(u64::MAX)
    }
}

impl Measure for usize {
    fn in_finest_unit(self) -> u64 {
        self as u64
    }
}

/// How many values fell between fixed bounds, and their sum. Recording is two atomic additions.
///
/// ```
/// use std::time::Duration;
/// use wcs_hooks_metrics::Histogram;
///
/// let durations = Histogram::of_seconds();
/// durations.record(Duration::from_millis(3));
/// assert_eq!((durations.count(), durations.sum()), (1, 0.003));
/// ```
pub struct Histogram {
    bounds: &'static [u64],
    finest_per_unit: f64,
    /// One more than there are bounds.
    buckets: Box<[AtomicU64]>,
    sum: AtomicU64,
}

impl Histogram {
    /// Of durations, printed in seconds: bounds from 50 µs to 15 s.
    #[must_use]
    pub fn of_seconds() -> Self {
        Self::new(SECONDS, 1e6)
    }

    /// Of sizes, printed in bytes: bounds from 256 bytes to 1 MiB.
    ///
    /// ```
    /// let sizes = wcs_hooks_metrics::Histogram::of_bytes();
    /// sizes.record(669_usize);
    /// assert_eq!(sizes.sum(), 669.0);
    /// ```
    #[must_use]
    pub fn of_bytes() -> Self {
        Self::new(BYTES, 1.0)
    }

    fn new(bounds: &'static [u64], finest_per_unit: f64) -> Self {
        let buckets = (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect();
        Self { bounds, finest_per_unit, buckets, sum: AtomicU64::new(0) }
    }

    /// Records a value. One that is a bound falls below it.
    pub fn record(&self, value: impl Measure) {
        let value = value.in_finest_unit();
        let bucket = self.bounds.partition_point(|bound| *bound < value);
        self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        self.sum.fetch_add(value, Ordering::Relaxed);
    }

    /// How many values have been recorded.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.buckets.iter().map(load).sum()
    }

    /// The sum of the values, in seconds or bytes.
    #[must_use]
    pub fn sum(&self) -> f64 {
        self.in_units(load(&self.sum))
    }

    /// The upper bounds, the last of which is infinite, and how many values fell below each and not below the one before.
    pub(crate) fn buckets(&self) -> Vec<(f64, u64)> {
        let bounds = self.bounds.iter().map(|bound| self.in_units(*bound));
        bounds.chain([f64::INFINITY]).zip(self.buckets.iter().map(load)).collect()
    }

    #[expect(clippy::cast_precision_loss, reason = "a sum needs no more than 52 bits to be drawn")]
    fn in_units(&self, value: u64) -> f64 {
        value as f64 / self.finest_per_unit
    }
}

fn load(number: &AtomicU64) -> u64 {
    number.load(Ordering::Relaxed)
}

impl fmt::Debug for Histogram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Histogram").field("count", &self.count()).field("sum", &self.sum()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_falls_below_the_first_bound_that_is_not_smaller() {
        for (value, bound) in [
            (Duration::ZERO, 50e-6),
            (Duration::from_micros(50), 50e-6),
            (Duration::from_nanos(50_999), 50e-6),
            (Duration::from_micros(51), 100e-6),
            (Duration::from_secs(15), 15.0),
            (Duration::from_micros(15_000_001), f64::INFINITY),
            (Duration::MAX, f64::INFINITY),
        ] {
            let histogram = Histogram::of_seconds();
            histogram.record(value);
            let filled = histogram.buckets().into_iter().filter(|(_, count)| *count > 0);
            assert_eq!(filled.collect::<Vec<_>>(), [(bound, 1)], "{value:?}");
        }
    }

    #[test]
    fn bounds_rise() {
        for histogram in [Histogram::of_seconds(), Histogram::of_bytes()] {
            assert!(histogram.buckets().is_sorted_by(|(a, _), (b, _)| a < b));
        }
    }
}
