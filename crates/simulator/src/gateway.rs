//! A WCS for browsers: [`Gateway`].

use std::{
    collections::HashMap,
    fmt, io,
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

use axum::{Router, serve::Listener};
use tokio::{net::TcpListener, sync::watch, time::timeout};
use wcs_hooks_dispatcher::{App, Dispatcher, HttpTransport, Options, Settings, TlsError};

use crate::{
    Limits,
    faults::Faults,
    hub::{Hub, Places},
    origins::Origins,
    session::Input,
    socket,
    storm::LastStorm,
    tls,
};

/// The app of clients that name none. Spec §2.1.
pub(crate) const DEFAULT_APP: &str = "defaultApp";

/// A WCS that browsers connect to by WebSocket. Cheap to clone; clones are the same gateway.
///
/// ```no_run
/// use wcs_hooks_simulator::{Gateway, dispatcher::{App, Settings}};
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let app = App::new("defaultApp", "http://127.0.0.1:8081")?;
/// let gateway = Gateway::builder(Settings::default()).app(app).build()?;
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
/// gateway.serve(listener).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Gateway {
    pub(crate) shared: Arc<Shared>,
}

/// What all sessions of a gateway use.
pub(crate) struct Shared {
    pub(crate) dispatcher: Dispatcher,
    pub(crate) apps: HashMap<String, App>,
    pub(crate) hub: Hub,
    pub(crate) places: Places,
    pub(crate) limits: Limits,
    pub(crate) origins: Origins,
    pub(crate) media_address: IpAddr,
    faults: Faults,
    pub(crate) storm: LastStorm,
    stopping: watch::Sender<bool>,
}

impl Shared {
    /// The app of an `appKey`.
    pub(crate) fn app(&self, key: &str) -> Option<&App> {
        self.apps.get(key)
    }

    pub(crate) fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }

    /// Waits until the gateway is to stop.
    pub(crate) async fn stopped(&self) {
        let _ = self.stopping.subscribe().wait_for(|stopping| *stopping).await;
    }
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gateway")
            .field("dispatcher", &self.shared.dispatcher)
            .field("apps", &self.shared.apps.values())
            .field("limits", &self.shared.limits)
            .finish_non_exhaustive()
    }
}

impl Gateway {
    /// Starts to put a gateway together.
    ///
    /// ```
    /// use wcs_hooks_simulator::{Gateway, dispatcher::{App, Settings}};
    ///
    /// let app = App::new("defaultApp", "http://127.0.0.1:8081")?;
    /// let gateway = Gateway::builder(Settings::default()).app(app).build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn builder(settings: Settings) -> Builder {
        Builder {
            settings,
            apps: Vec::new(),
            limits: Limits::default(),
            origins: Origins::default(),
            media_address: Ipv4Addr::LOCALHOST.into(),
            node_id: None,
            make: Box::new(|settings, options, faults| {
                let backend = faults.around(HttpTransport::new()?);
                Ok(Dispatcher::with_options(settings, backend, options))
            }),
        }
    }

    /// What sends the hooks; it has their metrics.
    #[must_use]
    pub fn dispatcher(&self) -> &Dispatcher {
        &self.shared.dispatcher
    }

    /// What happens to hooks on their way to the backend: nothing, until rules are set.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }

    /// The `nodeId` of sessions that connect from now on.
    #[must_use]
    pub fn node_id(&self) -> String {
        self.shared.hub.node_id()
    }

    /// Gives sessions that connect from now on another `nodeId`, as a new installation of WCS would. Those that are
    /// connected keep theirs.
    pub fn set_node_id(&self, node_id: impl Into<String>) {
        self.shared.hub.set_node_id(node_id.into());
    }

    /// The WebSocket endpoint, at any path, and HLS playlists at `/{stream}/{stream}.m3u8`: for them the backend is asked by
    /// `playHLS` if `hls_auth_enabled` is set, and what the player then gets is empty or `401`.
    pub fn router(&self) -> Router {
        socket::router(Arc::clone(&self.shared))
    }

    /// Takes connections until the gateway is [stopped](Self::stop).
    ///
    /// # Errors
    /// None so far: what fails while a connection is accepted is tried again.
    pub async fn serve<L>(&self, listener: L) -> io::Result<()>
    where
        L: Listener,
        L::Addr: fmt::Debug,
    {
        let shared = Arc::clone(&self.shared);
        let stopped = async move { shared.stopped().await };
        axum::serve(listener, self.router()).with_graceful_shutdown(stopped).await
    }

    /// [`Gateway::serve`] behind TLS, for pages that come by https.
    ///
    /// # Errors
    /// As [`Gateway::serve`].
    pub async fn serve_tls(
        &self,
        listener: TcpListener,
        config: Arc<rustls::ServerConfig>,
    ) -> io::Result<()> {
        self.serve(tls::TlsListener::new(listener, config)?).await
    }

    /// Takes no more connections, and ends all sessions as if their clients had left: the backend is told of every stream,
    /// call and session. Waits for that as long as [`Limits::stop_within`] says, and gives whether all of it was told.
    pub async fn stop(&self) -> bool {
        self.shared.stopping.send_replace(true);
        for member in self.shared.hub.sessions() {
            let _ = member.mailbox.put(Input::Terminate);
        }
        timeout(self.shared.limits.stop_within, self.shared.places.empty()).await.is_ok()
    }
}

type Make = Box<dyn FnOnce(Settings, Options, &Faults) -> Result<Dispatcher, TlsError>>;

