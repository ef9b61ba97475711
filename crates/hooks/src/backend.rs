//! All apps behind one URL: [`Backend`].

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use arc_swap::ArcSwap;

use wcs_hooks_metrics::Source;
use wcs_hooks_protocol::HookName;

use crate::{
    BackendBuilder, Counters, Hooks, Observer, Settings, SetupError,
    body_memory::BodyMemory,
    denials::Denials,
    duplicates::Remembered,
    live::Live,
    load::Load,
    measured::Measured,
    panics::{Panics, Place},
    ready::{self, KeyFiles},
    rejections::Rejections,
};

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
    live: ArcSwap<Live>,
    /// Settings are applied one after the other.
    applying: Mutex<()>,
    pub(crate) load: Load,
    pub(crate) denials: Denials,
    pub(crate) rejections: Rejections,
    pub(crate) body_memory: BodyMemory,
    pub(crate) remembered: Remembered,
    pub(crate) counters: Counters,
    pub(crate) measured: Measured,
    pub(crate) panics: Panics,
    /// What else is shown among the metrics.
    pub(crate) sources: Vec<Box<dyn Source>>,
    pub(crate) key_files: Vec<Box<dyn KeyFiles>>,
    pub(crate) observer: Option<Box<dyn Observer>>,
}

pub(crate) struct App {
    /// Its place among the apps.
    pub(crate) index: usize,
    pub(crate) name: String,
    pub(crate) hooks: Hooks,
    /// Hooks that could be refused and are allowed, since neither a guard nor a handler decides them.
    pub(crate) undecided: Vec<HookName>,
}

impl Backend {
    /// Starts a backend with the handlers of every app that has none of its own.
    pub fn builder(default_app: Hooks) -> BackendBuilder {
        BackendBuilder::new(default_app)
    }

    /// Puts new settings in the place of the ones before, for the calls that come from now on. Calls that are being
    /// answered keep theirs. Nothing is registered or taken away by it: the handlers are those of the builder, and
    /// sessions that are open keep the policies that the answer to their `connect` had.
    ///
    /// Secrets that are no longer among the callers count for [`Settings::secret_overlap`] more. Who was let in as
    /// [`Callers::anyone`](crate::Callers::anyone) is not.
    ///
    /// # Errors
    /// As [`BackendBuilder::build`], and if an app is named that has not been registered. Nothing has changed then.
    ///
    /// ```
    /// use wcs_hooks::{AllowAll, Backend, Callers, Hooks, Settings};
    ///
    /// let mut settings = Settings::default();
    /// settings.callers = Some(Callers::signed(["old secret"]));
    /// let backend = Backend::builder(Hooks::new(AllowAll)).settings(settings.clone()).build()?;
    ///
    /// settings.callers = Some(Callers::signed(["new secret"]));
    /// backend.apply(settings.clone())?;
    ///
    /// settings.limits.hooks = 0;
    /// let error = backend.apply(settings).unwrap_err();
    /// assert_eq!(error.to_string(), "limits.hooks: at least 1 is needed");
    /// # Ok::<(), wcs_hooks::SetupError>(())
    /// ```
    pub fn apply(&self, settings: Settings) -> Result<(), SetupError> {
        let shared = &self.shared;
        let _one_at_a_time = shared.applying.lock().unwrap_or_else(PoisonError::into_inner);
        let live = Live::new(settings, &shared.apps, Some(&shared.live()))?;
        shared.load.limit(&live.settings.limits);
        shared.body_memory.limit(&live.settings.limits);
        live.set_decision_times(&shared.apps);
        shared.live.store(Arc::new(live));
        Ok(())
    }

    /// Reads what was given to [`BackendBuilder::reloading`] again. A [`Program`](crate::Program) does so by itself.
    ///
    /// # Errors
    /// If one of the files has a mistake: what was read from it before stays in use. The others are taken.
    pub fn reload_keys(&self) -> Result<(), ready::ConfigError> {
        let reload = |files: &dyn KeyFiles| {
            let panicked = || ready::ConfigError::new("files of keys", "reading them again panicked");
            self.shared.panics.catch(Place::Keys, || files.reload()).unwrap_or_else(|| Err(panicked()))
        };
        self.shared.key_files.iter().map(|files| reload(&**files)).fold(Ok(()), Result::and)
    }

