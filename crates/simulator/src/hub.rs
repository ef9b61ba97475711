//! What sessions share: [`Hub`].

mod calls;
mod places;
mod streams;

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::sync::{Notify, mpsc};

pub(crate) use calls::CallEntry;
pub(crate) use places::{Place, Places};
pub(crate) use streams::StreamEntry;

use crate::session::Input;

/// Who is connected, which streams there are and who is logged in. One short lock; nothing is awaited in it.
pub(crate) struct Hub {
    node_id: Mutex<String>,
    /// How many times WCS has crashed.
    crashes: AtomicUsize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    sessions: HashMap<Arc<str>, Joined>,
    /// The session that registered a login last.
    logins: HashMap<Arc<str>, Arc<str>>,
    /// The session that is kept for a token.
    tokens: HashMap<Arc<str>, Arc<str>>,
    streams: streams::Streams,
    calls: calls::Calls,
}

/// A session, and under what else it is found.
struct Joined {
    member: Member,
    login: Option<Arc<str>>,
    token: Option<Arc<str>>,
}

/// A session that is connected. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Member {
    /// The `sessionId`.
    pub(crate) id: Arc<str>,
    /// The `appKey`.
    pub(crate) app_key: Arc<str>,
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
        Self { node_id: Mutex::new(node_id), crashes: AtomicUsize::new(0), state: Mutex::default() }
    }

    /// The `nodeId` of sessions that connect from now on.
    pub(crate) fn node_id(&self) -> String {
        self.node_id.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_node_id(&self, node_id: String) {
        *self.node_id.lock().unwrap_or_else(PoisonError::into_inner) = node_id;
    }

    /// How many times WCS has crashed. Who has connected in between is gone.
    pub(crate) fn crashes(&self) -> usize {
        self.crashes.load(Ordering::SeqCst)
    }

    /// WCS crashes: gives who was connected.
    pub(crate) fn crash(&self) -> Vec<Member> {
        self.crashes.fetch_add(1, Ordering::SeqCst);
        self.sessions()
    }

    /// A session is connected.
    pub(crate) fn join(&self, member: Member) {
        let joined = Joined { member: member.clone(), login: None, token: None };
        self.state().sessions.insert(member.id, joined);
    }

    /// A session is gone. Its streams have been ended before.
    pub(crate) fn leave(&self, session_id: &str) {
        let state = &mut *self.state();
        let Some(Joined { login, token, .. }) = state.sessions.remove(session_id) else { return };
        for (names, name) in [(&mut state.logins, login), (&mut state.tokens, token)] {
            if name.as_ref().and_then(|name| names.get(name)).is_some_and(|id| **id == *session_id) {
                name.and_then(|name| names.remove(&name));
            }
        }
    }

    pub(crate) fn session(&self, session_id: &str) -> Option<Member> {
        self.state().sessions.get(session_id).map(|joined| joined.member.clone())
    }

    pub(crate) fn sessions(&self) -> Vec<Member> {
        self.state().sessions.values().map(|joined| joined.member.clone()).collect()
    }

    /// Calls for this login go to this session. The one that registered last counts.
    pub(crate) fn register(&self, login: &str, session_id: &Arc<str>) {
        let state = &mut *self.state();
        let Some(joined) = state.sessions.get_mut(session_id) else { return };
        let login = Arc::<str>::from(login);
        joined.login = Some(Arc::clone(&login));
        state.logins.insert(login, Arc::clone(session_id));
    }

    /// Who is registered with this login.
    pub(crate) fn registered(&self, login: &str) -> Option<Member> {
        let state = self.state();
        state.sessions.get(state.logins.get(login)?).map(|joined| joined.member.clone())
    }

    /// Whether a session has registered a login.
    pub(crate) fn is_registered(&self, session_id: &str) -> bool {
        self.state().sessions.get(session_id).is_some_and(|joined| joined.login.is_some())
    }

    /// A session is kept for whoever has this token.
    pub(crate) fn keep(&self, token: &str, session_id: &Arc<str>) {
        let state = &mut *self.state();
        let Some(joined) = state.sessions.get_mut(session_id) else { return };
        let token = Arc::<str>::from(token);
        joined.token = Some(Arc::clone(&token));
        state.tokens.insert(token, Arc::clone(session_id));
    }

    /// The session that is kept for this token.
    pub(crate) fn kept(&self, token: &str) -> Option<Member> {
        let state = self.state();
        state.sessions.get(state.tokens.get(token)?).map(|joined| joined.member.clone())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
