//! Decisions that are kept for a while: [`DecisionCache`].

mod caching;
mod identity;
mod key;
mod table;
mod ticket;

use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use arc_swap::ArcSwap;
use tokio::time::Instant;
use wcs_hooks_metrics::{Page, Source};
use wcs_hooks_protocol::Edits;

use crate::{DecisionTimes, Refusal};
pub use caching::Cacheable;
pub(crate) use caching::{Around, KeepFor};
pub use key::DecisionKey;
use table::Table;

/// What handlers have decided, cached for a while by keys of yours, so that they are not asked again. Clones share
/// everything; several hooks and apps may share one, and do not get each other's decisions.
///
/// [`Hooks::caching`](crate::Hooks::caching) puts it before a hook's handler. From then on:
///
/// - What the handler decides, yes or no, is the answer to all calls with the same key until it expires. The changes
///   that it made are made to each body; what else stands there stays.
/// - Calls that come while the handler decides wait for it, and get the same answer. If its call is given up or passes
///   its deadline, one of them asks the handler anew; if it panics, they are refused with 500.
/// - What expires, and when, is said by [`DecisionLimits`], or for one decision by
///   [`Context::keep_for`](crate::Context::keep_for). What is refused with 5xx is never kept, and with 429 only if the
///   handler says for how long.
///
/// # What the key must hold
///
/// All that the decision depends on, each as a part of its own ([`DecisionKey`]), but for the hook and the `appKey`, which are
/// part of it by themselves: of a player, the token *and* the stream. The session, the node and the request's headers are not
/// part of it. A handler that remembers something of each call must see each call. A [guard](crate::Guard) does: a cache stands
/// behind the guards, and does not answer for them.
///
/// So that changes can be made to other bodies, what WCS may take from the answer is part of the key too: of `connect`
/// the whole body but `nodeId`, `appKey` and `sessionId`; of other hooks the fields that are overwritten
/// ([`Hooks::overwriting`](crate::Hooks::overwriting) narrows them). A decision that changes anything else is not kept. Fields
/// that WCS takes for one session only, since the handler of `connect` set its `rest_client_config`, are not looked at.
///
/// ```
/// use wcs_hooks::{AllowAll, Context, DecisionCache, DecisionKey, HookResult, Hooks, OrRefuse, hook};
/// use wcs_hooks::payloads::HlsPlay;
///
/// async fn play_hls(_: Context, play: HlsPlay) -> HookResult<()> {
///     let token = play.custom.get("aclAuth").and_then(|token| token.as_str()).or_forbidden("no token")?;
///     (token == "let me in").then_some(()).or_forbidden("bad token")
/// }
///
/// let decisions = DecisionCache::new("players");
/// let hooks = Hooks::new(AllowAll).on(hook::PlayHls, play_hls).caching(hook::PlayHls, &decisions, |_, play| {
///     Some(DecisionKey::of([play.custom.get("aclAuth")?.as_str()?, &play.name]))
/// });
///
/// // The token has been revoked for this stream.
/// decisions.purge(DecisionKey::of(["let me in", "b4e7"]));
/// assert_eq!((decisions.hits(), decisions.misses(), decisions.len()), (0, 0, 0));
/// ```
///
/// WCS itself keeps answers to `playHLS` by token (`hls_auth_token_cache`, spec §3.4), where no purge reaches them.
#[derive(Clone)]
pub struct DecisionCache {
    shared: Arc<Shared>,
}

struct Shared {
    name: &'static str,
    /// Of the code.
    limits: DecisionLimits,
    /// With what an operator has set.
    in_force: ArcSwap<DecisionLimits>,
    table: Mutex<Table>,
    hits: AtomicU64,
    misses: AtomicU64,
}

