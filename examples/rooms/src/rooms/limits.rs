//! How much there may be of everything.

use super::Refused;

/// What is set by `--limit NAME=NUMBER`.
#[derive(Debug, Clone)]
pub(crate) struct Limits {
    pub(crate) rooms: usize,
    /// Sessions that are in any room.
    pub(crate) sessions: usize,
    /// Of one room.
    pub(crate) participants: usize,
    pub(crate) rooms_of_session: usize,
    /// That one session publishes.
    pub(crate) streams_of_session: usize,
    /// Of the name of a room, participant or stream.
    pub(crate) name_bytes: usize,
    /// Of a message's text.
    pub(crate) text_bytes: usize,
    /// Messages of one room that wait to be delivered.
    pub(crate) waiting_messages: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            rooms: 1000,
            sessions: 10_000,
            participants: 200,
            rooms_of_session: 8,
            streams_of_session: 8,
            name_bytes: 128,
            text_bytes: 4096,
            waiting_messages: 1024,
        }
    }
}

impl Limits {
    /// The limit of this name, to be set.
    pub(crate) fn named(&mut self, name: &str) -> Option<&mut usize> {
        Some(match name {
            "rooms" => &mut self.rooms,
            "sessions" => &mut self.sessions,
            "participants" => &mut self.participants,
            "rooms-of-session" => &mut self.rooms_of_session,
            "streams-of-session" => &mut self.streams_of_session,
            "name-bytes" => &mut self.name_bytes,
            "text-bytes" => &mut self.text_bytes,
            "waiting-messages" => &mut self.waiting_messages,
            _ => return None,
        })
    }

    pub(super) fn check_name(&self, name: &str) -> Result<(), Refused> {
        match name.len() {
            0 => Err(Refused::NoName),
            length if length > self.name_bytes => Err(Refused::NameTooLong),
            _ => Ok(()),
        }
    }

    /// How much one room can still cause that cannot be refused, beside one join: everybody's streams begin and end, and
    /// everybody leaves. Not counted are streams that begin after their publishers have left, each of which is ended.
    pub(crate) fn unrefusable(&self) -> usize {
        (self.participants + 1) * (4 + 2 * self.streams_of_session)
    }
}