/// What a [`Gateway`] is made of.
///
/// ```
/// use wcs_hooks_simulator::{Gateway, Limits, dispatcher::{App, Settings}};
///
/// let gateway = Gateway::builder(Settings::default())
///     .app(App::new("defaultApp", "http://127.0.0.1:8081")?)
///     .app(App::new("roomApp", "http://127.0.0.1:8082")?)
///     .node_id("Hw47CFMBEchVOpBMDr29IxjudnJ1sjOY@127.0.0.1")
///     .limits(Limits { sessions: 100, ..Limits::default() })
///     .build()?;
/// assert_eq!(gateway.node_id(), "Hw47CFMBEchVOpBMDr29IxjudnJ1sjOY@127.0.0.1");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Builder {
    settings: Settings,
    apps: Vec<App>,
    limits: Limits,
    origins: Origins,
    media_address: IpAddr,
    node_id: Option<String>,
    make: Make,
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("settings", &self.settings)
            .field("apps", &self.apps)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

impl Builder {
    /// An app that clients can name. Those that name none get `defaultApp`.
    #[must_use]
    pub fn app(mut self, app: App) -> Self {
        self.apps.push(app);
        self
    }

    /// How backends are reached: any [`Backend`](wcs_hooks_dispatcher::Backend), such as a `tower` service in this
    /// process. Default is [`HttpTransport`].
    ///
    /// ```
    /// use wcs_hooks_simulator::{Gateway, dispatcher::{App, HttpTransport, Settings, Tls}};
    ///
    /// let builder = Gateway::builder(Settings::default())
    ///     .app(App::new("defaultApp", "https://backend.example")?)
    ///     .transport(HttpTransport::with_tls(Tls::default())?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn transport(mut self, backend: impl wcs_hooks_dispatcher::Backend) -> Self {
        self.make = Box::new(|settings, options, faults| {
            Ok(Dispatcher::with_options(settings, faults.around(backend), options))
        });
        self
    }

    /// The `nodeId`: 32 letters and digits, `@`, and the address where a backend reaches the REST API. Default is a random
    /// one at `127.0.0.1`.
    #[must_use]
    pub fn node_id(mut self, node_id: impl Into<String>) -> Self {
        self.node_id = Some(node_id.into());
        self
    }

    /// What the gateway bears.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Pages of this origin may connect too: `https://page.example`, or `null` for those that have none. By default only pages of
    /// this machine may (`localhost` and loopback addresses, any port), and those that come from where they connect to; who sends no
    /// `Origin` is no browser, and may as well. `*` lets in any page that a developer looks at: for closed networks. Others are
    /// answered `403`.
    ///
    /// Whatever the origin, who asks for a [`public_name`](crate::public_name) that is not the `nodeId`'s is answered `421`,
    /// unless the origin is named here.
    ///
    /// ```
    /// use wcs_hooks_simulator::{Gateway, dispatcher::Settings};
    ///
    /// let builder = Gateway::builder(Settings::default()).origin("https://page.example");
    /// ```
    #[must_use]
    pub fn origin(mut self, origin: impl Into<String>) -> Self {
        self.origins.add(origin.into());
        self
    }

    /// An address of this machine where the browsers of calls reach the ports that their media go by. Default is
    /// `127.0.0.1`: only the media of browsers on this machine flow.
    ///
    /// ```
    /// use wcs_hooks_simulator::{Gateway, dispatcher::Settings};
    ///
    /// let builder = Gateway::builder(Settings::default()).media_address([192, 168, 1, 5].into());
    /// ```
    #[must_use]
    pub fn media_address(mut self, address: IpAddr) -> Self {
        self.media_address = address;
        self
    }

    /// The gateway.
    ///
    /// # Errors
    /// If there is no app, two have the same key, or the default transport cannot set up TLS.
    pub fn build(self) -> Result<Gateway, BuildError> {
        let mut apps = HashMap::new();
        for app in self.apps {
            let key = app.key().to_owned();
            if apps.insert(key.clone(), app).is_some() {
                return Err(BuildError::SameKey(key));
            }
        }
        if apps.is_empty() {
            return Err(BuildError::NoApp);
        }
        let mut options = Options::default();
        if let Some(node_id) = self.node_id {
            options.node_id = node_id;
        }
        let hub = Hub::new(options.node_id.clone());
        let faults = Faults::seeded(fastrand::u64(..));
        let dispatcher = (self.make)(self.settings, options, &faults).map_err(BuildError::Tls)?;
        let places = Places::new(self.limits.sessions);
        let stopping = watch::Sender::new(false);
        let shared = Shared {
            dispatcher,
            apps,
            hub,
            places,
            limits: self.limits,
            origins: self.origins,
            media_address: self.media_address,
            faults,
            storm: LastStorm::default(),
            stopping,
        };
        Ok(Gateway { shared: Arc::new(shared) })
    }
}

/// A gateway cannot be put together.
///
/// ```
/// use wcs_hooks_simulator::{Gateway, dispatcher::Settings};
///
/// let error = Gateway::builder(Settings::default()).build().unwrap_err();
/// assert_eq!(error.to_string(), "a gateway needs an app: add one by Builder::app");
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum BuildError {
    /// There is no app.
    NoApp,
    /// Two apps have this key.
    SameKey(String),
    /// The default transport cannot set up TLS.
    Tls(TlsError),
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoApp => f.write_str("a gateway needs an app: add one by Builder::app"),
            Self::SameKey(key) => write!(f, "two apps have the key {key}: each needs its own"),
            Self::Tls(error) => write!(f, "the transport cannot be set up: {error}"),
        }
    }
}

impl std::error::Error for BuildError {}
