//! How a session ends. Spec §7.2.

use wcs_hooks_dispatcher::status::SessionStatus;

use super::Session;

impl Session {
    /// Tells the backend of everything that ends: streams, then calls, then the session.
    pub(super) async fn leave(mut self) {
        if self.is_gone {
            return;
        }
        self.end_streams().await;
        self.end_calls().await;
        self.forget();
        let _ = self.hooks.send_status(SessionStatus::Disconnected).await;
    }

    /// Nothing of it is left, and nobody is told.
    pub(super) fn vanish(&mut self) {
        self.forget();
        self.is_gone = true;
    }

    /// Others do not find the session any more, nor what it has.
    fn forget(&mut self) {
        self.forget_streams();
        self.forget_calls();
        self.shared.hub.leave(&self.id);
    }
}

/// Also if its task ends early: a backend in this process may panic.
impl Drop for Session {
    fn drop(&mut self) {
        self.forget();
    }
}
