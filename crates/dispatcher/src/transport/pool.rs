//! Connections that are kept for later requests: [`Pool`].

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use bytes::Bytes;
use foldhash::fast::RandomState;
use http_body_util::Full;
use hyper::client::conn::http1::SendRequest;
use tokio::{task::JoinHandle, time::Instant};

use super::Origin;

/// How long a connection is kept for another request.
const IDLE_TIMEOUT: Duration = Duration::from_mins(1);

/// One end of a connection, whose other end is a task.
pub(super) type Sender = SendRequest<Full<Bytes>>;

/// Idle connections, of which the one that was used last is used first.
#[derive(Default)]
pub(super) struct Pool {
    idle: Mutex<HashMap<Origin, Vec<Idle>, RandomState>>,
    sweeper: Mutex<Option<JoinHandle<()>>>,
}

struct Idle {
    sender: Sender,
    since: Instant,
}

impl Pool {
    /// A connection that takes a request at once.
    pub(super) fn take(&self, origin: &Origin) -> Option<Sender> {
        let mut idle = locked(&self.idle);
        let idle = idle.get_mut(origin)?;
        std::iter::from_fn(|| idle.pop()).map(|idle| idle.sender).find(Sender::is_ready)
    }

    /// Keeps a connection, as soon as the answer has been read from it.
    pub(super) fn keep(self: &Arc<Self>, origin: Origin, mut sender: Sender) {
        if sender.is_ready() {
            return self.put(origin, sender);
        }
        let pool = Arc::clone(self);
        tokio::spawn(async move {
            if sender.ready().await.is_ok() {
                pool.put(origin, sender);
            }
        });
    }

    fn put(&self, origin: Origin, sender: Sender) {
        let idle = Idle { sender, since: Instant::now() };
        locked(&self.idle).entry(origin).or_default().push(idle);
    }

    /// Sees to it that connections are closed that have been idle for too long.
    pub(super) fn sweep(self: &Arc<Self>) {
        let mut sweeper = locked(&self.sweeper);
        if sweeper.as_ref().is_none_or(JoinHandle::is_finished) {
            *sweeper = Some(tokio::spawn(sweep(Arc::downgrade(self))));
        }
    }

    /// Closes what has been idle for too long; gives when there may be more.
    fn close_idle(&self) -> Instant {
        let now = Instant::now();
        let mut idle = locked(&self.idle);
        idle.retain(|_, idle| {
            idle.retain(|idle| now - idle.since < IDLE_TIMEOUT && !idle.sender.is_closed());
            !idle.is_empty()
        });
        let oldest = idle.values().flatten().map(|idle| idle.since).min();
        oldest.unwrap_or(now) + IDLE_TIMEOUT
    }
}

/// Until the pool is gone.
async fn sweep(pool: Weak<Pool>) {
    while let Some(next) = pool.upgrade().map(|pool| pool.close_idle()) {
        tokio::time::sleep_until(next).await;
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
