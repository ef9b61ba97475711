//! What a hook says has changed: [`Change`]. Pure functions of what came and what was answered.

use std::time::SystemTime;

use wcs_hooks_protocol::{
    Edits, FieldValue, HookContext, HookName, Object,
    status::{CallStatus, SessionStatus, StreamStatus},
};

use super::record::{Call, Id, Session, Stream};

/// What a hook says of a session, a stream or a call. What it does to what is live is for a [`Store`](super::Store) to say.
///
/// ```
/// use wcs_hooks::registry::{Change, Id};
///
/// /// What is to be taken away.
/// fn ended(change: &Change) -> Option<&Id> {
///     match change {
///         Change::SessionEnded(id) | Change::StreamEnded(id) | Change::CallEnded(id) => Some(id),
///         _ => None,
///     }
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// `connect` was accepted: a session begins.
    SessionAccepted(Session),
    /// `ConnectionStatusEvent` `ESTABLISHED`.
    SessionEstablished(Session),
    /// `ConnectionStatusEvent` `DISCONNECTED` or `FAILED`.
    SessionEnded(Id),
    /// A stream is live: `PUBLISHING`, `PLAYING` or `PAUSED`, in a status event or a keep-alive.
    StreamLive(Stream),
    /// `UNPUBLISHED`, `STOPPED` or `FAILED`.
    StreamEnded(Id),
    /// Something else of a stream: it is still there if it was.
    StreamSeen(Id),
    /// `OnCallEvent` was accepted, or `CallStatusEvent` says that the call goes on.
    CallLive(Call),
    /// `FINISH`, `BUSY` or `FAILED`.
    CallEnded(Id),
}

/// The hooks that say something.
pub(crate) fn is_watched(hook: HookName) -> bool {
    matches!(
        hook,
        HookName::Connect
            | HookName::ConnectionStatus
            | HookName::StreamStatus
            | HookName::StreamKeepAlive
            | HookName::OnCall
            | HookName::CallStatus
    )
}

/// Whether a hook says something only if it is accepted.
pub(super) fn is_decided(hook: HookName) -> bool {
    matches!(hook, HookName::Connect | HookName::OnCall)
}

impl Change {
    /// What a hook says; `None` if nothing, or if it does not name the session and the stream or call. `edits` are what the backend changes of it.
    pub(super) fn of(hook: HookName, received: &Object<'_>, edits: &Edits) -> Option<Self> {
        let context = HookContext::read(received);
        let seen = Seen { context, received, edits };
        if seen.context.session_id.is_empty() {
            return None;
        }
        match hook {
            HookName::Connect => Some(Self::SessionAccepted(seen.session())),
            HookName::ConnectionStatus => seen.connection_status(),
            HookName::StreamStatus | HookName::StreamKeepAlive => seen.stream_status(),
            HookName::OnCall => seen.call_at(CallStatus::Pending),
            HookName::CallStatus => seen.call_at(seen.read("status")?),
            _ => None,
        }
    }
}

struct Seen<'a> {
    context: HookContext,
    received: &'a Object<'a>,
    edits: &'a Edits,
}

impl Seen<'_> {
    fn read<T: FieldValue>(&self, field: &str) -> Option<T> {
        let json = self.edits.get(field).or_else(|| self.received.get(field))?;
        T::read(json)
    }

    fn text(&self, field: &str) -> String {
        self.read(field).unwrap_or_default()
    }

    fn connection_status(&self) -> Option<Change> {
        match self.read("status")? {
            SessionStatus::Established => {
                Some(Change::SessionEstablished(Session { is_established: true, ..self.session() }))
            }
            SessionStatus::Disconnected | SessionStatus::Failed => {
                Some(Change::SessionEnded(Id::of_session(&self.context)))
            }
            _ => None,
        }
    }

    fn session(&self) -> Session {
        let login = self.text("login");
        Session {
            id: Id::of_session(&self.context),
            app_key: self.context.app_key.clone(),
            login: if login.is_empty() { self.text("sipLogin") } else { login },
            is_established: false,
            since: SystemTime::now(),
        }
    }

    fn stream_status(&self) -> Option<Change> {
        let stream = self.stream();
        if stream.id.own.is_empty() {
            return None;
        }
        Some(match self.read("status")? {
            StreamStatus::Publishing => Change::StreamLive(Stream { is_published: true, ..stream }),
            StreamStatus::Playing | StreamStatus::Paused => Change::StreamLive(stream),
            StreamStatus::Unpublished | StreamStatus::Stopped | StreamStatus::Failed => {
                Change::StreamEnded(stream.id)
            }
            _ => Change::StreamSeen(stream.id),
        })
    }

    fn stream(&self) -> Stream {
        Stream {
            id: Id::new(&self.context, self.text("mediaSessionId")),
            app_key: self.context.app_key.clone(),
            name: self.text("name"),
            is_published: self.read("published").unwrap_or(false),
            create_date: self.read::<Option<i64>>("createDate").flatten(),
            since: SystemTime::now(),
        }
    }

    fn call_at(&self, status: CallStatus) -> Option<Change> {
        let call = self.call(status);
        if call.id.own.is_empty() {
            return None;
        }
        Some(match call.status {
            CallStatus::Finish | CallStatus::Busy | CallStatus::Failed => Change::CallEnded(call.id),
            _ => Change::CallLive(call),
        })
    }

    fn call(&self, status: CallStatus) -> Call {
        Call {
            id: Id::new(&self.context, self.text("callId")),
            app_key: self.context.app_key.clone(),
            caller: self.text("caller"),
            callee: self.text("callee"),
            is_incoming: self.read("incoming").unwrap_or(false),
            status,
            since: SystemTime::now(),
        }
    }
}
