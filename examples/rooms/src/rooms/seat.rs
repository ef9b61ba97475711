//! What is known of one session.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// A session: who it is, where it is, and what it publishes, by `mediaSessionId`.
#[derive(Debug)]
pub(super) struct Seat {
    pub(super) login: Arc<str>,
    pub(super) rooms: BTreeSet<Arc<str>>,
    pub(super) streams: BTreeMap<String, Published>,
}

/// A stream that may be published, and perhaps is.
#[derive(Debug)]
pub(super) struct Published {
    pub(super) room: Arc<str>,
    pub(super) name: Arc<str>,
    pub(super) is_live: bool,
}

impl Seat {
    pub(super) fn of(login: &str) -> Self {
        Self { login: login.into(), rooms: BTreeSet::new(), streams: BTreeMap::new() }
    }

    /// Whether nothing is left to know.
    pub(super) fn is_idle(&self) -> bool {
        self.rooms.is_empty() && self.streams.is_empty()
    }

    /// Forgets the live streams of a room; gives their ids. One that is about to begin is ended when it does.
    pub(super) fn end_live(&mut self, room: &str) -> Vec<String> {
        let ended = self.streams.extract_if(.., |_, stream| stream.is_live && &*stream.room == room);
        ended.map(|(id, _)| id).collect()
    }
}
