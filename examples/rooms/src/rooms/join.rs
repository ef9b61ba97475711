//! Who comes in.

use std::sync::Arc;

use super::{Effect, Effects, News, Refused, Rooms, Session, seat::Seat};

impl Rooms {
    /// The joiner gets the state, others learn of it. Who joins twice gets the state again.
    ///
    /// A participant who comes by another session, as after the page was loaded anew, takes the place of the one of before.
    pub(crate) fn join(&mut self, session: &Session, login: &str, room: &str) -> Effects {
        self.check_join(session, login, room)?;
        let room = self.open.get_key_value(room).map_or_else(|| room.into(), |(name, _)| Arc::clone(name));
        let before = self.open.get(&room).and_then(|known| known.session_of(login)).cloned();
        let mut effects = Vec::new();
        if let Some(before) = before.as_ref().filter(|before| *before != session) {
            effects.extend(self.take_out(before, &room));
        }
        let seat = self.seats.entry(session.clone()).or_insert_with(|| Seat::of(login));
        seat.rooms.insert(Arc::clone(&room));
        let entered = self.open.entry(Arc::clone(&room)).or_default();
        entered.enter(&seat.login, session);
        effects.push(Effect::tell(&room, vec![session.clone()], News::State(entered.state_for(login))));
        if before.as_ref() != Some(session) {
            let others = entered.all_but(session);
            effects.extend(Effect::tell_any(&room, others, News::Joined(Arc::clone(&seat.login))));
        }
        Ok(effects)
    }

    fn check_join(&self, session: &Session, login: &str, room: &str) -> Result<(), Refused> {
        let limits = &self.limits;
        limits.check_name(room)?;
        limits.check_name(login)?;
        match self.seats.get(session) {
            Some(seat) if *seat.login != *login => return Err(Refused::OtherLogin),
            Some(seat) if !seat.rooms.contains(room) && seat.rooms.len() >= limits.rooms_of_session => {
                return Err(Refused::InTooManyRooms);
            }
            None if self.seats.len() >= limits.sessions => return Err(Refused::TooManySessions),
            _ => {}
        }
        match self.open.get(room) {
            None if self.open.len() >= limits.rooms => Err(Refused::TooManyRooms),
            Some(known) if known.len() >= limits.participants && known.session_of(login).is_none() => {
                Err(Refused::RoomIsFull)
            }
            _ => Ok(()),
        }
    }
}
