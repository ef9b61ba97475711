//! What waits for a client to read it: [`Outbox`].

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::sync::{Notify, mpsc};

use crate::{frame::Frame, limits::Limits};

/// Messages for one client, bounded in number and bytes. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Outbox {
    sender: mpsc::Sender<String>,
    state: Arc<State>,
    most_bytes: usize,
}

#[derive(Default)]
struct State {
    queued: AtomicUsize,
    overflow: Notify,
}

/// The end from which a client's messages are taken. It ends when all ends that put something in are gone.
pub(crate) struct Outgoing {
    receiver: mpsc::Receiver<String>,
    state: Arc<State>,
}

/// A queue for a client.
pub(crate) fn outbox(limits: &Limits) -> (Outbox, Outgoing) {
    let (sender, receiver) = mpsc::channel(limits.queued_frames.max(1));
    let state = Arc::<State>::default();
    let outbox = Outbox { sender, state: Arc::clone(&state), most_bytes: limits.queued_bytes };
    (outbox, Outgoing { receiver, state })
}

impl Outbox {
    /// A queue that nobody reads.
    pub(crate) fn closed() -> Self {
        outbox(&Limits::default()).0
    }

    /// Whether there is a client to read.
    pub(crate) fn is_open(&self) -> bool {
        !self.sender.is_closed()
    }

    /// Puts a message in the queue. A client that has too many in it does not read: it will be disconnected, and what it
    /// cannot take is dropped.
    pub(crate) fn push(&self, frame: &Frame) {
        let text = frame.to_string();
        let length = text.len();
        let queued = self.state.queued.fetch_add(length, Ordering::Relaxed);
        let is_too_much = queued > 0 && queued + length > self.most_bytes;
        if is_too_much || matches!(self.sender.try_send(text), Err(mpsc::error::TrySendError::Full(_))) {
            self.state.queued.fetch_sub(length, Ordering::Relaxed);
            self.state.overflow.notify_one();
        }
    }
}

impl Outgoing {
    /// The next message; `None` if there will be no more.
    pub(crate) async fn next(&mut self) -> Option<String> {
        self.receiver.recv().await
    }

    /// Waits until more was put in than the client may leave unread.
    pub(crate) async fn overflow(&self) {
        self.state.overflow.notified().await;
    }

    /// A message of this length has been written.
    pub(crate) fn written(&self, length: usize) {
        self.state.queued.fetch_sub(length, Ordering::Relaxed);
    }
}