/// How many decisions are kept, and for how long. An operator can set other times, by the name of the cache:
/// [`Settings::decisions`](crate::Settings::decisions).
///
/// ```
/// use std::time::Duration;
/// use wcs_hooks::{DecisionCache, DecisionLimits};
///
/// let limits = DecisionLimits { denies_for: Duration::from_secs(2), ..DecisionLimits::default() };
/// let decisions = DecisionCache::with_limits("players", limits);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionLimits {
    /// How long a hook stays allowed; zero: not kept. Default: 1 min.
    pub allows_for: Duration,
    /// How long a hook stays refused; zero: not kept. Default: 10 s.
    pub denies_for: Duration,
    /// The most decisions that are kept; past it, those that would expire first are dropped. As many may be under way,
    /// past which handlers are asked each time. A decision takes some 300 bytes, and the changes that it makes. Default:
    /// 10 000.
    pub most: usize,
}

impl Default for DecisionLimits {
    fn default() -> Self {
        Self { allows_for: Duration::from_mins(1), denies_for: Duration::from_secs(10), most: 10_000 }
    }
}

/// What a handler that can refuse has decided.
#[derive(Clone)]
enum Decision {
    Accepted(Edits),
    Refused(Refusal),
}

impl DecisionCache {
    /// A cache with the default [`DecisionLimits`]. Metrics and settings know it by its name.
    #[must_use]
    pub fn new(name: &'static str) -> Self {
        Self::with_limits(name, DecisionLimits::default())
    }

    /// A cache with these limits.
    #[must_use]
    pub fn with_limits(name: &'static str, limits: DecisionLimits) -> Self {
        let table = Mutex::new(Table::at_most(limits.most));
        let (hits, misses) = (AtomicU64::new(0), AtomicU64::new(0));
        let in_force = ArcSwap::from_pointee(limits.clone());
        Self { shared: Arc::new(Shared { name, limits, in_force, table, hits, misses }) }
    }

    pub(crate) fn name(&self) -> &'static str {
        self.shared.name
    }

    /// Keeps for these times from now on; for those of the code where none are set.
    pub(crate) fn keep_for(&self, times: Option<&DecisionTimes>) {
        let (limits, times) = (&self.shared.limits, times.cloned().unwrap_or_default());
        self.shared.in_force.store(Arc::new(DecisionLimits {
            allows_for: times.allows_for.unwrap_or(limits.allows_for),
            denies_for: times.denies_for.unwrap_or(limits.denies_for),
            most: limits.most,
        }));
    }

    /// Drops what has been decided for a key, of all hooks and apps. What is being decided just now is not kept; calls
    /// that wait for it get it.
    ///
    /// ```
    /// use wcs_hooks::{DecisionCache, DecisionKey};
    ///
    /// DecisionCache::new("players").purge(DecisionKey::of(["a token that has been revoked", "b4e7"]));
    /// ```
    pub fn purge(&self, key: DecisionKey) {
        self.shared.table().purge(&identity::all_of(key));
    }

    /// Drops everything. What is being decided just now is not kept; calls that wait for it get it.
    ///
    /// ```
    /// wcs_hooks::DecisionCache::new("players").purge_all();
    /// ```
    pub fn purge_all(&self) {
        self.shared.table().clear();
    }

    /// Calls that were answered without the handler, since the start.
    #[must_use]
    pub fn hits(&self) -> u64 {
        self.shared.hits.load(Ordering::Relaxed)
    }

    /// Calls that have a key and were passed on to the handler, since the start.
    #[must_use]
    pub fn misses(&self) -> u64 {
        self.shared.misses.load(Ordering::Relaxed)
    }

    /// How many decisions are kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shared.table().len(Instant::now())
    }

    /// Whether none is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Shared {
    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for DecisionCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecisionCache")
            .field("name", &self.shared.name)
            .field("limits", &self.shared.in_force.load())
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

/// For [`BackendBuilder::metrics_of`](crate::BackendBuilder::metrics_of).
impl Source for DecisionCache {
    fn write(&self, page: &mut Page) {
        let labels = &[("cache", self.shared.name)];
        page.counters("wcs_hooks_decision_hits", "Calls that were answered by a kept decision")
            .add(labels, self.hits());
        page.counters("wcs_hooks_decision_misses", "Calls for which no decision was kept")
            .add(labels, self.misses());
        page.gauges("wcs_hooks_decisions", "Decisions that are kept").add(labels, self.len() as u64);
    }
}

#[cfg(test)]
mod tests;
