//! What sessions share: [`Hub`].

mod calls;
mod places;
mod streams;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::{Notify, mpsc};

pub(crate) use calls::CallEntry;
pub(crate) use places::{Place, Places};
pub(crate) use streams::StreamEntry;

use crate::session::Input;

/// Who is connected, which streams there are and who is logged in. One short lock; nothing is awaited in it.
pub(crate) struct Hub {
    node_id: Mutex<String>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    sessions: HashMap<String, Member>,
    logins: HashMap<String, String>,
    streams: streams::Streams,
    calls: calls::Calls,
}

/// A session that is connected. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Member {
    /// The `sessionId`.
    pub(crate) id: Arc<str>,
    /// What came of `connect`, as JSON with the context.
    pub(crate) connection: Arc<str>,
    pub(crate) mailbox: Mailbox,
}

/// Where others put what a session has to handle. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Mailbox {
    sender: mpsc::Sender<Input>,
    overflow: Arc<Notify>,
}

/// A session is gone, or lags behind so far that it is disconnected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Undelivered;

impl Mailbox {
    /// A mailbox, and the ends from which it is read: what comes in, and that it has overflowed.
    pub(crate) fn new(room: usize) -> (Self, mpsc::Receiver<Input>, Arc<Notify>) {
        let (sender, receiver) = mpsc::channel(room.max(1));
        let overflow = Arc::<Notify>::default();
        (Self { sender, overflow: Arc::clone(&overflow) }, receiver, overflow)
    }

    /// Puts something in. It never waits, since two sessions that wait for each other would do so for ever.
    ///
    /// # Errors
    /// If the session is gone or has no room. One without room is disconnected: it would miss something.
    pub(crate) fn put(&self, input: Input) -> Result<(), Undelivered> {
        self.sender.try_send(input).map_err(|error| {
            if matches!(error, mpsc::error::TrySendError::Full(_)) {
                self.overflow.notify_one();
            }
            Undelivered
        })
    }
}

impl Hub {
    pub(crate) fn new(node_id: String) -> Self {
        Self { node_id: Mutex::new(node_id), state: Mutex::default() }
    }

    /// The `nodeId` of sessions that connect from now on.
    pub(crate) fn node_id(&self) -> String {
        self.node_id.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_node_id(&self, node_id: String) {
        *self.node_id.lock().unwrap_or_else(PoisonError::into_inner) = node_id;
    }

    /// A session is connected.
    pub(crate) fn join(&self, member: Member) {
        self.state().sessions.insert(member.id.to_string(), member);
    }

    /// A session is gone. Its streams have been ended before.
    pub(crate) fn leave(&self, session_id: &str) {
        let mut state = self.state();
        state.sessions.remove(session_id);
        state.logins.retain(|_, session| session != session_id);
    }

    pub(crate) fn session(&self, session_id: &str) -> Option<Member> {
        self.state().sessions.get(session_id).cloned()
    }

    pub(crate) fn sessions(&self) -> Vec<Member> {
        self.state().sessions.values().cloned().collect()
    }

    /// Calls for this login go to this session. The one that registered last counts.
    pub(crate) fn register(&self, login: &str, session_id: &str) {
        self.state().logins.insert(login.to_owned(), session_id.to_owned());
    }

    /// Who is registered with this login.
    pub(crate) fn registered(&self, login: &str) -> Option<Member> {
        let state = self.state();
        state.sessions.get(state.logins.get(login)?).cloned()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
