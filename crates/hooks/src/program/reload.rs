//! Takes a changed configuration while the program runs.

use std::{
    fs,
    os::unix::fs::MetadataExt,
    path::PathBuf,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use arc_swap::ArcSwap;
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    time::{MissedTickBehavior, interval, sleep},
};
use wcs_hooks_metrics::{Page, Source};

use super::{StartError, lag::Lag, weaker};
use crate::{Arguments, Backend, Callers, Config, ConfigError, ServerHandle, Settings};

/// How often files are looked at. Looking works for all kinds of file systems and mounts, and for links that are swapped.
pub(super) const EVERY: Duration = Duration::from_secs(2);

/// Files that have changed are taken when two looks so far apart agree: the first may have met a writer half-way.
pub(super) const PAUSE: Duration = Duration::from_millis(500);

/// What is different when a file has been written, replaced, or its link points elsewhere.
type Looks = Vec<Option<[i64; 6]>>;

const NOBODY_NAMED: &str = "callers: the configuration in force says who may call, and this one does not. The callers of the \
                            program's code do not come back by a reload: for anyone, set callers.anyone = true";

/// What is in force.
pub(super) struct Current {
    arguments: Arguments,
    pub(super) config: ArcSwap<Config>,
    pub(super) backend: Backend,
    /// Of the code.
    callers: Option<Callers>,
    pub(super) server: ServerHandle,
    pub(super) lag: Lag,
    applied: AtomicU64,
    rejected: AtomicU64,
    /// When the one in force was taken, in seconds since 1970.
    applied_at: AtomicU64,
    /// Why the last change was not taken.
    pub(super) mistake: Mutex<Option<String>>,
}

impl Current {
    pub(super) fn new(
        arguments: Arguments,
        config: Config,
        backend: Backend,
        callers: Option<Callers>,
        server: ServerHandle,
    ) -> Self {
        let config = ArcSwap::from_pointee(config);
        let (applied, rejected, mistake, lag) = Default::default();
        let applied_at = AtomicU64::new(now());
        Self { arguments, config, backend, callers, server, lag, applied, rejected, applied_at, mistake }
    }

    /// Reads everything again, once the files have come to rest. Gives how they looked then.
    async fn reload_at_rest(&self) -> Looks {
        let mut looks = self.looks();
        loop {
            sleep(PAUSE).await;
            let config = self.read();
            let again = self.looks();
            if again == looks {
                self.reload(config);
                return looks;
            }
            looks = again;
        }
    }

    pub(super) fn read(&self) -> Result<Config, ConfigError> {
        self.arguments.config()
    }

    /// Takes what was read, and reads keys and certificates again. A bad configuration changes nothing.
    pub(super) fn reload(&self, read: Result<Config, ConfigError>) {
        let mistake = match self.take(read) {
            Ok(fixed) => {
                self.applied.fetch_add(1, Ordering::Relaxed);
                self.applied_at.store(now(), Ordering::Relaxed);
                tracing::info!("the configuration was read again");
                if !fixed.is_empty() {
                    tracing::warn!(
                        settings = fixed.join(", "),
                        "changed, and takes effect at the next start only"
                    );
                }
                None
            }
            Err(error) => {
                self.rejected.fetch_add(1, Ordering::Relaxed);
                tracing::error!(%error, "the configuration is rejected: the previous one stays in force");
                Some(error.to_string())
            }
        };
        *self.mistake.lock().unwrap_or_else(PoisonError::into_inner) = mistake;
    }

