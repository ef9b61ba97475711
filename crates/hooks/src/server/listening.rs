//! A server that listens, and its end.

use std::{fmt, process::ExitCode, sync::Arc, time::SystemTime};

use tokio::{
    signal::unix::{SignalKind, signal},
    task::JoinSet,
    time::timeout,
};

use super::{
    Listen, Live, ServerCounts, ServerError, ServerSettings, Shared, accept, bind::Listener, descriptors,
    stage, validity::Expiry,
};

/// A server that listens and does not answer yet: what comes waits until [`Listening::run`].
#[must_use = "nothing is answered until it is run"]
pub struct Listening {
    shared: Arc<Shared>,
    listeners: Vec<Listener>,
}

impl Listening {
    pub(super) fn new(shared: Arc<Shared>, listeners: Vec<Listener>) -> Self {
        Self { shared, listeners }
    }

    /// Where it listens, in the order of the settings, with the ports that it got.
    #[must_use]
    pub fn addresses(&self) -> Vec<Listen> {
        self.listeners.iter().filter_map(Listener::address).collect()
    }

    /// The same as URLs: `http://127.0.0.1:8081`, `https://…` with TLS, `unix:/run/wcs-hooks.sock`.
    #[must_use]
    pub fn urls(&self) -> Vec<String> {
        let scheme = if self.shared.live.load().settings.tls.is_some() { "https" } else { "http" };
        let url = |listen: &Listen| match listen {
            Listen::Tcp(address) => format!("{scheme}://{address}"),
            Listen::Unix(_) => listen.to_string(),
        };
        self.addresses().iter().map(url).collect()
    }

    /// What it can be told while it runs.
    #[must_use]
    pub fn handle(&self) -> ServerHandle {
        ServerHandle { shared: Arc::clone(&self.shared) }
    }

    /// Answers until SIGTERM or SIGINT, then leaves and drains ([`ServerHandle::stop`]); a second signal ends everything at once.
    pub async fn run(self) -> Drained {
        let handle = self.handle();
        let signals = tokio::spawn(async move {
            // Without a handler the signal ends the process, which is what it asks for.
            let (Ok(mut terminate), Ok(mut interrupt)) =
                (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
            else {
                return tracing::error!("signals cannot be handled: they end the process without a drain");
            };
            for step in [ServerHandle::stop, ServerHandle::stop_now] {
                tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
                step(&handle);
            }
        });
        let drained = self.run_until(std::future::pending()).await;
        signals.abort();
        drained
    }

    /// Answers until `stop` is ready or [`ServerHandle::stop`] is called, then leaves and drains. Knows no signals.
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
    /// let drained = server.run_until(async {}).await;
    /// assert_eq!(drained.cut, 0);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn run_until(self, stop: impl Future<Output = ()>) -> Drained {
        let shared = self.shared;
        let mut accepting = JoinSet::new();
        for listener in self.listeners {
            accepting.spawn(accept::run(listener, Arc::clone(&shared)));
        }
        tokio::select! { () = stop => {}, () = shared.stage.reached(stage::LEAVING) => {} }
        shared.leave().await;
        while accepting.join_next().await.is_some() {}
        let drained = shared.drain().await;
        shared.backend.shared.rejections.end();
        tracing::info!(cut = drained.cut, "stopped");
        drained
    }
}

impl Shared {
    /// Says that it is not ready, and serves on for the delay.
    pub(super) async fn leave(&self) {
        let delay = self.live.load().settings.drain_delay;
        self.stage.advance(stage::LEAVING);
        tracing::info!(connections = self.places.taken(), ?delay, "stopping");
        if !delay.is_zero() {
            let _ = timeout(delay, self.stage.reached(stage::DRAINING)).await;
        }
        self.stage.advance(stage::DRAINING);
    }

    pub(super) async fn drain(&self) -> Drained {
        let within = self.live.load().settings.drain_timeout;
        let ended = async {
            tokio::select! {
                () = self.places.until(|taken| taken == 0) => {}
                () = self.stage.reached(stage::CUT) => {}
            }
        };
        if timeout(within, ended).await.is_err() {
            tracing::warn!(?within, "the drain takes too long");
        }
        self.stage.advance(stage::CUT);
        self.places.until(|taken| taken == 0).await;
        Drained { cut: self.counts.cut.get() }
    }
}

