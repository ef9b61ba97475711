//! How many commands are under way: [`Turns`].

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::client::Limits;

/// The turns of all nodes together and of each by itself, so that a node that does not answer leaves some to the others.
pub(crate) struct Turns {
    all: Semaphore,
    per_node: usize,
    /// Those of the nodes that somebody holds, by their URL.
    of_nodes: Mutex<HashMap<String, Weak<Semaphore>>>,
}

/// Held while a command is under way.
pub(crate) struct Turn<'a> {
    _of_node: SemaphorePermit<'a>,
    _of_all: SemaphorePermit<'a>,
}

impl Turns {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            all: Semaphore::new(limits.concurrency),
            per_node: limits.concurrency_per_node,
            of_nodes: Mutex::default(),
        }
    }

    /// Those of a node, for as long as they are held.
    pub(crate) fn of_node(&self, url: &str) -> Arc<Semaphore> {
        let mut of_nodes = self.of_nodes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turns) = of_nodes.get(url).and_then(Weak::upgrade) {
            return turns;
        }
        of_nodes.retain(|_, turns| turns.strong_count() > 0);
        let turns = Arc::new(Semaphore::new(self.per_node));
        of_nodes.insert(url.to_owned(), Arc::downgrade(&turns));
        turns
    }

    /// Waits for a turn. `None` would say that there are no turns any more, which does not happen.
    pub(crate) async fn take<'a>(&'a self, of_node: &'a Semaphore) -> Option<Turn<'a>> {
        let of_node = of_node.acquire().await.ok()?;
        let of_all = self.all.acquire().await.ok()?;
        Some(Turn { _of_node: of_node, _of_all: of_all })
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn a_node_leaves_turns_to_the_others() {
        let turns = Turns::new(&Limits { concurrency: 3, concurrency_per_node: 2, ..Limits::default() });
        let (one, other) = (turns.of_node("one"), turns.of_node("other"));
        let _held = (turns.take(&one).await, turns.take(&one).await);
        assert_eq!(turns.of_node("one").available_permits(), 0);
        assert!(turns.take(&one).now_or_never().is_none());
        assert!(turns.take(&other).now_or_never().is_some());
    }

    #[test]
    fn nodes_that_nobody_holds_are_forgotten() {
        let turns = Turns::new(&Limits::default());
        let held = turns.of_node("held");
        for number in 0..100 {
            drop(turns.of_node(&number.to_string()));
        }
        assert!(Arc::ptr_eq(&held, &turns.of_node("held")));
        assert!(turns.of_nodes.lock().unwrap().len() <= 2);
    }
}
