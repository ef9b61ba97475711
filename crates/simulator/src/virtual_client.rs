//! Clients without a browser and a socket: [`VirtualClient`].

use std::sync::Arc;

use tokio::{sync::mpsc, task::JoinHandle};

use crate::{
    frame::{Frame, FrameError},
    gateway::Shared,
    outbox::{Outgoing, outbox},
    session::{self, Client},
};

/// A client in this process. Its session is like any other; it leaves when it is dropped.
pub(crate) struct VirtualClient {
    frames: mpsc::Sender<Result<Frame, FrameError>>,
    outgoing: Outgoing,
    session: JoinHandle<()>,
}

impl VirtualClient {
    /// Opens a connection, if the gateway has a place for another.
    pub(crate) fn open(shared: &Arc<Shared>) -> Option<Self> {
        let place = shared.places.take().filter(|_| !shared.is_stopping())?;
        let (outbox, outgoing) = outbox(&shared.limits);
        let (frames, received) = mpsc::channel(shared.limits.waiting_frames.max(1));
        let client = Client { frames: received, outbox, origin: None };
        let session = tokio::spawn(session::run(Arc::clone(shared), client, place));
        Some(Self { frames, outgoing, session })
    }

    /// Sends a message with one argument, given as JSON.
    pub(crate) async fn send(&self, message: &'static str, argument: String) {
        // A session that is over says so by what it sends last.
        let _ = self.frames.send(Ok(Frame::new(message, [argument]))).await;
    }

    /// The next message; `None` if the session is over.
    pub(crate) async fn next(&mut self) -> Option<Frame> {
        let text = self.outgoing.next().await?;
        self.outgoing.written(text.len());
        Frame::read(&text).ok()
    }

    /// Leaves. What is returned ends when the backend has been told.
    pub(crate) fn leave(self) -> JoinHandle<()> {
        self.session
    }

    /// Waits for a message with one of these names, and gives it; `None` if the session is over before.
    pub(crate) async fn wait_for(&mut self, names: &[&str]) -> Option<Frame> {
        loop {
            let frame = self.next().await?;
            if names.contains(&frame.message()) {
                return Some(frame);
            }
        }
    }
}
