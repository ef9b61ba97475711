//! The way from the proxy to the file: a queue that is bounded and never waits.
//!
//! A recorder that made a hook wait would change what it records: WCS waits for the answer with a time limit. So an
//! exchange for which the queue has no place is dropped, and the file says how many were.

use std::sync::{
    Arc,
    atomic::{AtomicU64, AtomicUsize, Ordering},
};

use tokio::sync::mpsc::{self, Receiver, Sender};

use super::draft::Draft;

/// The most exchanges that wait to be written, and the most bytes of their bodies.
const MOST_WAITING: usize = 4096;
const MOST_BYTES: usize = 64 << 20;

/// Where exchanges are put. Clones are of the same queue.
#[derive(Clone)]
pub(super) struct Sink {
    queue: Sender<Draft>,
    waiting: Arc<Waiting>,
}

/// Where they are taken from.
pub(super) struct Source {
    queue: Receiver<Draft>,
    waiting: Arc<Waiting>,
}

#[derive(Default)]
struct Waiting {
    bytes: AtomicUsize,
    dropped: AtomicU64,
}

/// A queue.
pub(super) fn queue() -> (Sink, Source) {
    bounded(MOST_WAITING)
}

fn bounded(most: usize) -> (Sink, Source) {
    let (sender, receiver) = mpsc::channel(most);
    let waiting = Arc::<Waiting>::default();
    (Sink { queue: sender, waiting: Arc::clone(&waiting) }, Source { queue: receiver, waiting })
}

impl Sink {
    /// Puts an exchange there, or counts it as dropped.
    pub(super) fn put(&self, draft: Draft) {
        let bytes = draft.bytes();
        let before = self.waiting.bytes.fetch_add(bytes, Ordering::Relaxed);
        // One that is larger than all that may wait finds its place when nothing waits.
        let has_place = before == 0 || before + bytes <= MOST_BYTES;
        if !has_place || self.queue.try_send(draft).is_err() {
            self.waiting.bytes.fetch_sub(bytes, Ordering::Relaxed);
            self.waiting.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Source {
    /// Waits for an exchange; `None` when there will be no other.
    pub(super) fn wait(&mut self) -> Option<Draft> {
        let draft = self.queue.blocking_recv();
        self.taken(draft)
    }

    /// An exchange that is there already.
    pub(super) fn take(&mut self) -> Option<Draft> {
        let draft = self.queue.try_recv().ok();
        self.taken(draft)
    }

    /// How many have been dropped since this was last asked.
    pub(super) fn dropped(&self) -> u64 {
        self.waiting.dropped.swap(0, Ordering::Relaxed)
    }

    fn taken(&self, draft: Option<Draft>) -> Option<Draft> {
        let bytes = draft.as_ref().map_or(0, Draft::bytes);
        self.waiting.bytes.fetch_sub(bytes, Ordering::Relaxed);
        draft
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(bytes: usize) -> Draft {
        Draft { body: vec![0; bytes].into(), ..Draft::default() }
    }

    #[test]
    fn what_has_no_place_is_dropped_and_counted() {
        let (sink, mut source) = bounded(2);
        for _ in 0..5 {
            sink.put(draft(1));
        }
        assert_eq!((source.dropped(), source.dropped()), (3, 0));
        assert!(source.take().is_some());
        sink.put(draft(1));
        assert_eq!(source.dropped(), 0);
    }

    #[test]
    fn the_bytes_that_wait_are_bounded() {
        let (sink, mut source) = queue();
        for bytes in [MOST_BYTES - 1, 1, 1] {
            sink.put(draft(bytes));
        }
        assert_eq!(source.dropped(), 1);
        while source.take().is_some() {}
        sink.put(draft(MOST_BYTES + 1));
        assert_eq!(source.dropped(), 0);
        drop(sink);
        assert!(source.wait().is_some() && source.wait().is_none());
    }
}
