//! Putting a [`Backend`] together: [`BackendBuilder`].

use std::{fmt, sync::Arc};

use wcs_hooks_metrics::Source;

use crate::{Backend, Callers, Hooks, Observer, Settings, SetupError, backend::Shared, ready::KeyFiles};

/// The name of the app of all others.
pub(crate) const DEFAULT_APP: &str = "default";

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
    settings: Settings,
    observer: Option<Box<dyn Observer>>,
    sources: Vec<Box<dyn Source>>,
    key_files: Vec<Box<dyn KeyFiles>>,
    /// What is not set, so that a value which everybody knows stands in.
    demos: Vec<String>,
    has_demo_callers: bool,
}

const NOT_SET: &str = "not set. The demo's stands in for it, which works without a configuration file and on loopback \
                       addresses only. Give it a value of your own: `openssl rand -hex 32` makes a secret";

/// The setting that replaces the callers of a demo.
const CALLERS: &str = "callers.signed";

impl BackendBuilder {
    pub(crate) fn new(default_app: Hooks) -> Self {
        Self {
            apps: vec![(DEFAULT_APP.to_owned(), default_app)],
            settings: Settings::default(),
            observer: None,
            sources: Vec::new(),
            key_files: Vec::new(),
            demos: Vec::new(),
            has_demo_callers: false,
        }
    }

    /// Everything that an operator may set and, by [`Backend::apply`], change later. It replaces what
    /// [`callers`](Self::callers) and [`body_limit`](Self::body_limit) have set before it.
    ///
    /// ```
    /// use wcs_hooks::{AllowAll, Backend, Callers, Hooks, Settings};
    ///
    /// let mut settings = Settings::default();
    /// settings.callers = Some(Callers::signed(["1234567890"]));
    /// settings.limits.hooks = 1000;
    /// let backend = Backend::builder(Hooks::new(AllowAll)).settings(settings).build()?;
    /// # Ok::<(), wcs_hooks::SetupError>(())
    /// ```
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    #[cfg(feature = "server")]
    pub(crate) fn default_callers(&self) -> Option<Callers> {
        self.settings.callers.clone()
    }

    /// With settings from outside. The callers of the code count where the settings have none.
    #[cfg(feature = "server")]
    pub(crate) fn operated(mut self, mut settings: Settings) -> Self {
        self.has_demo_callers &= settings.callers.is_none();
        settings.callers = settings.callers.or(self.settings.callers.take());
        self.settings = settings;
        self
    }

    /// What is not set: see [`BackendBuilder::demo`].
    pub(crate) fn demos(&self) -> impl Iterator<Item = &str> {
        self.has_demo_callers.then_some(CALLERS).into_iter().chain(self.demos.iter().map(String::as_str))
    }

