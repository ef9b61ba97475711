//! Streams in rooms.

use std::{mem, sync::Arc};

use super::{Effect, News, OfStream, Refused, Rooms, Session, seat::Published};

/// What has become of a published stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    Live,
    Unpublished,
    Failed,
}

impl Rooms {
    /// Whether a stream may be published in a room. It is told to others once it is live. `id` is its `mediaSessionId`.
    pub(crate) fn publish(
        &mut self,
        session: &Session,
        room: &str,
        id: &str,
        name: &str,
    ) -> Result<(), Refused> {
        let (room, _) = self.membership(session, room)?;
        self.limits.check_name(id)?;
        self.limits.check_name(name)?;
        let seat = self.seats.get_mut(session).ok_or(Refused::NotInRoom)?;
        if seat.streams.contains_key(id) {
            return Ok(());
        }
        if seat.streams.len() >= self.limits.streams_of_session {
            return Err(Refused::TooManyStreams);
        }
        seat.streams.insert(id.to_owned(), Published { room, name: name.into(), is_live: false });
        Ok(())
    }

    /// Whether a stream may be played: one that is live in a room that the session is in.
    pub(crate) fn play(&self, session: &Session, name: &str) -> Result<(), Refused> {
        let seat = self.seats.get(session).ok_or(Refused::NotInRoom)?;
        let mut rooms = seat.rooms.iter().filter_map(|room| self.open.get(room));
        rooms.any(|room| room.has_stream(name)).then_some(()).ok_or(Refused::NoSuchStream)
    }

    /// Others learn of it. A stream that begins after its publisher has left the room is ended.
    pub(crate) fn turn(&mut self, session: &Session, id: &str, turn: Turn) -> Option<Effect> {
        match turn {
            Turn::Live => self.begin(session, id),
            Turn::Unpublished => self.end(session, id, News::Unpublished),
            Turn::Failed => self.end(session, id, News::Failed),
        }
    }

    fn begin(&mut self, session: &Session, id: &str) -> Option<Effect> {
        let seat = self.seats.get_mut(session)?;
        let stream = seat.streams.get_mut(id)?;
        let room = Arc::clone(&stream.room);
        if !seat.rooms.contains(&room) {
            self.forget(session, id);
            return Some(Effect::EndStream { room, session: session.clone(), id: id.to_owned() });
        }
        if mem::replace(&mut stream.is_live, true) {
            return None;
        }
        let of = OfStream { login: Arc::clone(&seat.login), name: Arc::clone(&stream.name) };
        let known = self.open.get_mut(&room)?;
        known.begin(&of);
        Effect::tell_any(&room, known.all_but(session), News::Published(of))
    }

    fn end(&mut self, session: &Session, id: &str, news: fn(OfStream) -> News) -> Option<Effect> {
        let login = Arc::clone(&self.seats.get(session)?.login);
        let Published { room, name, .. } = self.forget(session, id).filter(|stream| stream.is_live)?;
        let of = OfStream { login, name };
        let known = self.open.get_mut(&room)?;
        known.end(&of);
        Effect::tell_any(&room, known.all_but(session), news(of))
    }

    fn forget(&mut self, session: &Session, id: &str) -> Option<Published> {
        let seat = self.seats.get_mut(session)?;
        let stream = seat.streams.remove(id);
        if seat.is_idle() {
            self.seats.remove(session);
        }
        stream
    }
}
