//! The rights of the sessions that are open, for as long as they hold.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::SystemTime,
};

use wcs_hooks_protocol::HookContext;

use super::StreamRights;

/// Rights by session, bounded: the session that opened first gives way.
///
/// An event that says that a session has ended may never come, so nothing may rest on it but tidiness.
#[derive(Debug)]
pub(super) struct Sessions {
    capacity: usize,
    opened: u64,
    rights: HashMap<SessionKey, Entry>,
    /// The sessions in the order in which they opened.
    order: BTreeMap<u64, SessionKey>,
}

/// Two servers may give the same id to their sessions.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct SessionKey {
    node: String,
    session: String,
}

#[derive(Debug)]
struct Entry {
    opened: u64,
    expires_at: Option<SystemTime>,
    rights: Arc<StreamRights>,
}

/// What is known of a session.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Known {
    Rights(Arc<StreamRights>),
    /// The token with which it opened has expired.
    Expired,
    /// It never opened here, has ended, or gave way to others.
    Nothing,
}

impl Sessions {
    pub(super) fn with_capacity(capacity: usize) -> Self {
        Self { capacity, opened: 0, rights: HashMap::new(), order: BTreeMap::new() }
    }

    pub(super) fn open(
        &mut self,
        context: &HookContext,
        rights: StreamRights,
        expires_at: Option<SystemTime>,
        now: SystemTime,
    ) {
        let Some(key) = SessionKey::of(context) else { return };
        self.close(context);
        self.make_room(now);
        if self.capacity == 0 {
            return;
        }
        self.opened += 1;
        self.order.insert(self.opened, key.clone());
        let entry = Entry { opened: self.opened, expires_at, rights: Arc::new(rights) };
        self.rights.insert(key, entry);
    }

    pub(super) fn close(&mut self, context: &HookContext) {
        let entry = SessionKey::of(context).and_then(|key| self.rights.remove(&key));
        if let Some(entry) = entry {
            self.order.remove(&entry.opened);
        }
    }

    pub(super) fn find(&self, context: &HookContext, now: SystemTime) -> Known {
        match SessionKey::of(context).and_then(|key| self.rights.get(&key)) {
            None => Known::Nothing,
            Some(entry) if entry.has_expired(now) => Known::Expired,
            Some(entry) => Known::Rights(Arc::clone(&entry.rights)),
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        assert_eq!(self.rights.len(), self.order.len());
        self.rights.len()
    }

    /// Drops the oldest if it is full, and those of the oldest that have expired.
    fn make_room(&mut self, now: SystemTime) {
        while let Some(oldest) = self.order.first_entry() {
            let has_expired = self.rights.get(oldest.get()).is_none_or(|entry| entry.has_expired(now));
            if self.rights.len() < self.capacity && !has_expired {
                return;
            }
            self.rights.remove(&oldest.remove());
        }
    }
}

impl Entry {
    fn has_expired(&self, now: SystemTime) -> bool {
        self.expires_at.is_some_and(|at| at < now)
    }
}

impl SessionKey {
    /// `None` if the session has no id: it could not be told from others.
    fn of(context: &HookContext) -> Option<Self> {
        (!context.session_id.is_empty())
            .then(|| Self { node: context.node_id.clone(), session: context.session_id.clone() })
    }
}

#[cfg(test)]
mod tests;
