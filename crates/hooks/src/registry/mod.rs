//! Who is connected, which streams are live, and which calls: [`Registry`].

mod change;
mod ended;
mod memory;
mod query;
mod record;
mod state;
mod store;
mod table;
mod watched;

use std::{fmt, sync::Arc};

use wcs_hooks_metrics::{Page, Source};

pub use change::Change;
pub use memory::{Bounds, MemoryStore};
pub use query::Query;
pub use record::{Call, Id, Session, Stream};
pub use store::{Counts, Store};
pub(crate) use {
    change::is_watched,
    watched::{Recorder, Watched},
};

/// Who is connected, which streams are live, and which calls, as the hooks tell it. Clones share everything.
///
/// [`Hooks::registry`](crate::Hooks::registry) lets it learn, beside whatever handlers the same hooks have:
///
/// - sessions from `connect`, once it is accepted, and from `ConnectionStatusEvent`;
/// - streams from `StreamStatusEvent` and `StreamKeepAliveEvent`;
/// - calls from `OnCallEvent`, once it is accepted, and from `CallStatusEvent`.
///
/// When a session ends, so does what belongs to it. What is never told to have ended is dropped after a silence, see
/// [`Bounds`].
///
/// # Which one an event is about
///
/// Hooks may come twice, late, and in another order than they happened (spec §1.3).
///
/// - A stream is its `nodeId`, `sessionId` and `mediaSessionId`; a call its `nodeId`, `sessionId` and `callId`. So a late
///   `UNPUBLISHED` ends the stream that it is about, and not the one that has been published by the same name since.
///   The end may come before the beginning: it is remembered for [`Bounds::late`], and the beginning then passed over.
/// - A session is its `nodeId` and `sessionId`, which it may share with an earlier one: older builds make the id of
///   addresses and ports. Nothing in the event tells the two apart. What does is `connect`: it precedes whatever the
///   session does, so a session begins anew with it, and what is known of the earlier one has ended. For [`Bounds::late`]
///   from then on an end is taken for the earlier session's. If the later one ends within that time, it is dropped for
///   its silence.
///
/// An event of which the session, or the stream or call, has no id is passed over.
///
/// ```
/// use wcs_hooks::{AllowAll, Hooks, OrRefuse, hook, registry::{Query, Registry}};
///
/// let registry = Registry::new();
/// let known = registry.clone();
/// let hooks = Hooks::new(AllowAll).registry(&registry).on(hook::PlayStream, move |ctx, stream| {
///     let known = known.clone();
///     async move {
///         known.publisher(&ctx.app_key, &stream.name).await?.or_forbidden("nobody publishes this")?;
///         Ok(stream)
///     }
/// });
/// assert_eq!(registry.counts().streams, 0);
/// ```
pub struct Registry<S = MemoryStore> {
    store: Arc<S>,
}

impl Registry {
    /// A registry in memory, with the default [`Bounds`].
    #[must_use]
    pub fn new() -> Self {
        Self::with_store(MemoryStore::default())
    }
}

impl Default for Registry {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: Store> Registry<S> {
    /// A registry that is kept in this store.
    ///
    /// ```
    /// use wcs_hooks::registry::{Bounds, MemoryStore, Registry};
    ///
    /// let registry = Registry::with_store(MemoryStore::new(Bounds { most_streams: 1_000, ..Bounds::default() }));
    /// ```
    #[must_use]
    pub fn with_store(store: S) -> Self {
        Self { store: Arc::new(store) }
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &Arc<S> {
        &self.store
    }

    /// The sessions that are live, in the order in which they were first heard of.
    ///
    /// ```
    /// use wcs_hooks::registry::{Query, Registry};
    ///
    /// # async fn example(registry: Registry) {
    /// let Ok(sessions) = registry.sessions(&Query::new().login("alice")).await;
    /// # }
    /// ```
    ///
    /// # Errors
    /// If the store cannot be reached; one in memory always can.
    pub async fn sessions(&self, query: &Query) -> Result<Vec<Session>, S::Error> {
        self.store.sessions(query).await
    }

    /// The streams that are live, in the order in which they were first heard of.
    ///
    /// # Errors
    /// If the store cannot be reached; one in memory always can.
    pub async fn streams(&self, query: &Query) -> Result<Vec<Stream>, S::Error> {
        self.store.streams(query).await
    }

    /// The calls that are live, in the order in which they were first heard of.
    ///
    /// # Errors
    /// If the store cannot be reached; one in memory always can.
    pub async fn calls(&self, query: &Query) -> Result<Vec<Call>, S::Error> {
        self.store.calls(query).await
    }

    /// The stream that is published by this name. While the end of an earlier one has not come, there may be several: the
    /// newest by `createDate`, or else by when it was first heard of.
    ///
    /// # Errors
    /// If the store cannot be reached; one in memory always can.
    pub async fn publisher(&self, app_key: &str, name: &str) -> Result<Option<Stream>, S::Error> {
        let streams = self.streams(&Query::new().app(app_key).name(name)).await?;
        let published = streams.into_iter().filter(|stream| stream.is_published);
        Ok(published.max_by_key(|stream| (stream.create_date, stream.since)))
    }

    /// How many are live, as of the last time that it was used or swept. Cheap: for metrics.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.store.counts()
    }

    /// Drops what nothing has been heard of for too long, so that [`Registry::counts`] is right where no hook comes.
    ///
    /// ```
    /// use std::time::Duration;
    /// use wcs_hooks::registry::Registry;
    ///
    /// async fn sweep_each_minute(registry: Registry) {
    ///     let mut minutes = tokio::time::interval(Duration::from_secs(60));
    ///     loop {
    ///         minutes.tick().await;
    ///         let Ok(()) = registry.sweep().await;
    ///     }
    /// }
    /// ```
    ///
    /// # Errors
    /// If the store cannot be reached; one in memory always can.
    pub async fn sweep(&self) -> Result<(), S::Error> {
        self.store.sweep().await
    }
}

impl<S> Clone for Registry<S> {
    fn clone(&self) -> Self {
        Self { store: Arc::clone(&self.store) }
    }
}

impl<S: Store> fmt::Debug for Registry<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry").field("counts", &self.counts()).finish_non_exhaustive()
    }
}

impl<S: Store> Source for Registry<S> {
    fn write(&self, page: &mut Page) {
        let Counts { sessions, streams, calls, .. } = self.counts();
        page.gauges("wcs_hooks_registry_sessions", "Sessions that are live").add(&[], sessions as u64);
        page.gauges("wcs_hooks_registry_streams", "Streams that are live, published and played")
            .add(&[], streams as u64);
        page.gauges("wcs_hooks_registry_calls", "Calls that are live").add(&[], calls as u64);
    }
}

#[cfg(test)]
mod tests;
