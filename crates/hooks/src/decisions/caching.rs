//! A handler with a cache before it: [`Hooks::caching`].

use std::{
    marker::PhantomData,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use wcs_hooks_protocol::{Hook, HookKind, HookName, Object, Payload, kind};

use super::{
    Decision, DecisionCache, DecisionKey,
    identity::{Identity, Takes},
    ticket::Seen,
};
use crate::{
    AnswerKind, Context, Hooks,
    answer::Settled,
    handler::{Handler, Malformed, Settling},
    policy::overwritten,
};

/// The kinds of hooks whose decisions can be kept: those that can be refused or changed.
#[diagnostic::on_unimplemented(
    message = "there is no decision about this hook that could be kept",
    note = "events have happened, and every keep-alive is to be decided anew"
)]
pub trait Cacheable: AnswerKind {}

impl Cacheable for kind::Connect {}
impl Cacheable for kind::Invoke {}
impl Cacheable for kind::Incoming {}
impl Cacheable for kind::Access {}

/// Puts a cache before the handler of a hook.
pub(crate) type Around = Box<dyn FnOnce(Box<dyn Handler>, Takes) -> Box<dyn Handler> + Send + Sync>;

impl Hooks {
    /// Keeps what the handler of a hook decides, by the key that `key` makes of a call; a call without a key is always
    /// passed on to the handler. What the key must hold is said at [`DecisionCache`].
    ///
    /// The handler may be registered before or after, by a trait or by itself. Guards, and a registry, see all calls.
    ///
    /// ```
    /// use wcs_hooks::{AllowAll, Context, DecisionCache, DecisionKey, HookResult, Hooks, OrRefuse, StreamHandler, hook};
    /// use wcs_hooks::payloads::Stream;
    ///
    /// struct Gate;
    ///
    /// impl StreamHandler for Gate {
    ///     async fn available_stream(&self, _: Context, mut stream: Stream) -> HookResult<Stream> {
    ///         stream.name = stream.name.strip_prefix("alias-").or_forbidden("no such stream")?.to_owned();
    ///         Ok(stream)
    ///     }
    /// }
    ///
    /// let decisions = DecisionCache::new("streams");
    /// let hooks = Hooks::new(AllowAll)
    ///     .streams(Gate)
    ///     .caching(hook::AvailableStream, &decisions, |_, stream| Some(DecisionKey::of([&stream.name])))
    ///     .overwriting(hook::AvailableStream, ["name"]);
    /// ```
    ///
    /// That a hook has no handler is reported when the [`Backend`](crate::Backend) is built.
    ///
    /// # Panics
    /// If the hook has a cache already.
    #[track_caller]
    #[must_use]
    pub fn caching<H, K>(mut self, _: H, cache: &DecisionCache, key: K) -> Self
    where
        H: Hook<Kind: Cacheable>,
        K: Fn(&Context, &H::Payload) -> Option<DecisionKey> + Send + Sync + 'static,
    {
        let cache = cache.clone();
        self.decisions.push(cache.clone());
        let around: Around = Box::new(move |handler, takes| {
            Box::new(Cached { handler, takes, cache, key, hook: PhantomData::<fn() -> H> })
        });
        let before = self.caches.insert(H::NAME, around);
        assert!(before.is_none(), "the hook {} has a cache already", H::NAME);
        self
    }

    /// A hook with a cache and no handler.
    pub(crate) fn cached_in_vain(&self) -> Option<HookName> {
        self.caches.keys().copied().find(|hook| self.handler(*hook).is_none())
    }

    /// What WCS may take from the answer, by whatever policy: those that are chosen, and the one that an operator sets.
    pub(crate) fn takes(&self, hook: HookName) -> Takes {
        match hook.kind() {
            HookKind::Connect => Takes::Everything,
            HookKind::Invoke | HookKind::Incoming => {
                let chosen = self.choices.overrides.get(&hook).map(|policy| policy.rest_overwrite.clone());
                let fields = chosen.into_iter().flatten().chain(overwritten(self, hook));
                Takes::Fields(fields.collect())
            }
            HookKind::Access | HookKind::Event | HookKind::KeepAlive => Takes::Nothing,
        }
    }
}

/// A handler with a cache before it.
struct Cached<H, K> {
    handler: Box<dyn Handler>,
    takes: Takes,
    cache: DecisionCache,
    key: K,
    hook: PhantomData<fn() -> H>,
}

impl<H, K> Cached<H, K>
where
    H: Hook,
    K: Fn(&Context, &H::Payload) -> Option<DecisionKey>,
{
    fn identity(&self, context: &Context, received: &Object<'_>) -> Result<Option<Identity>, Malformed> {
        let reading = H::Payload::read(received).map_err(|error| Malformed(error.to_string()))?;
        let key = (self.key)(context, &reading.payload);
        Ok(key.map(|key| Identity::new(key, context, &self.takes, received)))
    }
}

impl<H, K> Handler for Cached<H, K>
where
    H: Hook,
    K: Fn(&Context, &H::Payload) -> Option<DecisionKey> + Send + Sync,
{
    fn call<'a>(&'a self, mut context: Context, received: &'a Object<'a>) -> Settling<'a> {
        Box::pin(async move {
            let Some(identity) = self.identity(&context, received)? else {
                return self.handler.call(context, received).await;
            };
            let ticket = match self.cache.see(identity).await {
                Seen::First(ticket) => ticket,
                Seen::Decided(decision) => {
                    tracing::debug!(hook = %H::NAME, cache = self.cache.shared.name, "decided before");
                    return Ok(decision.into());
                }
            };
            let keep_for = KeepFor::default();
            context.extensions_mut().insert(keep_for.clone());
            let settled = self.handler.call(context, received).await?;
            if let Some((decision, can_be_kept)) = self.decision(&settled) {
                ticket.decided(decision, keep_for.get(), can_be_kept);
            }
            Ok(settled)
        })
    }

    fn unknown_fields(&self) -> u64 {
        self.handler.unknown_fields()
    }
}

impl<H, K> Cached<H, K> {
    /// What was decided, and whether it is good for other bodies.
    fn decision(&self, settled: &Settled) -> Option<(Decision, bool)> {
        match settled {
            Settled::Accepted(edits) => {
                Some((Decision::Accepted(edits.clone()), self.takes.contains_all(edits)))
            }
            Settled::Refused(refusal) => Some((Decision::Refused(refusal.clone()), true)),
            Settled::Failed(_) => None,
        }
    }
}

impl From<Decision> for Settled {
    fn from(decision: Decision) -> Self {
        match decision {
            Decision::Accepted(edits) => Self::Accepted(edits),
            Decision::Refused(refusal) => Self::Refused(refusal),
        }
    }
}

/// How long the handler of a call wants its decision to be kept, if it has said so.
#[derive(Clone, Default)]
pub(crate) struct KeepFor(Arc<Mutex<Option<Duration>>>);

impl KeepFor {
    pub(crate) fn set(&self, keep_for: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(keep_for);
    }

    fn get(&self) -> Option<Duration> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
