//! The rooms while the program runs: what follows from a change goes into the room's queue before the next change.

use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use tokio::sync::mpsc;
use wcs_hooks_rest_client::RestClient;

use crate::{
    deliver::deliver,
    rooms::{Effect, Limits, Refused, Rooms, Session},
};

pub(crate) struct Hall {
    limits: Limits,
    wcs: RestClient,
    state: Mutex<State>,
    this: Weak<Self>,
}

#[derive(Default)]
struct State {
    rooms: Rooms,
    /// What is to be delivered, by room.
    queues: HashMap<Arc<str>, mpsc::Sender<Effect>>,
}

impl Hall {
    pub(crate) fn new(limits: Limits, wcs: RestClient) -> Arc<Self> {
        let state = Mutex::new(State { rooms: Rooms::new(limits.clone()), queues: HashMap::new() });
        Arc::new_cyclic(|this| Self { limits, wcs, state, this: this.clone() })
    }

    /// A change that is refused while the room's queue is too full: there is always a place for what cannot be.
    pub(crate) fn ask(
        &self,
        room: &str,
        change: impl FnOnce(&mut Rooms) -> Result<Vec<Effect>, Refused>,
    ) -> Result<(), Refused> {
        let mut state = self.lock();
        let queue = state.queues.get(room);
        if queue.is_some_and(|queue| queue.capacity() <= self.limits.unrefusable()) {
            return Err(Refused::RoomIsBusy);
        }
        let effects = change(&mut state.rooms)?;
        self.enqueue(&mut state, effects);
        Ok(())
    }

    /// A change for which there is always a place: something ends, or has happened.
    pub(crate) fn change<E>(
        &self,
        change: impl FnOnce(&mut Rooms) -> Result<Vec<Effect>, E>,
    ) -> Result<(), E> {
        let mut state = self.lock();
        let effects = change(&mut state.rooms)?;
        self.enqueue(&mut state, effects);
        Ok(())
    }

    pub(crate) fn note(&self, change: impl FnOnce(&mut Rooms) -> Vec<Effect>) {
        let Ok(()) = self.change(|rooms| Ok::<_, Infallible>(change(rooms)));
    }

    /// A session has ended.
    pub(crate) fn gone(&self, session: &Session) {
        self.note(|rooms| rooms.gone(session));
    }

    pub(crate) fn look<T>(&self, at: impl FnOnce(&Rooms) -> T) -> T {
        at(&self.lock().rooms)
    }

    fn enqueue(&self, state: &mut State, effects: Vec<Effect>) {
        for effect in effects {
            let queue = self.queue(state, effect.room());
            if let Err(error) = queue.try_send(effect) {
                let lost = error.into_inner();
                tracing::error!(
                    room = &**lost.room(),
                    "the queue is full: somebody was not told, or a stream not ended"
                );
            }
        }
    }

    fn queue<'a>(&self, state: &'a mut State, room: &Arc<str>) -> &'a mpsc::Sender<Effect> {
        let State { rooms, queues } = state;
        if queues.len() >= self.limits.rooms && !queues.contains_key(room) {
            queues.retain(|room, queue| rooms.has(room) || queue.capacity() < queue.max_capacity());
        }
        queues.entry(Arc::clone(room)).or_insert_with(|| {
            let capacity = self.limits.waiting_messages + self.limits.unrefusable();
            let (queue, effects) = mpsc::channel(capacity);
            tokio::spawn(deliver(self.this.clone(), self.wcs.clone(), effects));
            queue
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