    /// The hooks that could be refused and are allowed, since neither a guard nor a handler decides them: by app, the
    /// default app first, under the name `default`. The log warns of them when the backend is built, unless
    /// [`Hooks::unhandled`] says that it is meant.
    ///
    /// ```
    /// use wcs_hooks::{AllowAll, Backend, Callers, HookName, Hooks, Unhandled};
    ///
    /// let rooms = Hooks::new(AllowAll).unhandled(Unhandled::Refuse);
    /// let backend = Backend::builder(Hooks::new(AllowAll)).app("roomApp", rooms).callers(Callers::anyone()).build()?;
    /// let undecided: Vec<_> = backend.undecided_hooks().collect();
    /// assert!(undecided[0].1.contains(&HookName::PlayStream));
    /// assert_eq!(undecided[1], ("roomApp", &[][..]));
    /// # Ok::<(), wcs_hooks::SetupError>(())
    /// ```
    pub fn undecided_hooks(&self) -> impl Iterator<Item = (&str, &[HookName])> {
        self.shared.apps.iter().map(|app| (&*app.name, &*app.undecided))
    }

    /// Hooks that are being handled at this moment. Those that need no handler are not counted.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.shared.load.in_flight()
    }

    /// Events that wait for a place at this moment. See [`Limits::waiting_events`](crate::Limits::waiting_events).
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.shared.load.waiting()
    }

    /// The settings in force.
    #[must_use]
    pub fn settings(&self) -> Settings {
        self.shared.live().settings.clone()
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
    pub(crate) fn new(
        apps: Vec<(String, Hooks)>,
        settings: Settings,
        observer: Option<Box<dyn Observer>>,
        sources: Vec<Box<dyn Source>>,
        key_files: Vec<Box<dyn KeyFiles>>,
    ) -> Result<Self, SetupError> {
        apps.iter().try_for_each(|(name, hooks)| check_caches(name, hooks))?;
        let apps = numbered(apps);
        let by_key = by_key(&apps)?;
        let live = Live::new(settings, &apps, None)?;
        live.set_decision_times(&apps);
        apps.iter().for_each(App::warn_of_undecided);
        Ok(Self {
            measured: Measured::new(apps.len()),
            panics: Panics::default(),
            denials: Denials::default(),
            rejections: Rejections::default(),
            body_memory: BodyMemory::new(&live.settings.limits),
            remembered: Remembered::default(),
            load: Load::new(apps.len(), &live.settings.limits),
            apps,
            by_key,
            live: ArcSwap::from_pointee(live),
            applying: Mutex::default(),
            counters: Counters::default(),
            sources,
            key_files,
            observer,
        })
    }

    /// What has been set, for one call.
    pub(crate) fn live(&self) -> Arc<Live> {
        self.live.load_full()
    }

    /// The app of an `appKey`; the default if it has no handlers of its own.
    pub(crate) fn app(&self, key: &str) -> &App {
        &self.apps[self.by_key.get(key).copied().unwrap_or(0)]
    }

    /// Whether the body has to be read to know the app.
    pub(crate) fn has_many_apps(&self) -> bool {
        self.apps.len() > 1
    }
}

impl App {
    fn warn_of_undecided(&self) {
        if self.hooks.unhandled.is_none() && !self.undecided.is_empty() {
            let hooks: Vec<&str> = self.undecided.iter().map(|hook| hook.as_str()).collect();
            tracing::warn!(
                app = self.name,
                hooks = hooks.join(" "),
                "allowed, since neither a guard nor a handler decides them"
            );
        }
    }
}

fn check_caches(app: &str, hooks: &Hooks) -> Result<(), SetupError> {
    let mistake = "its decisions are to be cached, and it has no handler: a cache stands behind the guards, and caches what a \
                   handler decides";
    match hooks.cached_in_vain() {
        Some(hook) => Err(SetupError::new(format!("app {app:?}, {hook}"), mistake)),
        None => Ok(()),
    }
}

fn numbered(apps: Vec<(String, Hooks)>) -> Vec<App> {
    let app = |(index, (name, hooks)): (usize, (String, Hooks))| {
        let undecided = hooks.undecided();
        App { index, name, hooks: hooks.completed(), undecided }
    };
    apps.into_iter().enumerate().map(app).collect()
}

/// The first is the default app, whose name is no key.
fn by_key(apps: &[App]) -> Result<HashMap<String, usize>, SetupError> {
    let mut by_key = HashMap::new();
    for app in &apps[1..] {
        if by_key.insert(app.name.clone(), app.index).is_some() {
            return Err(SetupError::of_app(&app.name, "it has two sets of handlers"));
        }
    }
    Ok(by_key)
}

impl fmt::Debug for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let apps = self.shared.apps.iter().map(|app| (&app.name, &app.hooks));
        f.debug_map().entries(apps).finish()
    }
}
