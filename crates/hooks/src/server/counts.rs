//! What a server counts: [`ServerCounts`].

use std::sync::atomic::{AtomicU64, Ordering};

/// What a server has counted since its start.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use wcs_hooks::{AllowAll, Backend, Callers, Hooks, Server, ServerSettings};
///
/// let backend = Backend::builder(Hooks::new(AllowAll)).callers(Callers::anyone()).build()?;
/// let mut settings = ServerSettings::default();
/// settings.listen = vec!["127.0.0.1:0".parse()?];
/// let server = Server::new(backend).settings(settings).bind()?;
/// assert_eq!(server.handle().counts().open, 0);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerCounts {
    /// Connections that are open now.
    pub open: usize,
    /// Connections that were accepted.
    pub accepted: u64,
    /// Connections that were closed since their address had too many.
    pub too_many_of_address: u64,
    /// Connections that were closed since those of addresses from which no valid call has come were too many.
    pub too_many_unauthenticated: u64,
    /// Times that no connection could be accepted, for want of file descriptors or memory.
    pub accept_failures: u64,
    /// TLS handshakes that failed or took too long.
    pub handshake_failures: u64,
    /// Connections that were closed because a request's head took too long.
    pub slow_heads: u64,
    /// Bodies that took too long.
    pub slow_bodies: u64,
    /// Connections that were closed because nothing came any more.
    pub idle: u64,
    /// Hooks that were cut because the drain took too long.
    pub cut: u64,
}

/// What is added to.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) accepted: Count,
    pub(super) too_many_of_address: Count,
    pub(super) too_many_unauthenticated: Count,
    pub(super) accept_failures: Count,
    pub(super) handshake_failures: Count,
    pub(super) slow_heads: Count,
    pub(super) slow_bodies: Count,
    pub(super) idle: Count,
    pub(super) cut: Count,
}

#[derive(Debug, Default)]
pub(super) struct Count(AtomicU64);

impl Count {
    pub(super) fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    pub(super) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Counts {
    pub(super) fn with_open(&self, open: usize) -> ServerCounts {
        ServerCounts {
            open,
            accepted: self.accepted.get(),
            too_many_of_address: self.too_many_of_address.get(),
            too_many_unauthenticated: self.too_many_unauthenticated.get(),
            accept_failures: self.accept_failures.get(),
            handshake_failures: self.handshake_failures.get(),
            slow_heads: self.slow_heads.get(),
            slow_bodies: self.slow_bodies.get(),
            idle: self.idle.get(),
            cut: self.cut.get(),
        }
    }
}
