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

/// Connections by where they go.
#[derive(Default)]
pub(super) struct Pool {
    hosts: Mutex<HashMap<Origin, Arc<Host>, RandomState>>,
    sweeper: Mutex<Option<JoinHandle<()>>>,
}

/// The idle connections to a host, of which the one that was used last is used first.
pub(super) struct Host {
    origin: Origin,
    idle: Mutex<Vec<Idle>>,
}

struct Idle {
    sender: Sender,
    since: Instant,
}

impl Pool {
    pub(super) fn host(&self, origin: Origin) -> Arc<Host> {
        let mut hosts = locked(&self.hosts);
        if let Some(host) = hosts.get(&origin) {
            return Arc::clone(host);
        }
        let host = Arc::new(Host { origin: origin.clone(), idle: Mutex::default() });
        hosts.insert(origin, Arc::clone(&host));
        host
    }

    /// Sees to it that connections are closed that have been idle for too long.
    pub(super) fn sweep(self: &Arc<Self>) {
        let mut sweeper = locked(&self.sweeper);
        if sweeper.as_ref().is_none_or(JoinHandle::is_finished) {
            *sweeper = Some(tokio::spawn(sweep(Arc::downgrade(self))));
        }
    }

    /// Closes what has been idle for too long; gives when there may be more. Hosts without connections are forgotten.
    fn close_idle(&self) -> Instant {
        let now = Instant::now();
        let mut oldest = now;
        locked(&self.hosts).retain(|_, host| {
            let mut idle = locked(&host.idle);
            idle.retain(|idle| now - idle.since < IDLE_TIMEOUT && !idle.sender.is_closed());
            oldest = idle.iter().map(|idle| idle.since).fold(oldest, Instant::min);
            !idle.is_empty() || Arc::strong_count(host) > 1
        });
        oldest + IDLE_TIMEOUT
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        locked(&self.sweeper).take().inspect(JoinHandle::abort);
    }
}

impl Host {
    pub(super) const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// A connection that takes a request at once. Its age is looked at here too: the sweeper ends with its runtime.
    pub(super) fn take(&self) -> Option<Sender> {
        let mut idle = locked(&self.idle);
        let is_good = |idle: &Idle| idle.sender.is_ready() && idle.since.elapsed() < IDLE_TIMEOUT;
        std::iter::from_fn(|| idle.pop()).find(is_good).map(|idle| idle.sender)
    }

    /// Keeps a connection, as soon as the answer has been read from it.
    pub(super) fn keep(self: Arc<Self>, mut sender: Sender) {
        if sender.is_ready() {
            return self.put(sender);
        }
        tokio::spawn(async move {
            if sender.ready().await.is_ok() {
                self.put(sender);
            }
        });
    }

    fn put(&self, sender: Sender) {
        locked(&self.idle).push(Idle { sender, since: Instant::now() });
    }
}

async fn sweep(pool: Weak<Pool>) {
    while let Some(next) = pool.upgrade().map(|pool| pool.close_idle()) {
        tokio::time::sleep_until(next).await;
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
