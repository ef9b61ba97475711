//! Events that wait for the next hook of their session: [`Held`].

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::oneshot;

/// The most sessions of which an event is held back.
const MOST: usize = 10_000;

/// At most one event of a session is held back: the next one is what it waits for.
#[derive(Default)]
pub(super) struct Held {
    by_session: Mutex<HashMap<String, oneshot::Sender<()>>>,
}

impl Held {
    /// Holds an event back until what is returned is ready. `None` if one is held back already, or too many are.
    pub(super) fn hold(&self, session_id: &str) -> Option<oneshot::Receiver<()>> {
        let mut held = self.held();
        if held.len() >= MOST || held.contains_key(session_id) {
            return None;
        }
        let (release, released) = oneshot::channel();
        held.insert(session_id.to_owned(), release);
        Some(released)
    }

    /// Another hook of the session is through, or the event has waited for long enough.
    pub(super) fn release(&self, session_id: &str) {
        if let Some(release) = self.held().remove(session_id) {
            let _ = release.send(());
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.held().is_empty()
    }

    fn held(&self) -> MutexGuard<'_, HashMap<String, oneshot::Sender<()>>> {
        self.by_session.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
