//! Which calls there are: one entry for each side.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
};

use super::{Hub, Mailbox};

/// One side of a call. Cheap to clone.
#[derive(Clone)]
pub(crate) struct CallEntry {
    pub(crate) call_id: Arc<str>,
    /// The Call object as JSON without SDP, with the context and its last status.
    pub(crate) fields: Arc<str>,
    pub(crate) mailbox: Mailbox,
}

/// Sides of calls by `callId`.
pub(super) type Calls = HashMap<Arc<str>, CallEntry>;

impl Hub {
    /// A side begins. Gives whether its id was free: clients choose theirs.
    pub(crate) fn add_call(&self, call: CallEntry) -> bool {
        let mut state = self.state();
        let place = state.calls.entry(Arc::clone(&call.call_id));
        let is_free = matches!(place, Entry::Vacant(_));
        place.or_insert(call);
        is_free
    }

    /// A call has other fields now.
    pub(crate) fn update_call(&self, call_id: &str, fields: &str) {
        if let Some(call) = self.state().calls.get_mut(call_id) {
            call.fields = fields.into();
        }
    }

    pub(crate) fn remove_call(&self, call_id: &str) {
        self.state().calls.remove(call_id);
    }

    pub(crate) fn call(&self, call_id: &str) -> Option<CallEntry> {
        self.state().calls.get(call_id).cloned()
    }

    /// All sides of all calls, in no order.
    pub(crate) fn calls(&self) -> Vec<CallEntry> {
        self.state().calls.values().cloned().collect()
    }
}
