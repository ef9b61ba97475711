//! What follows from an event: [`Effect`], and what participants are told: [`News`].

use std::{fmt, sync::Arc};

use serde::Serialize;
use serde_json::{Value, json};

/// A client's session, on its node.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Session {
    pub(crate) node_id: Arc<str>,
    pub(crate) session_id: Arc<str>,
}

/// To be done outside, in this order within a room.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Effect {
    Tell {
        room: Arc<str>,
        to: Vec<Session>,
        news: News,
    },
    /// WCS is to end a stream whose publisher is not in the room. `id` is its `mediaSessionId`.
    EndStream {
        room: Arc<str>,
        session: Session,
        id: String,
    },
}

impl Effect {
    pub(super) fn tell(room: &Arc<str>, to: Vec<Session>, news: News) -> Self {
        Self::Tell { room: Arc::clone(room), to, news }
    }

    /// Nothing if nobody is there to be told.
    pub(super) fn tell_any(room: &Arc<str>, to: Vec<Session>, news: News) -> Option<Self> {
        (!to.is_empty()).then(|| Self::tell(room, to, news))
    }

    pub(crate) fn room(&self) -> &Arc<str> {
        let (Self::Tell { room, .. } | Self::EndStream { room, .. }) = self;
        room
    }
}

/// What participants of a room are told, in the words of the SDK's room API.
#[derive(Clone, PartialEq, Serialize)]
#[serde(tag = "name", content = "info", rename_all = "UPPERCASE")]
pub(crate) enum News {
    State(Vec<Present>),
    Joined(Arc<str>),
    Left(Arc<str>),
    Published(OfStream),
    Unpublished(OfStream),
    Failed(OfStream),
    Message { from: Arc<str>, text: String },
}

impl News {
    /// `{"roomName":…,"name":…,"info":…}`
    pub(crate) fn payload(&self, room: &str) -> Value {
        let mut payload = json!(self);
        payload["roomName"] = room.into();
        payload
    }
}

/// As JSON.
impl fmt::Debug for News {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&json!(self).to_string())
    }
}

/// A stream: who publishes it, and its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct OfStream {
    pub(crate) login: Arc<str>,
    pub(crate) name: Arc<str>,
}

/// Somebody who is in a room: one entry for each stream, or one without a stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub(crate) enum Present {
    Stream(OfStream),
    Participant(Arc<str>),
}
