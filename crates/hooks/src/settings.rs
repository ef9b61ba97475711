//! What of a [`Backend`](crate::Backend) can be set by its operator, and changed while it runs: [`Settings`].

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};
use wcs_hooks_protocol::{HookKind, HookName, RestOnError, RestPolicy};

use crate::{Callers, SetupError};

/// What an operator sets, in code or in a file, and can change while the backend runs.
///
/// ```
/// use std::time::Duration;
/// use wcs_hooks::{AllowAll, Backend, Callers, Hooks, Settings};
///
/// let mut settings = Settings::default();
/// settings.callers = Some(Callers::signed(["1234567890"]));
/// settings.deadlines.refusable = Duration::from_secs(2);
/// let backend = Backend::builder(Hooks::new(AllowAll)).settings(settings).build()?;
/// # Ok::<(), wcs_hooks::SetupError>(())
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Settings {
    /// How long the secrets of before count beside the new ones after [`Backend::apply`]. A secret that has become known
    /// to others is to go at once: zero. Default: 10 min.
    ///
    /// [`Backend::apply`]: crate::Backend::apply
    #[serde(with = "humantime_serde")]
    pub secret_overlap: Duration,
    /// Who may call, except for the apps that have callers of their own. There is no default.
    pub callers: Option<Callers>,
    /// How much at once.
    pub limits: Limits,
    /// How long a handler may take.
    pub deadlines: Deadlines,
    /// Calls that WCS sends again.
    pub duplicates: Duplicates,
    /// How long decisions are kept, by the name of their [`DecisionCache`](crate::DecisionCache).
    pub decisions: BTreeMap<String, DecisionTimes>,
    /// What is set for single hooks, in every app.
    pub hooks: BTreeMap<HookName, HookSettings>,
    /// What is set for single apps, by `appKey`; `default` is the app of all others.
    pub apps: BTreeMap<String, AppSettings>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            secret_overlap: Duration::from_mins(10),
            callers: None,
            limits: Limits::default(),
            deadlines: Deadlines::default(),
            duplicates: Duplicates::default(),
            decisions: BTreeMap::new(),
            hooks: BTreeMap::new(),
            apps: BTreeMap::new(),
        }
    }
}

impl Settings {
    /// What is set for a hook of an app: there, or for the hook in every app.
    pub(crate) fn of_hook(&self, app: &str, hook: HookName) -> HookSettings {
        let here = self.apps.get(app).and_then(|app| app.hooks.get(&hook)).cloned().unwrap_or_default();
        let everywhere = self.hooks.get(&hook).cloned().unwrap_or_default();
        HookSettings {
            deadline: here.deadline.or(everywhere.deadline),
            fallback: here.fallback.or(everywhere.fallback),
            duplicates_within: here.duplicates_within.or(everywhere.duplicates_within),
            rest_on_error: here.rest_on_error.or(everywhere.rest_on_error),
            rest_policy: here.rest_policy.or(everywhere.rest_policy),
        }
    }

    /// What makes no sense, whatever the apps.
    pub(crate) fn check(&self) -> Result<(), SetupError> {
        for (place, limit) in [("hooks", self.limits.hooks), ("hooks_per_app", self.limits.hooks_per_app)] {
            if limit == 0 {
                return Err(SetupError::new(format!("limits.{place}"), "at least 1 is needed"));
            }
        }
        if self.limits.body_memory / BODIES < self.limits.body {
            return Err(SetupError::new("limits.body_memory", "at least 8 times limits.body is needed"));
        }
        check_policies("", &self.hooks)?;
        self.apps
            .iter()
            .try_for_each(|(app, settings)| check_policies(&format!("apps.{app}."), &settings.hooks))
    }
}

fn check_policies(place: &str, hooks: &BTreeMap<HookName, HookSettings>) -> Result<(), SetupError> {
    for (hook, settings) in hooks {
        let mistake = match (hook.kind(), settings.rest_on_error, settings.rest_policy) {
            (_, None, None) => continue,
            (HookKind::Connect | HookKind::Access, ..) => {
                "this hook has no policy: refusing it is always effective"
            }
            (HookKind::Event | HookKind::KeepAlive, _, Some(RestPolicy::Overwrite)) => {
                "WCS takes nothing from the answer to an event: say NOTIFY or DISABLE"
            }
            _ => continue,
        };
        return Err(SetupError::new(format!("{place}hooks.{hook}"), mistake));
    }
    Ok(())
}

/// How much at once. What is past a limit is answered 503 and counted.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Limits {
    /// The longest body that is read, in bytes; a longer one is answered 413. Default: 1 MiB.
    pub body: usize,
    /// What all requests together may take in memory while their bodies are awaited, in bytes: what has come of the bodies, and
    /// their heads. Bodies that come in one piece, as those of WCS do, need none of it. Addresses from which no valid call has
    /// come share half of it: each may have as much as is left for the others, so that one alone gets a quarter of all. What
    /// finds none there is answered 503 at once, others after a second. At least 8 times [`body`](Self::body). A request without
    /// a [`peer_address`](crate::Context::peer_address) may use all of it. Default: 64 MiB.
    pub body_memory: usize,
    /// Hooks that are handled at once, of all apps. Default: 4096.
    pub hooks: usize,
    /// Hooks of one app that are handled at once. Default: 4096.
    pub hooks_per_app: usize,
    /// Events that wait for a place when all are taken; refusable hooks do not wait. Default: 16 384.
    pub waiting_events: usize,
    /// Failed authentications of one address in a minute, and bodies that were cut off or took too long; what follows is answered
    /// 429 unread, but for one in 16. Zero is no limit. An address from which a valid call has come is not limited. IPv6 addresses
    /// count by /64; past 4096 addresses all others count as one. The address is the
    /// [`peer_address`](crate::Context::peer_address); without one there is no limit. Default: 60.
    pub denials_per_minute: u32,
}

