//! Which streams there are, and who plays whose.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
};

use wcs_hooks_protocol::info;

use super::{Hub, Mailbox};

/// A stream that is published or played. Cheap to clone.
#[derive(Clone)]
pub(crate) struct StreamEntry {
    pub(crate) media_session_id: Arc<str>,
    /// The name in force: the client's, or what the backend put in its place.
    pub(crate) name: Arc<str>,
    pub(crate) published: bool,
    /// The Stream object as JSON, with the context and its last status.
    pub(crate) fields: Arc<str>,
    pub(crate) session_id: Arc<str>,
    pub(crate) mailbox: Mailbox,
}

/// Who plays a stream.
pub(crate) struct Player {
    pub(crate) media_session_id: Arc<str>,
    pub(crate) mailbox: Mailbox,
}

/// Why a stream cannot be: an `info` of `StreamStatusEvent`. Spec §6.4.
pub(crate) type Taken = &'static str;

#[derive(Default)]
pub(super) struct Streams {
    by_id: HashMap<Arc<str>, StreamEntry>,
    /// The `mediaSessionId` of who publishes a name.
    publishers: HashMap<Arc<str>, Arc<str>>,
    /// The `mediaSessionId`s of who plays a name.
    players: HashMap<Arc<str>, Vec<Arc<str>>>,
}

/// Whether a name is a URL that WCS pulls by itself.
pub(crate) fn is_url(name: &str) -> bool {
    name.contains("://")
}

impl Streams {
    fn add(&mut self, stream: StreamEntry) -> Result<(), Taken> {
        let is_published = self.publishers.contains_key(&stream.name);
        if stream.published && is_published {
            return Err(info::stream::STREAM_NAME_IS_ALREADY_IN_USE);
        }
        if !stream.published && !is_published && !is_url(&stream.name) {
            return Err(info::stream::STREAM_NOT_FOUND);
        }
        let (id, name, published) =
            (Arc::clone(&stream.media_session_id), Arc::clone(&stream.name), stream.published);
        let Entry::Vacant(place) = self.by_id.entry(Arc::clone(&id)) else {
            return Err(info::stream::MEDIASESSIONID_IS_ALREADY_IN_USE);
        };
        place.insert(stream);
        if published {
            self.publishers.insert(name, id);
        } else {
            self.players.entry(name).or_default().push(id);
        }
        Ok(())
    }

    /// Takes a stream out, and with a publisher those who played it.
    fn remove(&mut self, media_session_id: &str) -> Option<(StreamEntry, Vec<Player>)> {
        let stream = self.by_id.remove(media_session_id)?;
        if stream.published {
            self.publishers.remove(&stream.name);
            let players = self.players_of(&stream.name);
            self.players.remove(&stream.name);
            return Some((stream, players));
        }
        if let Entry::Occupied(mut players) = self.players.entry(Arc::clone(&stream.name)) {
            players.get_mut().retain(|id| **id != *media_session_id);
            if players.get().is_empty() {
                players.remove();
            }
        }
        Some((stream, Vec::new()))
    }

    fn players_of(&self, name: &str) -> Vec<Player> {
        let ids = self.players.get(name).into_iter().flatten();
        let entries = ids.filter_map(|id| self.by_id.get(id));
        let player = |entry: &StreamEntry| Player {
            media_session_id: Arc::clone(&entry.media_session_id),
            mailbox: entry.mailbox.clone(),
        };
        entries.map(player).collect()
    }
}

impl Hub {
    /// A stream begins.
    ///
    /// # Errors
    /// If another publishes under its name, nobody publishes what it plays, or its id is in use.
    pub(crate) fn add_stream(&self, stream: StreamEntry) -> Result<(), Taken> {
        self.state().streams.add(stream)
    }

    /// A stream has other fields now.
    pub(crate) fn update_stream(&self, media_session_id: &str, fields: &str) {
        if let Some(stream) = self.state().streams.by_id.get_mut(media_session_id) {
            stream.fields = fields.into();
        }
    }

    /// A stream has ended. Gives those who played it, if it was published.
    pub(crate) fn remove_stream(&self, media_session_id: &str) -> Vec<Player> {
        self.state().streams.remove(media_session_id).map(|(_, players)| players).unwrap_or_default()
    }

    /// Whether a name can be played.
    pub(crate) fn is_playable(&self, name: &str) -> bool {
        is_url(name) || self.state().streams.publishers.contains_key(name)
    }

    /// The stream that is published under a name.
    pub(crate) fn published(&self, name: &str) -> Option<StreamEntry> {
        let streams = &self.state().streams;
        streams.by_id.get(streams.publishers.get(name)?).cloned()
    }

    /// Who plays a name.
    pub(crate) fn players_of(&self, name: &str) -> Vec<Player> {
        self.state().streams.players_of(name)
    }

    /// All streams, in no order.
    pub(crate) fn streams(&self) -> Vec<StreamEntry> {
        self.state().streams.by_id.values().cloned().collect()
    }
}
