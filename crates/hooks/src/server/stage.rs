//! Whether the server serves, leaves, drains or is over.

use std::sync::atomic::{AtomicU8, Ordering};

use tokio::sync::{Notify, futures::Notified};

#[derive(Debug, Default)]
pub(super) struct Stage {
    now: AtomicU8,
    changed: Notify,
}

pub(super) const SERVING: u8 = 0;
/// Connections are still accepted and hooks served, while whoever asks is told that it is not ready. Each connection ends with
/// its next answer.
pub(super) const LEAVING: u8 = 1;
/// No new connections; what is in flight ends.
pub(super) const DRAINING: u8 = 2;
/// Everything ends at once.
pub(super) const CUT: u8 = 3;

impl Stage {
    pub(super) fn now(&self) -> u8 {
        self.now.load(Ordering::Acquire)
    }

    /// There is no way back.
    pub(super) fn advance(&self, stage: u8) {
        if self.now.fetch_max(stage, Ordering::AcqRel) < stage {
            self.changed.notify_waiters();
        }
    }

    /// Is ready when the stage has changed after this was called.
    pub(super) fn changed(&self) -> Notified<'_> {
        self.changed.notified()
    }

    /// Waits until it has come so far.
    pub(super) async fn reached(&self, stage: u8) {
        loop {
            let changed = self.changed();
            if self.now() >= stage {
                return;
            }
            changed.await;
        }
    }
}
