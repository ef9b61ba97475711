//! One room.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{OfStream, Present, Session};

/// Who is in it, by login, and which streams are live in it, by name with who publishes them.
#[derive(Debug, Default)]
pub(super) struct Room {
    participants: BTreeMap<Arc<str>, Session>,
    streams: BTreeMap<Arc<str>, Arc<str>>,
}

impl Room {
    pub(super) fn len(&self) -> usize {
        self.participants.len()
    }

    pub(super) fn session_of(&self, login: &str) -> Option<&Session> {
        self.participants.get(login)
    }

    pub(super) fn enter(&mut self, login: &Arc<str>, session: &Session) {
        self.participants.insert(Arc::clone(login), session.clone());
    }

    pub(super) fn exit(&mut self, login: &str) {
        self.participants.remove(login);
        self.streams.retain(|_, publisher| &**publisher != login);
    }

    pub(super) fn begin(&mut self, OfStream { login, name }: &OfStream) {
        self.streams.insert(Arc::clone(name), Arc::clone(login));
    }

    pub(super) fn end(&mut self, OfStream { login, name }: &OfStream) {
        if self.streams.get(name) == Some(login) {
            self.streams.remove(name);
        }
    }

    pub(super) fn has_stream(&self, name: &str) -> bool {
        self.streams.contains_key(name)
    }

    pub(super) fn all(&self) -> Vec<Session> {
        self.participants.values().cloned().collect()
    }

    pub(super) fn all_but(&self, session: &Session) -> Vec<Session> {
        self.participants.values().filter(|other| *other != session).cloned().collect()
    }

    /// The others and their streams: an entry for each stream, and one for each participant who has none.
    pub(super) fn state_for(&self, login: &str) -> Vec<Present> {
        let publishers: BTreeSet<_> = self.streams.values().collect();
        let streams = self.streams.iter().filter(|(_, publisher)| &***publisher != login);
        let streams =
            streams.map(|(name, login)| OfStream { login: Arc::clone(login), name: Arc::clone(name) });
        let silent =
            self.participants.keys().filter(|other| !publishers.contains(other) && &***other != login);
        let streams = streams.map(Present::Stream);
        streams.chain(silent.map(|login| Present::Participant(Arc::clone(login)))).collect()
    }
}
