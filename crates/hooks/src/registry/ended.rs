//! Ids that are remembered for a short time: [`Ended`].

use std::collections::{HashMap, VecDeque};

use tokio::time::Instant;

use super::record::Id;

/// What has ended lately, so that what comes late does not bring it back. Bounded: the oldest is forgotten.
#[derive(Debug)]
pub(super) struct Ended {
    most: usize,
    until: HashMap<Id, Instant>,
    order: VecDeque<(Instant, Id)>,
}

impl Ended {
    pub(super) fn at_most(most: usize) -> Self {
        Self { most, until: HashMap::new(), order: VecDeque::new() }
    }

    pub(super) fn remember(&mut self, id: Id, until: Instant) {
        self.until.insert(id.clone(), until);
        self.order.push_back((until, id));
        while self.order.len() > self.most {
            self.forget_oldest();
        }
    }

    pub(super) fn contains(&self, id: &Id) -> bool {
        self.until.contains_key(id)
    }

    pub(super) fn forget(&mut self, id: &Id) {
        self.until.remove(id);
    }

    /// Forgets what has been remembered long enough.
    pub(super) fn sweep(&mut self, now: Instant) {
        while self.order.front().is_some_and(|(until, _)| *until <= now) {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        if let Some((until, id)) = self.order.pop_front()
            && self.until.get(&id) == Some(&until)
        {
            self.until.remove(&id);
        }
    }
}
