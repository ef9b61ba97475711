//! The end of calls that nobody answers.

use std::{future::pending, sync::Arc};

use tokio::time::{Instant, sleep_until};

use super::{Leg, Session, Sip};

impl Session {
    /// When a call that begins to ring now has rung for too long.
    pub(super) fn rings_until(&self) -> Option<Instant> {
        Instant::now().checked_add(self.shared.limits.ringing)
    }

    /// Waits until a call has rung here for too long, and gives its `callId`.
    pub(in crate::session) fn unanswered(&self) -> impl Future<Output = Arc<str>> + use<> {
        let first = self.calls.iter().filter_map(Leg::rings_until).min();
        async move {
            let Some((until, id)) = first else { return pending().await };
            sleep_until(until).await;
            id
        }
    }

    /// Nobody has answered a call in time.
    pub(in crate::session) async fn give_up(&mut self, id: &str) {
        self.leave_call(id, Sip::TIMEOUT).await;
    }
}

impl Leg {
    fn rings_until(&self) -> Option<(Instant, Arc<str>)> {
        let until = self.rings_until.filter(|_| !self.is_answered)?;
        Some((until, Arc::clone(&self.id)))
    }
}