/// How a server ended. As an [`ExitCode`] it is 0 if every hook was answered, else 1.
///
/// ```
/// use std::process::ExitCode;
/// use wcs_hooks::Drained;
///
/// fn code(drained: Drained) -> ExitCode {
///     eprintln!("{} hooks were cut", drained.cut);
///     drained.into()
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
#[must_use = "it says whether hooks were cut"]
pub struct Drained {
    /// Hooks whose answers were not given, since the drain took too long or was ended.
    pub cut: u64,
}

impl From<Drained> for ExitCode {
    fn from(drained: Drained) -> Self {
        if drained.cut == 0 { Self::SUCCESS } else { Self::FAILURE }
    }
}

/// What a running server can be told. Clones are of the same server.
#[derive(Clone)]
pub struct ServerHandle {
    shared: Arc<Shared>,
}

impl ServerHandle {
    pub(super) fn backend(&self) -> &crate::Backend {
        &self.shared.backend
    }

    /// Says that it is not ready, and serves on for [`ServerSettings::drain_delay`]; then takes no new connections, and ends when
    /// the hooks in flight are answered. From now on each connection is closed after its next answer, which says so.
    pub fn stop(&self) {
        self.shared.stage.advance(stage::LEAVING);
    }

    /// Ends without waiting for hooks in flight.
    pub fn stop_now(&self) {
        self.shared.stage.advance(stage::CUT);
    }

    /// Whether it is to be sent hooks: false from the moment that it is told to stop.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.shared.stage.now() == stage::SERVING
    }

    /// Takes new limits, times and certificates, and whether there is TLS, for the connections that come from now on. Gives the
    /// settings that differ and take effect at the next start only: those of where to listen.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use wcs_hooks::{AllowAll, Backend, Callers, Hooks, Server, ServerSettings};
    ///
    /// let backend = Backend::builder(Hooks::new(AllowAll)).callers(Callers::anyone()).build()?;
    /// let mut settings = ServerSettings::default();
    /// settings.listen = vec!["127.0.0.1:0".parse()?];
    /// let handle = Server::new(backend).settings(settings.clone()).bind()?.handle();
    /// settings.connections = 100;
    /// settings.reuse_port = true;
    /// assert_eq!(handle.apply(&settings)?, ["reuse_port"]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If a file of [`TlsSettings`](super::TlsSettings) is of no use. Nothing has changed then.
    pub fn apply(&self, settings: &ServerSettings) -> Result<Vec<&'static str>, ServerError> {
        Ok(self.put(Self::prepare(settings)?))
    }

    /// What may fail of [`ServerHandle::apply`], for who has more to look at before anything is changed.
    pub(crate) fn prepare(settings: &ServerSettings) -> Result<Prepared, ServerError> {
        Live::new(settings.clone()).map(Prepared)
    }

    pub(crate) fn put(&self, Prepared(live): Prepared) -> Vec<&'static str> {
        let before = self.shared.live.load_full();
        let fixed = [
            ("listen", before.settings.listen != live.settings.listen),
            ("reuse_port", before.settings.reuse_port != live.settings.reuse_port),
        ];
        if before.tls.is_some() != live.tls.is_some() {
            tracing::warn!(
                is_on = live.tls.is_some(),
                "TLS was switched, for connections that come from now on"
            );
        }
        descriptors::warn_if_few(&live.settings);
        self.shared.live.store(Arc::new(live));
        self.shared.places.look_again();
        fixed.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
    }

    /// When the server's certificate expires; `None` without TLS. The log warns of it at the start and when settings are taken,
    /// from 14 days before.
    #[must_use]
    pub fn certificate_expires(&self) -> Option<SystemTime> {
        let live = self.shared.live.load();
        live.tls.as_ref().and_then(|tls| tls.expires).map(Expiry::time)
    }

    /// What has been counted.
    #[must_use]
    pub fn counts(&self) -> ServerCounts {
        self.shared.counts.with_open(self.shared.places.taken())
    }
}

/// Settings whose files have been read.
pub(crate) struct Prepared(Live);

impl fmt::Debug for Listening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listening").field("addresses", &self.addresses()).finish_non_exhaustive()
    }
}

impl fmt::Debug for ServerHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerHandle").field("counts", &self.counts()).finish_non_exhaustive()
    }
}
