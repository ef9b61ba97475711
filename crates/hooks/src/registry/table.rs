//! Records of one kind, found by session and label, and dropped when nothing has been heard of them: [`Table`].

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use tokio::time::Instant;

use super::{
    ended::Ended,
    record::{Id, Record},
};

/// Live records, and the ids of those that have ended lately.
#[derive(Debug)]
pub(super) struct Table<R> {
    most: usize,
    records: BTreeMap<Arc<Id>, Entry<R>>,
    by_label: BTreeSet<(String, Arc<Id>)>,
    /// Which is dropped when, and first if there are too many.
    order: BTreeMap<Place, Arc<Id>>,
    puts: u64,
    displaced: u64,
    pub(super) ended: Ended,
}

/// Until when it stays if nothing more is heard; the number tells apart what falls on the same instant.
type Place = (Instant, u64);

#[derive(Debug)]
struct Entry<R> {
    record: R,
    place: Place,
}

impl<R: Record> Table<R> {
    pub(super) fn at_most(most: usize) -> Self {
        Self {
            most,
            records: BTreeMap::new(),
            by_label: BTreeSet::new(),
            order: BTreeMap::new(),
            puts: 0,
            displaced: 0,
            ended: Ended::at_most(most),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.records.len()
    }

    /// How many gave way because there were too many.
    pub(super) fn displaced(&self) -> u64 {
        self.displaced
    }

    pub(super) fn get(&self, id: &Id) -> Option<&R> {
        self.records.get(id).map(|entry| &entry.record)
    }

    /// Adds a record, or brings the one that is there up to date.
    pub(super) fn put(&mut self, record: R, until: Instant) {
        let record = match self.remove(record.id()) {
            Some(mut known) => {
                known.update(record);
                known
            }
            None => record,
        };
        self.make_room();
        if self.most > 0 {
            self.insert(record, until);
        }
    }

    fn insert(&mut self, record: R, until: Instant) {
        let id = Arc::new(record.id().clone());
        self.puts += 1;
        let place = (until, self.puts);
        self.order.insert(place, Arc::clone(&id));
        if !record.label().is_empty() {
            self.by_label.insert((record.label().to_owned(), Arc::clone(&id)));
        }
        self.records.insert(id, Entry { record, place });
    }

    /// Something has been heard of it.
    pub(super) fn touch(&mut self, id: &Id, until: Instant) {
        if let Some(entry) = self.records.get_mut(id)
            && let Some(id) = self.order.remove(&entry.place)
        {
            self.puts += 1;
            entry.place = (until, self.puts);
            self.order.insert(entry.place, id);
        }
    }

    pub(super) fn remove(&mut self, id: &Id) -> Option<R> {
        let (id, Entry { record, place }) = self.records.remove_entry(id)?;
        self.order.remove(&place);
        if !record.label().is_empty() {
            self.by_label.remove(&(record.label().to_owned(), id));
        }
        Some(record)
    }

    /// Removes it, and remembers that it has ended, whether it was known or not.
    pub(super) fn end(&mut self, id: Id, remember_until: Instant) {
        self.remove(&id);
        self.ended.remember(id, remember_until);
    }

    /// Ends everything of a session.
    pub(super) fn end_all_of(&mut self, session: &Id, remember_until: Instant) {
        let ids: Vec<Id> = self.of_session(session).map(|record| record.id().clone()).collect();
        for id in ids {
            self.end(id, remember_until);
        }
    }

    /// Drops what nothing has been heard of for too long.
    pub(super) fn sweep(&mut self, now: Instant) {
        self.ended.sweep(now);
        while self.order.first_key_value().is_some_and(|((until, _), _)| *until <= now) {
            self.remove_first();
        }
    }

    fn make_room(&mut self) {
        while self.records.len() >= self.most && !self.records.is_empty() {
            self.remove_first();
            self.displaced += 1;
        }
    }

    fn remove_first(&mut self) {
        if let Some((_, id)) = self.order.pop_first() {
            self.remove(&id);
        }
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &R> {
        self.records.values().map(|entry| &entry.record)
    }

    /// What belongs to a session of a node.
    pub(super) fn of_session<'a>(&'a self, session: &'a Id) -> impl Iterator<Item = &'a R> {
        self.of_session_id(&session.session_id).filter(|record| record.id().node_id == session.node_id)
    }

    /// What belongs to sessions of this id, on any node.
    pub(super) fn of_session_id<'a>(&'a self, session_id: &'a str) -> impl Iterator<Item = &'a R> {
        let first = Id { session_id: session_id.to_owned(), node_id: String::new(), own: String::new() };
        let entries = self.records.range(Arc::new(first)..);
        entries.take_while(move |(id, _)| id.session_id == session_id).map(|(_, entry)| &entry.record)
    }

    pub(super) fn labelled<'a>(&'a self, label: &'a str) -> impl Iterator<Item = &'a Id> {
        let first = Id { session_id: String::new(), node_id: String::new(), own: String::new() };
        let entries = self.by_label.range((label.to_owned(), Arc::new(first))..);
        entries.take_while(move |(found, _)| found == label).map(|(_, id)| &**id)
    }
}
