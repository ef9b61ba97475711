//! A server for a backend: [`Server`].

mod accept;
mod bind;
mod connection;
mod counts;
mod descriptors;
mod drive;
mod error;
mod host;
mod listening;
mod memory;
mod metrics;
mod places;
mod rewind;
mod service;
mod settings;
mod stage;
mod tls;
mod transport;
mod validity;
mod watch;

#[cfg(test)]
mod tests;

use std::{net::IpAddr, sync::Arc};

use arc_swap::ArcSwap;

use crate::{Backend, PeerAddress};
use counts::Counts;
use places::{Places, Standing};
use stage::Stage;

pub use counts::ServerCounts;
pub use error::ServerError;
pub use listening::{Drained, Listening, ServerHandle};
pub(crate) use memory::MemoryBound;
pub use settings::{Listen, ServerSettings, TlsSettings};

/// A server of HTTP/1.1, and of HTTP/2 where the caller begins with it, for one [`Backend`].
///
/// What it bounds is in [`ServerSettings`]. SIGTERM and SIGINT stop it: it says that it is not ready and serves on for a while
/// ([`ServerSettings::drain_delay`]), then takes no new connections, ends the idle ones, answers the hooks in flight and says
/// whether any was cut ([`Drained`]). A second signal ends it at once.
///
/// ```no_run
/// use std::process::ExitCode;
/// use wcs_hooks::{AllowAll, Backend, Callers, Hooks, Server, ServerSettings};
///
/// #[tokio::main]
/// async fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
///     let backend = Backend::builder(Hooks::new(AllowAll)).callers(Callers::signed(["1234567890"])).build()?;
///     let mut settings = ServerSettings::default();
///     settings.listen = vec!["127.0.0.1:8081".parse()?];
///     let server = Server::new(backend).settings(settings).bind()?;
///     println!("listening on {}", server.urls().join(", "));
///     Ok(server.run().await.into())
/// }
/// ```
#[derive(Debug)]
#[must_use = "a server does nothing until it is bound and run"]
pub struct Server {
    backend: Backend,
    settings: ServerSettings,
}

impl Server {
    /// A server with the settings that are the default.
    ///
    /// ```
    /// # use wcs_hooks::{AllowAll, Backend, Callers, Hooks, Server};
    /// # let backend = Backend::builder(Hooks::new(AllowAll)).callers(Callers::anyone()).build()?;
    /// let server = Server::new(backend);
    /// # Ok::<(), wcs_hooks::SetupError>(())
    /// ```
    pub fn new(backend: Backend) -> Self {
        Self { backend, settings: ServerSettings::default() }
    }

    /// With these settings.
    ///
    /// ```
    /// # use wcs_hooks::{AllowAll, Backend, Callers, Hooks, Server, ServerSettings};
    /// # let backend = Backend::builder(Hooks::new(AllowAll)).callers(Callers::anyone()).build()?;
    /// let mut settings = ServerSettings::default();
    /// settings.connections = 1000;
    /// let server = Server::new(backend).settings(settings);
    /// # Ok::<(), wcs_hooks::SetupError>(())
    /// ```
    pub fn settings(mut self, settings: ServerSettings) -> Self {
        self.settings = settings;
        self
    }

    /// Listens, without answering yet. Port 0 takes a free one: see [`Listening::addresses`].
    ///
    /// A socket file that another process has left is replaced; one that somebody listens at is not.
    ///
    /// # Errors
    /// If there is nowhere to listen, an address is taken or not ours, or a file of [`TlsSettings`] is of no use.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn bind(self) -> Result<Listening, ServerError> {
        let listeners = bind::all(&self.settings)?;
        descriptors::warn_if_few(&self.settings);
        Ok(Listening::new(Arc::new(Shared::new(self.backend, self.settings)?), listeners))
    }
}

/// Whether the settings are of use, as far as can be known without listening.
pub(crate) fn check(settings: &ServerSettings) -> Result<(), ServerError> {
    if settings.listen.is_empty() {
        return Err(ServerError::NowhereToListen);
    }
    Live::new(settings.clone()).map(drop)
}

/// What all connections share.
struct Shared {
    backend: Backend,
    live: ArcSwap<Live>,
    stage: Stage,
    places: Places,
    counts: Counts,
}

impl Shared {
    fn new(backend: Backend, settings: ServerSettings) -> Result<Self, ServerError> {
        Ok(Self {
            backend,
            live: ArcSwap::from_pointee(Live::new(settings)?),
            stage: Stage::default(),
            places: Places::default(),
            counts: Counts::default(),
        })
    }

    fn standing(&self, peer: Option<IpAddr>) -> Standing {
        if self.stranger(peer).is_none() {
            return Standing::Authenticated;
        }
        let backend = &self.backend.shared;
        let limit = backend.live().settings.limits.denials_per_minute;
        if backend.denials.is_at_limit(peer.map(PeerAddress), limit) {
            Standing::AtLimit
        } else {
            Standing::Unauthenticated
        }
    }

    /// The network of a peer from which no valid call has come.
    fn stranger(&self, peer: Option<IpAddr>) -> Option<IpAddr> {
        self.backend.shared.denials.stranger(peer.map(PeerAddress)).map(PeerAddress::network)
    }
}

/// What can be changed while the server runs. A connection keeps what was set when it came.
struct Live {
    settings: ServerSettings,
    tls: Option<tls::Identity>,
}

impl Live {
    fn new(settings: ServerSettings) -> Result<Self, ServerError> {
        let tls = settings.tls.as_ref().map(tls::Identity::read).transpose()?;
        Ok(Self { settings, tls })
    }
}