    /// The settings that take effect at the next start only.
    fn take(&self, read: Result<Config, ConfigError>) -> Result<Vec<String>, StartError> {
        // First: a mistake elsewhere keeps no key from being replaced.
        self.backend.reload_keys()?;
        let (before, config) = (self.config.load_full(), read?);
        let settings = self.settings(&before, &config)?;
        // Nothing is changed unless everything can be.
        let server = ServerHandle::prepare(&config.server)?;
        self.backend.apply(settings)?;
        let fixed = self.server.put(server);
        let others = [
            ("operations.listen", before.operations.listen != config.operations.listen),
            ("log", before.log != config.log),
        ];
        self.config.store(config.into());
        let others = others.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name.to_owned());
        Ok(fixed.into_iter().map(|name| format!("server.{name}")).chain(others).collect())
    }

    /// The backend's part, unless it gives something up that nobody said may go.
    fn settings(&self, before: &Config, config: &Config) -> Result<Settings, StartError> {
        let mut settings = config.backend.clone();
        if settings.callers.is_none() {
            if before.backend.callers.is_some() {
                return Err(StartError::Weaker(NOBODY_NAMED.to_owned()));
            }
            settings.callers.clone_from(&self.callers);
        }
        let in_force = self.backend.settings();
        let apps = &self.backend.shared.apps;
        let weaker = weaker::weaknesses(apps, (before, &in_force), (config, &settings)).join("; ");
        match (weaker.is_empty(), config.reload.allow_weaker) {
            (true, _) => Ok(settings),
            (false, true) => {
                tracing::warn!(
                    weaker,
                    "the configuration is weaker, as reload.allow_weaker lets it be: take that out"
                );
                Ok(settings)
            }
            (false, false) => {
                Err(StartError::Weaker(format!("{weaker}. If this is meant, set reload.allow_weaker = true")))
            }
        }
    }

    /// Whether the runtime has been later than an operator wants it.
    pub(super) fn is_late(&self) -> bool {
        let most = self.config.load().operations.max_lag;
        !most.is_zero() && self.lag.worst() > most
    }

    fn files(&self) -> Vec<PathBuf> {
        let config = self.config.load();
        let of_tls = config.server.tls.iter().flat_map(|tls| {
            [Some(&tls.certificate), Some(&tls.key), tls.client_ca.as_ref()].into_iter().flatten().cloned()
        });
        let of_keys = self.backend.shared.key_files.iter().flat_map(|files| files.files());
        self.arguments.files().into_iter().chain(of_tls).chain(of_keys).collect()
    }

    fn looks(&self) -> Looks {
        let look = |path: PathBuf| fs::metadata(path).ok().map(|found| look_of(&found));
        self.files().into_iter().map(look).collect()
    }
}

fn now() -> u64 {
    SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default().as_secs()
}

fn look_of(found: &fs::Metadata) -> [i64; 6] {
    let [size, inode] = [found.size(), found.ino()].map(u64::cast_signed);
    // The last two are none that a program can set.
    [size, inode, found.mtime(), found.mtime_nsec(), found.ctime(), found.ctime_nsec()]
}

impl Source for Current {
    fn write(&self, page: &mut Page) {
        let mut reloads =
            page.counters("wcs_hooks_config_reloads", "Configurations that were read again, by result");
        reloads.add(&[("result", "applied")], self.applied.load(Ordering::Relaxed));
        reloads.add(&[("result", "rejected")], self.rejected.load(Ordering::Relaxed));
        let is_mistaken = self.mistake.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        page.gauges(
            "wcs_hooks_config_rejected",
            "Whether the last change of the configuration was not taken: 1 or 0",
        )
        .add(&[], u64::from(is_mistaken));
        let help = "When the configuration in force was taken, in seconds since 1970";
        page.gauges("wcs_hooks_config_applied_timestamp_seconds", help)
            .add(&[], self.applied_at.load(Ordering::Relaxed));
        let help = "How late the runtime woke a task, at worst, in the last 15 s";
        page.gauges("wcs_hooks_runtime_lag_seconds", help).add_seconds(&[], self.lag.worst());
        let help = "Lines of the log that were dropped: its reader is too slow";
        page.counters("wcs_hooks_log_lines_dropped", help).add(&[], crate::log::lines_dropped());
    }
}

/// Until it is dropped.
pub(super) async fn watch(current: std::sync::Arc<Current>) {
    let mut hangup = signal(SignalKind::hangup()).ok();
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut seen = current.looks();
    loop {
        let is_told = tokio::select! {
            () = received(hangup.as_mut()) => true,
            _ = ticks.tick() => false,
        };
        if is_told || current.looks() != seen {
            let looks = current.reload_at_rest().await;
            // The files of the new configuration may be others. What has changed while it was read is seen next time.
            let now = current.looks();
            seen = if now.len() == looks.len() { looks } else { now };
        }
    }
}

async fn received(signal: Option<&mut Signal>) {
    match signal {
        Some(signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    }
}
