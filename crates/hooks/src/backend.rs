//! All apps behind one URL: [`Backend`].

use std::{collections::HashMap, fmt, sync::Arc};

use crate::{Callers, Counters, Hooks, Observer, gates::Gates, policy::AppPolicy};

/// The longest body that is read, unless set otherwise: 1 MiB.
pub const DEFAULT_BODY_LIMIT: usize = 1024 * 1024;

/// A backend: a [`tower::Service`] that answers the hooks of one or more apps.
///
/// The last segment of the path names the hook, whatever stands before it. Clones share everything.
///
/// ```
/// use wcs_hooks::{AllowAll, Backend, Callers, Hooks};
///
/// let backend = Backend::builder(Hooks::new(AllowAll)).callers(Callers::signed(["1234567890"])).build()?;
/// let app: axum::Router = backend.into_router();
/// # Ok::<(), wcs_hooks::SetupError>(())
/// ```
#[derive(Clone)]
pub struct Backend {
    pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
    /// The default app is the first.
    pub(crate) apps: Vec<App>,
    by_key: HashMap<String, usize>,
    pub(crate) gates: Gates,
    pub(crate) body_limit: usize,
    pub(crate) counters: Counters,
    pub(crate) observer: Option<Box<dyn Observer>>,
}

pub(crate) struct App {
    pub(crate) name: String,
    pub(crate) hooks: Hooks,
    pub(crate) policy: AppPolicy,
    pub(crate) gate: usize,
}

impl Backend {
    /// Starts a backend with the handlers of every app that has none of its own.
    pub fn builder(default_app: Hooks) -> BackendBuilder {
        BackendBuilder {
            apps: vec![("default".to_owned(), default_app)],
            callers: None,
            body_limit: DEFAULT_BODY_LIMIT,
            observer: None,
        }
    }

    /// What has been answered so far.
    #[must_use]
    pub fn counters(&self) -> &Counters {
        &self.shared.counters
    }

    /// The backend as an [`axum::Router`], to be nested, merged or layered. It answers every path but the root.
    ///
    /// ```
    /// # use wcs_hooks::{AllowAll, Backend, Callers, Hooks};
    /// # let backend = Backend::builder(Hooks::new(AllowAll)).callers(Callers::anyone()).build()?;
    /// let app: axum::Router = axum::Router::new()
    ///     .route("/health", axum::routing::get(async || "ok"))
    ///     .nest("/hooks", backend.into_router());
    /// # Ok::<(), wcs_hooks::SetupError>(())
    /// ```
    #[cfg(feature = "axum")]
    pub fn into_router<S: Clone + Send + Sync + 'static>(self) -> axum::Router<S> {
        axum::Router::new().route_service("/{*method}", self)
    }
}

impl Shared {
    /// The app of an `appKey`; the default if it has no handlers of its own.
    pub(crate) fn app(&self, key: &str) -> &App {
        &self.apps[self.by_key.get(key).copied().unwrap_or(0)]
    }

    /// Whether the body has to be read to know the app.
    pub(crate) fn has_many_apps(&self) -> bool {
        self.apps.len() > 1
    }
}

impl fmt::Debug for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let apps = self.shared.apps.iter().map(|app| (&app.name, &app.hooks));
        f.debug_map().entries(apps).finish()
    }
}

/// Puts a [`Backend`] together. Mistakes are reported by [`BackendBuilder::build`].
///
/// ```
/// use wcs_hooks::{AllowAll, Backend, Callers, Hooks};
///
/// let backend = Backend::builder(Hooks::new(AllowAll))
///     .app("roomApp", Hooks::new(AllowAll))
///     .callers(Callers::signed(["1234567890"]))
///     .body_limit(256 * 1024)
///     .build()?;
/// # Ok::<(), wcs_hooks::SetupError>(())
/// ```
#[must_use = "a builder does nothing until it is built"]
pub struct BackendBuilder {
    apps: Vec<(String, Hooks)>,
    callers: Option<Callers>,
    body_limit: usize,
    observer: Option<Box<dyn Observer>>,
}

impl BackendBuilder {
    /// Who may call. There is no default: say [`Callers::anyone`] if that is meant.
    ///
    /// ```
    /// use wcs_hooks::{AllowAll, Backend, Callers, Hooks};
    ///
    /// let error = Backend::builder(Hooks::new(AllowAll)).build().unwrap_err();
    /// assert_eq!(error.to_string(), r#"app "default": who may call? Set `callers`"#);
    ///
    /// let backend = Backend::builder(Hooks::new(AllowAll)).callers(Callers::signed(["1234567890"])).build()?;
    /// # Ok::<(), wcs_hooks::SetupError>(())
    /// ```
    pub fn callers(mut self, callers: Callers) -> Self {
        self.callers = Some(callers);
        self
    }

