//! Where the registry is kept: [`Store`].

use std::{error::Error, future::Future};

use super::{
    change::Change,
    query::Query,
    record::{Call, Session, Stream},
};

/// How many are live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Counts {
    /// Sessions.
    pub sessions: usize,
    /// Streams, published and played.
    pub streams: usize,
    /// Calls.
    pub calls: usize,
}

/// Where the registry is kept, and the rules by which it changes.
///
/// The rules belong to the store, since they must hold together: two processes that share one store may bring the end
/// and the beginning of a stream at the same time. What is asked of it is asynchronous, since a store that is shared is
/// behind a network; [`MemoryStore`](super::MemoryStore) is always ready. The counts are not: whoever gathers metrics
/// does not wait, and a store behind a network gives the ones it last knew.
///
/// ```
/// use std::convert::Infallible;
/// use wcs_hooks::registry::{Call, Change, Counts, MemoryStore, Query, Registry, Session, Store, Stream};
///
/// /// Tells what changes.
/// #[derive(Default)]
/// struct Told(MemoryStore);
///
/// impl Store for Told {
///     type Error = Infallible;
///
///     async fn apply(&self, change: Change) -> Result<(), Infallible> {
///         tracing::info!("{change:?}");
///         self.0.apply(change).await
///     }
///
///     async fn sessions(&self, query: &Query) -> Result<Vec<Session>, Infallible> {
///         self.0.sessions(query).await
///     }
///
///     async fn streams(&self, query: &Query) -> Result<Vec<Stream>, Infallible> {
///         self.0.streams(query).await
///     }
///
///     async fn calls(&self, query: &Query) -> Result<Vec<Call>, Infallible> {
///         self.0.calls(query).await
///     }
///
///     async fn sweep(&self) -> Result<(), Infallible> {
///         self.0.sweep().await
///     }
///
///     fn counts(&self) -> Counts {
///         self.0.counts()
///     }
/// }
///
/// let registry = Registry::with_store(Told::default());
/// assert_eq!(registry.counts(), Counts::default());
/// ```
pub trait Store: Send + Sync + 'static {
    /// Why the store did not do what it was asked.
    type Error: Error + Send + Sync + 'static;

    /// Takes over what a hook said.
    ///
    /// # Errors
    /// If the store cannot be reached.
    fn apply(&self, change: Change) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// The sessions that are live, in the order in which they were first heard of.
    ///
    /// # Errors
    /// If the store cannot be reached.
    fn sessions(&self, query: &Query) -> impl Future<Output = Result<Vec<Session>, Self::Error>> + Send;

    /// The streams that are live, in the order in which they were first heard of.
    ///
    /// # Errors
    /// If the store cannot be reached.
    fn streams(&self, query: &Query) -> impl Future<Output = Result<Vec<Stream>, Self::Error>> + Send;

    /// The calls that are live, in the order in which they were first heard of.
    ///
    /// # Errors
    /// If the store cannot be reached.
    fn calls(&self, query: &Query) -> impl Future<Output = Result<Vec<Call>, Self::Error>> + Send;

    /// Drops what nothing has been heard of for too long.
    ///
    /// # Errors
    /// If the store cannot be reached.
    fn sweep(&self) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// How many are live.
    fn counts(&self) -> Counts;
}
