//! Who is in which room, and who is told what. Pure: no I/O, no clock.

mod effect;
mod join;
mod limits;
mod refused;
mod room;
mod seat;
mod streams;

use std::{collections::HashMap, sync::Arc};

pub(crate) use effect::{Effect, News, OfStream, Present, Session};
pub(crate) use limits::Limits;
pub(crate) use refused::Refused;
pub(crate) use streams::Turn;

use room::Room;
use seat::Seat;

type Effects = Result<Vec<Effect>, Refused>;

/// All rooms. A room is there while somebody is in it.
#[derive(Debug, Default)]
pub(crate) struct Rooms {
    limits: Limits,
    /// By name.
    open: HashMap<Arc<str>, Room>,
    seats: HashMap<Session, Seat>,
}

impl Rooms {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }

    pub(crate) fn has(&self, room: &str) -> bool {
        self.open.contains_key(room)
    }

    /// Others learn of it, and what the leaver publishes in the room is ended.
    pub(crate) fn leave(&mut self, session: &Session, room: &str) -> Effects {
        let (room, _) = self.membership(session, room)?;
        Ok(self.take_out(session, &room))
    }

    /// To one participant, or to all others.
    pub(crate) fn message(&self, session: &Session, room: &str, to: Option<&str>, text: &str) -> Effects {
        let (room, seat) = self.membership(session, room)?;
        if text.len() > self.limits.text_bytes {
            return Err(Refused::TextTooLong);
        }
        let recipients = match to {
            Some(login) => {
                vec![self.open[&room].session_of(login).ok_or(Refused::NoSuchParticipant)?.clone()]
            }
            None => self.open[&room].all_but(session),
        };
        let news = News::Message { from: Arc::clone(&seat.login), text: text.to_owned() };
        Ok(Effect::tell_any(&room, recipients, news).into_iter().collect())
    }

    /// A session that has ended leaves all its rooms. Its streams have ended with it.
    pub(crate) fn gone(&mut self, session: &Session) -> Vec<Effect> {
        let rooms = self.seats.get(session).map(|seat| seat.rooms.clone()).unwrap_or_default();
        let left: Vec<_> = rooms.iter().flat_map(|room| self.take_out(session, room)).collect();
        self.seats.remove(session);
        left.into_iter().filter(|effect| matches!(effect, Effect::Tell { .. })).collect()
    }

    fn membership(&self, session: &Session, room: &str) -> Result<(Arc<str>, &Seat), Refused> {
        let seat = self.seats.get(session).ok_or(Refused::NotInRoom)?;
        let room = seat.rooms.get(room).ok_or(Refused::NotInRoom)?;
        Ok((Arc::clone(room), seat))
    }

    fn take_out(&mut self, session: &Session, room: &Arc<str>) -> Vec<Effect> {
        let Some(seat) = self.seats.get_mut(session) else { return Vec::new() };
        seat.rooms.remove(room);
        let ended = seat.end_live(room).into_iter();
        let ended =
            ended.map(|id| Effect::EndStream { room: Arc::clone(room), session: session.clone(), id });
        let login = Arc::clone(&seat.login);
        if seat.is_idle() {
            self.seats.remove(session);
        }
        let Some(left) = self.open.get_mut(room) else { return Vec::new() };
        left.exit(&login);
        let told = Effect::tell_any(room, left.all(), News::Left(login));
        if left.len() == 0 {
            self.open.remove(room);
        }
        told.into_iter().chain(ended).collect()
    }
}

#[cfg(test)]
mod tests;