    /// Gives the app with this `appKey` handlers of its own. RTMP clients come as `flashStreamingApp`, HLS and RTSP
    /// players as `defaultApp`, rooms as `roomApp`. Spec §2.2.
    ///
    /// ```
    /// use wcs_hooks::{AllowAll, Backend, Callers, Hooks};
    ///
    /// let backend = Backend::builder(Hooks::new(AllowAll))
    ///     .app("flashStreamingApp", Hooks::new(AllowAll).callers(Callers::basic("rtmp", "password")))
    ///     .callers(Callers::signed(["1234567890"]))
    ///     .build()?;
    /// # Ok::<(), wcs_hooks::SetupError>(())
    /// ```
    pub fn app(mut self, key: impl Into<String>, hooks: Hooks) -> Self {
        self.apps.push((key.into(), hooks));
        self
    }

    /// The longest body that is read, in bytes; a longer one is answered 413. Default: [`DEFAULT_BODY_LIMIT`].
    ///
    /// ```
    /// # use wcs_hooks::{AllowAll, Backend, Callers, Hooks};
    /// let backend = Backend::builder(Hooks::new(AllowAll)).callers(Callers::anyone()).body_limit(64 * 1024).build()?;
    /// # Ok::<(), wcs_hooks::SetupError>(())
    /// ```
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// Tells `observer` of every call that has been answered.
    ///
    /// ```
    /// use wcs_hooks::{AllowAll, Answered, Backend, Callers, Hooks, Report};
    ///
    /// let failures = |report: &Report<'_>| {
    ///     if report.answered == Answered::Failed {
    ///         eprintln!("{:?} of {} failed after {:?}", report.hook, report.app, report.elapsed);
    ///     }
    /// };
    /// let backend = Backend::builder(Hooks::new(AllowAll)).callers(Callers::anyone()).observer(failures).build()?;
    /// # Ok::<(), wcs_hooks::SetupError>(())
    /// ```
    pub fn observer(mut self, observer: impl Observer) -> Self {
        self.observer = Some(Box::new(observer));
        self
    }

    /// The backend.
    ///
    /// # Errors
    /// If it is not said who may call, a secret is empty, or an app has two sets of handlers.
    pub fn build(self) -> Result<Backend, SetupError> {
        let mut gates = Gates::default();
        let mut by_key = HashMap::new();
        let mut apps = Vec::new();
        let default_gate = self.callers.map(|callers| gates.add(callers));
        let default_gate = default_gate.transpose().map_err(|mistake| SetupError::new("default", mistake))?;
        for (name, mut hooks) in self.apps {
            let gate = match (hooks.callers.take(), default_gate) {
                (Some(callers), _) => {
                    gates.add(callers).map_err(|mistake| SetupError::new(&name, mistake))?
                }
                (None, Some(gate)) => gate,
                (None, None) => return Err(SetupError::new(&name, "who may call? Set `callers`")),
            };
            // The first is the default app, whose name is no key.
            if !apps.is_empty() && by_key.insert(name.clone(), apps.len()).is_some() {
                return Err(SetupError::new(&name, "it has two sets of handlers"));
            }
            let hooks = hooks.with_events_observed();
            let policy = AppPolicy::of(&hooks);
            apps.push(App { name, hooks, policy, gate });
        }
        let shared = Shared {
            apps,
            by_key,
            gates,
            body_limit: self.body_limit,
            counters: Counters::default(),
            observer: self.observer,
        };
        Ok(Backend { shared: Arc::new(shared) })
    }
}

impl fmt::Debug for BackendBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BackendBuilder")
            .field("apps", &self.apps)
            .field("callers", &self.callers)
            .finish_non_exhaustive()
    }
}

/// A mistake in the configuration of a [`Backend`].
///
/// ```
/// use wcs_hooks::{AllowAll, Backend, Callers, Hooks};
///
/// let error = Backend::builder(Hooks::new(AllowAll)).callers(Callers::basic("wcs", "")).build().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     r#"app "default": the user or password is empty: give the app's restUsername and restPassword"#,
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetupError {
    app: String,
    mistake: &'static str,
}

impl SetupError {
    fn new(app: &str, mistake: &'static str) -> Self {
        Self { app: app.to_owned(), mistake }
    }
}

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "app {:?}: {}", self.app, self.mistake)
    }
}

impl std::error::Error for SetupError {}
