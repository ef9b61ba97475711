//! Calls between two registered logins. Spec §7.5 to §7.7.

use wcs_hooks_protocol::{HookName, Object};

use super::Session;
use crate::frame::Frame;

/// What the other side of a call does.
pub(crate) enum CallInput {}

impl Session {
    /// A client's message about a call.
    #[expect(clippy::unused_async, reason = "calls wait for the backend")]
    pub(super) async fn call_action(&mut self, hook: HookName, _call: &Object<'_>) {
        self.tell(&Frame::failed(format!("{hook} is not supported"), Some(HookName::CallStatus), None));
    }

    #[expect(clippy::unused_async, reason = "calls wait for the backend")]
    pub(super) async fn call_input(&mut self, input: CallInput) {
        match input {}
    }

    /// All calls end with the session.
    #[expect(clippy::unused_async, reason = "calls wait for the backend")]
    pub(super) async fn end_calls(&mut self) {}
}
