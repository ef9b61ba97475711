//! The rules by which what is live changes: [`State`]. No clock and no locks: the time is given.

use std::{collections::BTreeSet, time::Duration};

use tokio::time::Instant;

use super::{
    change::Change,
    ended::Ended,
    memory::Bounds,
    query::Query,
    record::{Call, Id, Record, Session, Stream},
    store::Counts,
    table::Table,
};

/// A record whose texts are longer than this, in bytes, is not kept.
const LONGEST: usize = 8 * 1024;
/// What is meant by a silence that no clock can tell.
const VERY_LONG: Duration = Duration::from_hours(30 * 365 * 24);

#[derive(Debug)]
pub(super) struct State {
    bounds: Bounds,
    sessions: Table<Session>,
    streams: Table<Stream>,
    calls: Table<Call>,
    /// Sessions that began anew with an id whose earlier session may still be told to have ended.
    reused: Ended,
}

impl State {
    pub(super) fn new(bounds: Bounds) -> Self {
        Self {
            sessions: Table::at_most(bounds.most_sessions),
            streams: Table::at_most(bounds.most_streams),
            calls: Table::at_most(bounds.most_calls),
            reused: Ended::at_most(bounds.most_sessions),
            bounds,
        }
    }

    pub(super) fn apply(&mut self, change: Change, now: Instant) {
        self.sweep(now);
        match change {
            Change::SessionAccepted(session) => self.begin_session(session, now),
            Change::SessionEstablished(session) => {
                if !self.sessions.ended.contains(&session.id) {
                    self.put_session(session, now);
                }
            }
            Change::SessionEnded(id) => self.end_session(id, now),
            Change::StreamLive(stream) => {
                let until = after(now, self.bounds.stream_silence);
                if self.may_live(&self.streams, &stream) {
                    self.hear_of_session(&stream.id, now);
                    self.streams.put(stream, until);
                }
            }
            Change::CallLive(call) => {
                let until = after(now, self.bounds.call_silence);
                if self.may_live(&self.calls, &call) {
                    self.hear_of_session(&call.id, now);
                    self.calls.put(call, until);
                }
            }
            Change::StreamSeen(id) => {
                self.hear_of_session(&id, now);
                self.streams.touch(&id, after(now, self.bounds.stream_silence));
            }
            Change::StreamEnded(id) => {
                self.hear_of_session(&id, now);
                self.streams.end(id, after(now, self.bounds.late));
            }
            Change::CallEnded(id) => {
                self.hear_of_session(&id, now);
                self.calls.end(id, after(now, self.bounds.late));
            }
        }
    }

    /// `connect` precedes whatever a session does, so what is known by its id is of an earlier one.
    fn begin_session(&mut self, session: Session, now: Instant) {
        let id = session.id.clone();
        if self.sessions.get(&id).is_some() || self.sessions.ended.contains(&id) {
            self.reused.remember(id.clone(), after(now, self.bounds.late));
        }
        self.sessions.remove(&id);
        self.sessions.ended.forget(&id);
        self.end_what_belongs_to(&id, now);
        self.put_session(session, now);
    }

    fn put_session(&mut self, session: Session, now: Instant) {
        if session.size() <= LONGEST {
            let id = session.id.clone();
            self.sessions.put(session, now);
            self.hear_of_session(&id, now);
        }
    }

    fn end_session(&mut self, id: Id, now: Instant) {
        if !self.reused.contains(&id) {
            self.end_what_belongs_to(&id, now);
            self.sessions.end(id, after(now, self.bounds.late));
        }
    }

    fn end_what_belongs_to(&mut self, session: &Id, now: Instant) {
        let until = after(now, self.bounds.late);
        self.streams.end_all_of(session, until);
        self.calls.end_all_of(session, until);
    }

    /// Whatever happens in a session shows that it is there.
    fn hear_of_session(&mut self, id: &Id, now: Instant) {
        let id = id.session();
        if let Some(session) = self.sessions.get(&id) {
            let silence = if session.is_established {
                self.bounds.session_silence
            } else {
                self.bounds.accepted_silence
            };
            self.sessions.touch(&id, after(now, silence));
        }
    }

    /// Neither it nor its session has ended lately.
    fn may_live<R: Record>(&self, table: &Table<R>, record: &R) -> bool {
        let session = record.id().session();
        let has_ended = table.ended.contains(record.id()) || self.sessions.ended.contains(&session);
        !has_ended && record.size() <= LONGEST
    }

    pub(super) fn sweep(&mut self, now: Instant) {
        self.sessions.sweep(now);
        self.streams.sweep(now);
        self.calls.sweep(now);
        self.reused.sweep(now);
    }

    pub(super) fn sessions(&self, query: &Query) -> Vec<Session> {
        self.find(&self.sessions, query)
    }

    pub(super) fn streams(&self, query: &Query) -> Vec<Stream> {
        self.find(&self.streams, query)
    }

    pub(super) fn calls(&self, query: &Query) -> Vec<Call> {
        self.find(&self.calls, query)
    }

    pub(super) fn counts(&self) -> Counts {
        Counts { sessions: self.sessions.len(), streams: self.streams.len(), calls: self.calls.len() }
    }

    pub(super) fn displaced(&self) -> u64 {
        self.sessions.displaced() + self.streams.displaced() + self.calls.displaced()
    }

    fn find<R: Record>(&self, table: &Table<R>, query: &Query) -> Vec<R> {
        let is_meant = |record: &&R| {
            let has_name = query.name.as_deref().is_none_or(|name| record.may_be_named(name));
            has_name && query.takes(record.id(), record.app_key())
        };
        let mut found: Vec<R> = match (self.sessions_meant(query), &query.session) {
            (Some(sessions), _) => sessions
                .iter()
                .flat_map(|session| table.of_session(session))
                .filter(is_meant)
                .cloned()
                .collect(),
            (None, Some(session)) => table.of_session_id(session).filter(is_meant).cloned().collect(),
            (None, None) => table.all().filter(is_meant).cloned().collect(),
        };
        found.sort_by_key(Record::since);
        found
    }

    /// The sessions with the stream's name and the login that are asked for; `None` if neither is.
    fn sessions_meant(&self, query: &Query) -> Option<BTreeSet<Id>> {
        let named = query.name.as_deref().map(|name| self.streams.labelled(name).map(Id::session));
        let logged_in = query.login.as_deref().map(|login| self.sessions.labelled(login).cloned());
        match (named, logged_in) {
            (Some(named), Some(logged_in)) => {
                let logged_in: BTreeSet<Id> = logged_in.collect();
                Some(named.filter(|session| logged_in.contains(session)).collect())
            }
            (Some(named), None) => Some(named.collect()),
            (None, logged_in) => Some(logged_in?.collect()),
        }
    }
}

fn after(now: Instant, silence: Duration) -> Instant {
    now.checked_add(silence).unwrap_or_else(|| now + VERY_LONG)
}
