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
    /// A file of keys was read again.
    Keys,
    /// Anything else while a call was answered, such as a layer of `tracing`.
    Answer,
}

impl Place {
    pub(crate) const ALL: [(Self, &str); 4] = [
        (Self::Observer, "observer"),
        (Self::Metrics, "metrics"),
        (Self::Keys, "keys"),
        (Self::Answer, "answering"),
    ];
}

/// Counts panics by place, and logs the first of each.
#[derive(Debug, Default)]
pub(crate) struct Panics([AtomicU64; Place::ALL.len()]);

impl Panics {
    /// Runs it to its end, or to its panic: then there is nothing.
    pub(crate) fn catch<T>(&self, place: Place, run: impl FnOnce() -> T) -> Option<T> {
        catch_unwind(AssertUnwindSafe(run)).map_err(|_| self.add(place)).ok()
    }

    /// A panic that was caught.
    pub(crate) fn add(&self, place: Place) {
        if self.0[place as usize].fetch_add(1, Relaxed) == 0 {
            // What panics may be what logs.
            drop(catch_unwind(|| {
                tracing::error!(?place, "a panic beside the handlers: hooks are answered all the same");
            }));
        }
    }

    pub(crate) fn count(&self, place: Place) -> u64 {
        self.0[place as usize].load(Relaxed)
    }
}