/// How long a handler may take, and before it the wait in line. Past it the handler is cancelled and the hook's
/// [`Fallback`] answered. Both are to be shorter than `rest_request_timeout` of WCS, 15 s by default. Zero means without
/// end.
///
/// The time counts from the moment that something is waited for, so that reading the body is not in it: a server has a time
/// for that. A handler that does not wait cannot be cancelled; long computing belongs into `tokio::task::spawn_blocking`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Deadlines {
    /// For hooks that can be refused. Default: 3 s.
    #[serde(with = "humantime_serde")]
    pub refusable: Duration,
    /// For events. Default: 10 s.
    #[serde(with = "humantime_serde")]
    pub events: Duration,
}

/// Calls that WCS sends again, within milliseconds, when a connection ends without an answer. Spec §1.3.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Duplicates {
    /// A call with the same path and body, while the first is being handled or within this time after its answer, gets
    /// that answer and is not handled. Zero switches it off. Default: 500 ms.
    ///
    /// Hooks whose bodies may rightly come twice ([`HookInfo::may_repeat`]) are excepted, unless
    /// [`HookSettings::duplicates_within`] says otherwise: keep-alives, tones, messages, logs, players, and what asks or
    /// switches something again and again.
    ///
    /// [`HookInfo::may_repeat`]: crate::HookInfo::may_repeat
    #[serde(with = "humantime_serde")]
    pub within: Duration,
    /// The most calls that are remembered, of all apps; past it the oldest answers are forgotten. Default: 16 384.
    pub remembered: usize,
    /// The most bytes of answers that are remembered, past it the oldest are forgotten; those that are the body as it came
    /// do not count. Default: 64 MiB.
    pub bytes: usize,
}

impl Duplicates {
    /// Of a hook for which nothing else is set.
    pub(crate) fn of(&self, hook: HookName) -> Duration {
        if hook.info().may_repeat { Duration::ZERO } else { self.within }
    }
}

/// What is set for one hook. What is not set follows from its kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct HookSettings {
    /// How long its handler may take. Zero means without end.
    #[serde(with = "humantime_serde", skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Duration>,
    /// What is answered past the deadline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fallback: Option<Fallback>,
    /// In place of [`Duplicates::within`]. Zero where the same body may rightly come twice.
    #[serde(with = "humantime_serde", skip_serializing_if = "Option::is_none")]
    pub duplicates_within: Option<Duration>,
    /// In place of what follows from the handlers. Spec §4.1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rest_on_error: Option<RestOnError>,
    /// In place of what follows from the handlers. Spec §4.1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rest_policy: Option<RestPolicy>,
}

/// How long the decisions of a cache are kept, in place of what its [`DecisionLimits`](crate::DecisionLimits) say. What a handler
/// says of a decision by itself ([`Context::keep_for`](crate::Context::keep_for)) counts before both. Decisions that are kept
/// already keep their time.
///
/// ```
/// use wcs_hooks::Config;
///
/// let config = Config::parse("[decisions.players]\nallows_for = '5m'\ndenies_for = '0s'", "hooks.toml")?;
/// assert!(config.backend.decisions["players"].denies_for.is_some_and(|time| time.is_zero()));
/// # Ok::<(), wcs_hooks::ConfigError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct DecisionTimes {
    /// How long a hook stays allowed. Zero: not kept.
    #[serde(with = "humantime_serde", skip_serializing_if = "Option::is_none")]
    pub allows_for: Option<Duration>,
    /// How long a hook stays refused. Zero: not kept.
    #[serde(with = "humantime_serde", skip_serializing_if = "Option::is_none")]
    pub denies_for: Option<Duration>,
}

/// What is set for one app.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct AppSettings {
    /// Who may call, in place of [`Settings::callers`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub callers: Option<Callers>,
    /// What is set for single hooks of this app, before what [`Settings::hooks`] has.
    pub hooks: BTreeMap<HookName, HookSettings>,
}

/// What is answered when a handler has not answered in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fallback {
    /// 503: WCS does not go on, where it minds the answer.
    Refuse,
    /// 200 with the body as it came: WCS goes on.
    Allow,
}

impl Fallback {
    /// Closed where a refusal is possible; a fault of the backend ends no streams and keeps nobody from hanging up.
    #[must_use]
    pub fn of(hook: HookName) -> Self {
        if hook.info().can_be_refused() { Self::Refuse } else { Self::Allow }
    }
}

/// [`Limits::body_memory`] has room for so many of the longest: a quarter of it is an address's.
const BODIES: usize = 8;

/// The longest body that is read, unless set otherwise: 1 MiB.
pub const DEFAULT_BODY_LIMIT: usize = 1024 * 1024;

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: DEFAULT_BODY_LIMIT,
            body_memory: 64 * DEFAULT_BODY_LIMIT,
            hooks: 4096,
            hooks_per_app: 4096,
            waiting_events: 16_384,
            denials_per_minute: 60,
        }
    }
}

impl Deadlines {
    /// Of a hook for which nothing else is set.
    pub(crate) fn of(&self, hook: HookName) -> Duration {
        if is_event(hook) { self.events } else { self.refusable }
    }
}

/// Whether it has happened already.
pub(crate) fn is_event(hook: HookName) -> bool {
    matches!(hook.kind(), HookKind::Event | HookKind::KeepAlive)
}

impl Default for Deadlines {
    fn default() -> Self {
        Self { refusable: Duration::from_secs(3), events: Duration::from_secs(10) }
    }
}

impl Default for Duplicates {
    fn default() -> Self {
        Self { within: Duration::from_millis(500), remembered: 16_384, bytes: 64 * 1024 * 1024 }
    }
}
