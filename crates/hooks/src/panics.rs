//! Panics beside the handlers, of code that is not ours: [`Panics`].

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

/// Whose code it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// An [`Observer`](crate::Observer) was told of a call.
    Observer,
    /// A [`Source`](crate::metrics::Source) wrote its numbers.
    Metrics,
    /// Anything else while a call was answered, such as a layer of `tracing`.
    Answer,
}

impl Place {
    pub(crate) const ALL: [(Self, &str); 3] =
        [(Self::Observer, "observer"), (Self::Metrics, "metrics"), (Self::Answer, "answer")];
}

/// Counts panics by place, and logs the first of each.
#[derive(Debug, Default)]
pub(crate) struct Panics([AtomicU64; Place::ALL.len()]);

impl Panics {
    /// Runs it to its end or its panic.
    pub(crate) fn catch(&self, place: Place, run: impl FnOnce()) {
        if catch_unwind(AssertUnwindSafe(run)).is_err() {
            self.add(place);
        }
    }

    /// A panic that was caught.
    pub(crate) fn add(&self, place: Place) {
        if self.0[place as usize].fetch_add(1, Relaxed) == 0 {
            // What panics may be what logs.
            drop(catch_unwind(|| {
                tracing::error!(?place, "panicked beside the handlers: the answer is given all the same");
            }));
        }
    }

    pub(crate) fn count(&self, place: Place) -> u64 {
        self.0[place as usize].load(Relaxed)
    }
}
