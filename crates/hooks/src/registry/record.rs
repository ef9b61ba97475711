//! What the registry knows of a session, a stream and a call.

use std::{fmt, time::SystemTime};

use wcs_hooks_protocol::{HookContext, status::CallStatus};

/// Which session, stream or call: the node, the session, and the stream's or call's own id.
///
/// It is the identity of a generation. A stream that is published again has another `mediaSessionId`, a call another
/// `callId`; a session may get the same id again, see [`Registry`](super::Registry).
///
/// ```
/// use wcs_hooks::{HookContext, registry::Id};
///
/// let context = HookContext { node_id: "n".into(), app_key: "defaultApp".into(), session_id: "s1".into() };
/// let session = Id::of_session(&context);
/// assert_eq!((&*session.node_id, &*session.session_id, &*session.own), ("n", "s1", ""));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id {
    /// `sessionId`.
    pub session_id: String,
    /// `nodeId`: two servers may give the same id to their sessions.
    pub node_id: String,
    /// `mediaSessionId` of a stream, `callId` of a call; empty for a session.
    pub own: String,
}

impl Id {
    /// The id of a session, by the fields that stand in every hook.
    #[must_use]
    pub fn of_session(context: &HookContext) -> Self {
        Self::new(context, String::new())
    }

    pub(super) fn new(context: &HookContext, own: String) -> Self {
        Self { session_id: context.session_id.clone(), node_id: context.node_id.clone(), own }
    }

    /// The session that it belongs to.
    pub(super) fn session(&self) -> Self {
        Self { own: String::new(), ..self.clone() }
    }
}

/// A client's session.
///
/// ```
/// use wcs_hooks::registry::{Query, Registry, Session};
///
/// /// Where somebody is logged in, more than once perhaps.
/// async fn places(registry: &Registry, login: &str) -> Vec<String> {
///     let Ok(sessions) = registry.sessions(&Query::new().login(login)).await;
///     let place = |session: Session| format!("{} of {}", session.id.session_id, session.id.node_id);
///     sessions.into_iter().filter(|session| session.is_established).map(place).collect()
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Session {
    /// Which one.
    pub id: Id,
    /// `appKey`.
    pub app_key: String,
    /// `login` as the backend left it, or else `sipLogin`; empty if there is neither.
    pub login: String,
    /// Whether `ConnectionStatusEvent` has said so; before that, `connect` was accepted and no more is known.
    pub is_established: bool,
    /// When it was first heard of.
    pub since: SystemTime,
}

/// A stream that is published or played.
///
/// ```
/// use wcs_hooks::registry::{Query, Registry};
///
/// /// How many watch.
/// async fn viewers(registry: &Registry, name: &str) -> usize {
///     let Ok(streams) = registry.streams(&Query::new().name(name)).await;
///     streams.iter().filter(|stream| !stream.is_published).count()
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stream {
    /// Which one.
    pub id: Id,
    /// `appKey`.
    pub app_key: String,
    /// The stream's name, as events have it.
    pub name: String,
    /// Published by its session, or else played.
    pub is_published: bool,
    /// `createDate`: milliseconds since 1970, newer builds only.
    pub create_date: Option<i64>,
    /// When it was first heard of.
    pub since: SystemTime,
}

/// A call.
///
/// ```
/// use wcs_hooks::{registry::{Query, Registry}, status::CallStatus};
///
/// /// Whether somebody is on the telephone.
/// async fn is_busy(registry: &Registry, login: &str) -> bool {
///     let Ok(calls) = registry.calls(&Query::new().login(login)).await;
///     calls.iter().any(|call| call.status == CallStatus::Established)
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Call {
    /// Which one.
    pub id: Id,
    /// `appKey`.
    pub app_key: String,
    /// Who calls.
    pub caller: String,
    /// Who is called.
    pub callee: String,
    /// Whether it came from outside.
    pub is_incoming: bool,
    /// How far it has come. It does not go back from `ESTABLISHED` or `HOLD` to what comes before them.
    pub status: CallStatus,
    /// When it was first heard of.
    pub since: SystemTime,
}

/// What all three have in common.
pub(super) trait Record: Clone + fmt::Debug {
    fn id(&self) -> &Id;

    fn app_key(&self) -> &str;

    /// What it is looked up by, beside its id: a session's login, a stream's name.
    fn label(&self) -> &str;

    /// Whether it may be what a query for streams of this name is after.
    fn may_be_named(&self, name: &str) -> bool {
        let _ = name;
        true
    }

    /// When it was first heard of.
    fn since(&self) -> SystemTime;

    /// Takes over what a later event says of the same one.
    fn update(&mut self, later: Self);

    /// The bytes of its texts.
    fn size(&self) -> usize {
        let Id { session_id, node_id, own } = self.id();
        session_id.len() + node_id.len() + own.len() + self.app_key().len() + self.label().len()
    }
}

impl Record for Session {
    fn id(&self) -> &Id {
        &self.id
    }

    fn app_key(&self) -> &str {
        &self.app_key
    }

    fn label(&self) -> &str {
        &self.login
    }

    fn since(&self) -> SystemTime {
        self.since
    }

    fn update(&mut self, later: Self) {
        self.is_established |= later.is_established;
        if !later.login.is_empty() {
            self.login = later.login;
        }
    }
}

impl Record for Stream {
    fn id(&self) -> &Id {
        &self.id
    }

    fn app_key(&self) -> &str {
        &self.app_key
    }

    fn label(&self) -> &str {
        &self.name
    }

    fn may_be_named(&self, name: &str) -> bool {
        self.name == name
    }

    fn since(&self) -> SystemTime {
        self.since
    }

    fn update(&mut self, later: Self) {
        *self = Self { since: self.since, create_date: later.create_date.or(self.create_date), ..later };
    }
}

impl Record for Call {
    fn id(&self) -> &Id {
        &self.id
    }

    fn app_key(&self) -> &str {
        &self.app_key
    }

    fn label(&self) -> &'static str {
        ""
    }

    fn since(&self) -> SystemTime {
        self.since
    }

    fn update(&mut self, later: Self) {
        if progress(&later.status) >= progress(&self.status) {
            self.status = later.status;
        }
        for (known, later) in [(&mut self.caller, later.caller), (&mut self.callee, later.callee)] {
            if !later.is_empty() {
                *known = later;
            }
        }
        self.is_incoming |= later.is_incoming;
    }

    fn size(&self) -> usize {
        let Id { session_id, node_id, own } = &self.id;
        let ids = session_id.len() + node_id.len() + own.len();
        ids + self.app_key.len() + self.caller.len() + self.callee.len() + self.status.as_str().len()
    }
}

/// How far a call has come. A status that is not known says nothing of it.
fn progress(status: &CallStatus) -> u8 {
    match status {
        CallStatus::New | CallStatus::Pending => 1,
        CallStatus::Trying => 2,
        CallStatus::Ring | CallStatus::RingMedia | CallStatus::SessionProgress => 3,
        CallStatus::Established | CallStatus::Hold => 4,
        _ => 0,
    }
}