    /// Nobody but this machine can call: values that everybody knows are good enough.
    #[cfg(feature = "server")]
    pub(crate) fn for_a_trial(mut self) -> Self {
        self.has_demo_callers = false;
        self.demos.clear();
        self
    }

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
        self.settings.callers = Some(callers);
        self.has_demo_callers = false;
        self
    }

    /// Callers for a trial on this machine: anyone, or those with a secret that stands in the code. The configuration's count
    /// before them.
    ///
    /// They are good for [`run`](crate::run) and [`Program`](crate::Program) without a configuration file, where all of
    /// `server.listen` is loopback. Anything else is an error that says what to set, in `build` too, which does not know where the
    /// backend listens.
    ///
    /// ```no_run
    /// use std::{env, process::ExitCode};
    /// use wcs_hooks::{AllowAll, Arguments, Backend, Callers, Hooks};
    ///
    /// # async fn serve(arguments: Arguments) -> ExitCode {
    /// let backend = Backend::builder(Hooks::new(AllowAll));
    /// let backend = match env::var("WCS_HOOKS_SECRET") {
    ///     Ok(secret) => backend.callers(Callers::signed([secret])),
    ///     Err(_) => backend.demo_callers(Callers::anyone()),
    /// };
    /// wcs_hooks::run(arguments, backend).await
    /// # }
    /// ```
    pub fn demo_callers(mut self, callers: Callers) -> Self {
        self.settings.callers = Some(callers);
        self.has_demo_callers = true;
        self
    }

    /// Says that `setting`, a variable or flag of your program, is not set, and a value that everybody knows stands in for it: a
    /// secret in the code, a password in the manual. Holds where [`demo_callers`](Self::demo_callers) do.
    ///
    /// ```
    /// use wcs_hooks::{AllowAll, Backend, Callers, Hooks};
    ///
    /// let backend = Backend::builder(Hooks::new(AllowAll)).callers(Callers::signed(["1234567890"])).demo("JWT_SECRET");
    /// let error = backend.build().unwrap_err().to_string();
    /// assert!(error.starts_with("JWT_SECRET: not set. The demo's stands in for it"));
    /// # Ok::<(), wcs_hooks::SetupError>(())
    /// ```
    pub fn demo(mut self, setting: impl Into<String>) -> Self {
        self.demos.push(setting.into());
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

    /// The longest body that is read, in bytes; a longer one is answered 413. Default:
    /// [`DEFAULT_BODY_LIMIT`](crate::DEFAULT_BODY_LIMIT).
    ///
    /// ```
    /// # use wcs_hooks::{AllowAll, Backend, Callers, Hooks};
    /// let backend = Backend::builder(Hooks::new(AllowAll)).callers(Callers::anyone()).body_limit(64 * 1024).build()?;
    /// # Ok::<(), wcs_hooks::SetupError>(())
    /// ```
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.settings.limits.body = bytes;
        self
    }

    /// Tells `observer` of every call that has been answered. If it panics, the call is answered all the same.
    ///
    /// ```
    /// use wcs_hooks::{AllowAll, Answered, Backend, Callers, Hooks, Report};
    ///
    /// let failures = |report: &Report<'_>| {
    ///     if report.answered == Answered::Failed {
    ///         tracing::warn!("{:?} of {} failed after {:?}", report.hook, report.app, report.elapsed);
    ///     }
    /// };
    /// let backend = Backend::builder(Hooks::new(AllowAll)).callers(Callers::anyone()).observer(failures).build()?;
    /// # Ok::<(), wcs_hooks::SetupError>(())
    /// ```
    pub fn observer(mut self, observer: impl Observer) -> Self {
        self.observer = Some(Box::new(observer));
        self
    }

    /// Shows the numbers of `source` among the backend's [metrics](Backend::metrics): a registry's, or your own.
    ///
    /// ```
    /// use wcs_hooks::{AllowAll, Backend, Callers, Hooks, registry::Registry};
    ///
    /// let registry = Registry::new();
    /// let backend = Backend::builder(Hooks::new(AllowAll).registry(&registry))
    ///     .metrics_of(registry)
    ///     .callers(Callers::anyone())
    ///     .build()?;
    /// assert_eq!(backend.metrics().value("wcs_hooks_registry_sessions", &[]), Some(0));
    /// # Ok::<(), wcs_hooks::SetupError>(())
    /// ```
    pub fn metrics_of(mut self, source: impl Source + 'static) -> Self {
        self.sources.push(Box::new(source));
        self
    }

    /// Reads these files again whenever one of them changes, and at SIGHUP, if it is run by [`run`](crate::run) or a
    /// [`Program`](crate::Program); otherwise when [`Backend::reload_keys`] is called.
    ///
    /// ```no_run
    /// use wcs_hooks::{Backend, Hooks, ready::{PasswordAuth, PasswordFile}};
    ///
    /// let auth = PasswordAuth::new(PasswordFile::read("/etc/wcs-hooks/users.txt")?);
    /// let backend = Backend::builder(Hooks::new(auth.clone())).reloading(auth);
    /// # Ok::<(), wcs_hooks::ready::ConfigError>(())
    /// ```
    pub fn reloading(mut self, files: impl KeyFiles + 'static) -> Self {
        self.key_files.push(Box::new(files));
        self
    }

    /// The backend.
    ///
    /// # Errors
    /// If it is not said who may call, a secret is empty, an app has two sets of handlers, a hook has a cache and no
    /// handler, or a setting makes no sense:
    /// it names an app without handlers, a limit of nothing, or a policy that WCS does not heed. If it has
    /// [`demo_callers`](Self::demo_callers) or another [`demo`](Self::demo).
    pub fn build(self) -> Result<Backend, SetupError> {
        let demos: Vec<_> = self.demos().collect();
        if !demos.is_empty() {
            return Err(SetupError::new(demos.join(", "), NOT_SET));
        }
        let shared = Shared::new(self.apps, self.settings, self.observer, self.sources, self.key_files)?;
        Ok(Backend { shared: Arc::new(shared) })
    }
}

impl fmt::Debug for BackendBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BackendBuilder")
            .field("apps", &self.apps)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
