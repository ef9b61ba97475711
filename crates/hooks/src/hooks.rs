//! The handlers of one app: [`Hooks`].

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    future::Future,
    sync::Arc,
};

use wcs_hooks_protocol::{Hook, HookName, HookPolicy, kind};

use crate::{
    AnswerKind, Callers, ConnectHandler, Context, EventResult,
    decisions::{Around, DecisionCache},
    every_event::EventObserver,
    handler::{Erased, Handler, Typed},
    policy::PolicyChoices,
    registry::{Recorder, Registry, Store},
};

/// The handlers of one app, and how WCS is to treat its hooks.
///
/// Handlers are registered by topic, as traits, or one by one. The answer to `connect` tells WCS what follows from them: for
/// hooks that have a handler and can be refused the policy is `FAIL`, so that a refusal takes effect, and `OVERWRITE`, so that
/// changes do; hooks without a handler are not sent (`DISABLE`). Spec §4.1.
///
/// ```
/// use wcs_hooks::{AllowAll, Hooks, Refusal, hook};
///
/// let hooks = Hooks::new(AllowAll).on(hook::PublishStream, |ctx, stream| async move {
///     if stream.name.starts_with("test-") { Ok(stream) } else { Err(Refusal::forbidden("test streams only")) }
/// });
/// ```
pub struct Hooks {
    pub(crate) handlers: BTreeMap<HookName, Erased>,
    /// Run before the handlers, in this order.
    pub(crate) guards: BTreeMap<HookName, Vec<Erased>>,
    /// Hooks whose guards can refuse them, once the guards are before the handlers.
    pub(crate) guarded: BTreeSet<HookName>,
    pub(crate) caches: BTreeMap<HookName, Around>,
    /// What these keep decisions in.
    pub(crate) decisions: Vec<DecisionCache>,
    pub(crate) every_event: Option<Arc<dyn EventObserver>>,
    pub(crate) registry: Option<Arc<dyn Recorder>>,
    /// Have no handler, and are sent all the same so that the registry learns of them.
    pub(crate) only_watched: BTreeSet<HookName>,
    pub(crate) choices: PolicyChoices,
    /// `None` if nobody has said.
    pub(crate) unhandled: Option<Unhandled>,
    pub(crate) callers: Option<Callers>,
}

/// What is answered to a known hook that has neither a guard nor a handler, and to a method that the catalogue does not know. A
/// guard decides: what it does not refuse is allowed where no handler is behind it, with [`Unhandled::Refuse`] too.
///
/// ```
/// use wcs_hooks::{AllowAll, Hooks, Unhandled};
///
/// let hooks = Hooks::new(AllowAll).unhandled(Unhandled::Refuse);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unhandled {
    /// 200 with the body as it came: WCS goes on. It is counted.
    #[default]
    Echo,
    /// 403, and WCS is told to take it seriously; except for events, which cannot be refused, and for what only ends
    /// something, where that makes no sense: these WCS is told not to send.
    Refuse,
}

impl Unhandled {
    /// Whether a method without a handler is refused. `None` is one that the catalogue does not know.
    fn refuses(self, hook: Option<HookName>) -> bool {
        self == Self::Refuse && hook.is_none_or(|hook| hook.info().can_be_refused())
    }
}

impl Hooks {
    /// The hooks of an app whose clients are let in by `handler`.
    ///
    /// ```
    /// use wcs_hooks::{ConnectHandler, Context, HookResult, Hooks, OrRefuse, payloads::Connection};
    ///
    /// struct Doorkeeper;
    ///
    /// impl ConnectHandler for Doorkeeper {
    ///     async fn connect(&self, _: Context, connection: Connection) -> HookResult<Connection> {
    ///         connection.custom_str("token").or_unauthorized("no token")?;
    ///         Ok(connection)
    ///     }
    /// }
    ///
    /// let hooks = Hooks::new(Doorkeeper);
    /// ```
    #[must_use]
    pub fn new(handler: impl ConnectHandler) -> Self {
        Self::empty().connects(handler)
    }

    pub(crate) fn empty() -> Self {
        Self {
            handlers: BTreeMap::new(),
            guards: BTreeMap::new(),
            guarded: BTreeSet::new(),
            caches: BTreeMap::new(),
            decisions: Vec::new(),
            every_event: None,
            registry: None,
            only_watched: BTreeSet::new(),
            choices: PolicyChoices::default(),
            unhandled: None,
            callers: None,
        }
    }

    /// Lets a function answer one hook. It gets the [`Context`] and the payload; what it returns depends on the hook's
    /// kind, see [`AnswerKind`].
    ///
    /// ```
    /// use wcs_hooks::{AllowAll, Hooks, hook};
    ///
    /// let hooks = Hooks::new(AllowAll).on(hook::PlaceCall, |_, mut call| async move {
    ///     call.callee = "1001".into();
    ///     Ok(call)
    /// });
    /// ```
    ///
    /// # Panics
    /// If the hook has a handler already.
    #[track_caller]
    #[must_use]
    pub fn on<H, F, Fut>(mut self, _: H, handler: F) -> Self
    where
        H: Hook<Kind: AnswerKind>,
        F: Fn(Context, H::Payload) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = <H::Kind as AnswerKind>::Result<H::Payload>> + Send + 'static,
    {
        self.register(H::NAME, Box::new(Typed::<H, F>::new(handler)));
        self
    }

    #[track_caller]
    pub(crate) fn register(&mut self, hook: HookName, handler: Erased) {
        let previous = self.handlers.insert(hook, handler);
        assert!(
            previous.is_none(),
            "the hook {hook} has a handler already: `on` and a trait whose method for it is written are two. Leave one \
             out, or put the one that only checks before the other by `Hooks::guard`"
        );
    }

    /// Lets a function observe every event, before the handler that it may have: for a log, statistics, a bill. What it
    /// needs of the body is in the [`Context`]. `StreamKeepAliveEvent` is not among them, since its handler decides.
    ///
    /// If it fails, or the handler does, the event counts as failed; the other one is called all the same.
    ///
    /// ```
    /// use wcs_hooks::{AllowAll, Hooks};
    ///
    /// let hooks = Hooks::new(AllowAll).on_every_event(async |ctx| {
    ///     tracing::info!("{} {}", ctx.hook(), ctx.redacted_body());
    ///     Ok(())
    /// });
    /// ```
    ///
    /// # Panics
    /// If there is such a function already.
    #[track_caller]
    #[must_use]
    pub fn on_every_event<F, Fut>(mut self, observer: F) -> Self
    where
        F: Fn(Context) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = EventResult> + Send + 'static,
    {
        let before = self.every_event.replace(Arc::new(observer));
        assert!(before.is_none(), "every event has a function that observes it already");
        self
    }

    /// Lets a registry learn who is connected, which streams are live, and which calls. Several apps may share one.
    ///
    /// The hooks that it needs are sent; those of them that have no handler are answered as without it, and WCS does not
    /// mind if the backend fails to. What has happened is in the registry before the event's handler is called.
    ///
    /// ```
    /// use wcs_hooks::{AllowAll, Hooks, registry::Registry};
    ///
    /// let registry = Registry::new();
    /// let hooks = Hooks::new(AllowAll).registry(&registry);
    /// ```
    ///
    /// # Panics
    /// If there is a registry already.
    #[track_caller]
    #[must_use]
    pub fn registry<S: Store>(mut self, registry: &Registry<S>) -> Self {
        let recorder: Arc<dyn Recorder> = Arc::<S>::clone(registry.store());
        let before = self.registry.replace(recorder);
        assert!(before.is_none(), "these hooks have a registry already");
        self
    }

    /// Answers hooks that have no handler in this way. Default: [`Unhandled::Echo`], and a warning at the start that names
    /// the hooks that could be refused; with `Unhandled::Echo` given here there is no warning.
    ///
    /// ```
    /// use wcs_hooks::{AllowAll, Hooks, Unhandled};
    ///
    /// let hooks = Hooks::new(AllowAll).unhandled(Unhandled::Refuse);
    /// ```
    #[must_use]
    pub fn unhandled(mut self, unhandled: Unhandled) -> Self {
        self.unhandled = Some(unhandled);
        self
    }

    /// Hooks that could be refused and are allowed, since neither a guard nor a handler decides them.
    pub(crate) fn undecided(&self) -> Vec<HookName> {
        let is_decided = |hook: &HookName| self.handlers.contains_key(hook) || self.guards.contains_key(hook);
        let allowed = HookName::ALL.iter().filter(|hook| !is_decided(hook) && hook.info().can_be_refused());
        allowed.copied().filter(|hook| !self.refuses_unhandled(Some(*hook))).collect()
    }

    /// Whether a method without a handler is refused. `None` is one that the catalogue does not know.
    pub(crate) fn refuses_unhandled(&self, hook: Option<HookName>) -> bool {
        self.unhandled.unwrap_or_default().refuses(hook)
    }

    /// Lets these callers call this app, in place of the backend's. See [`BackendBuilder::callers`].
    ///
    /// [`BackendBuilder::callers`]: crate::BackendBuilder::callers
    ///
    /// ```
    /// use wcs_hooks::{AllowAll, Callers, Hooks};
    ///
    /// let hooks = Hooks::new(AllowAll).callers(Callers::basic("rtmp", "password"));
    /// ```
    #[must_use]
    pub fn callers(mut self, callers: Callers) -> Self {
        self.callers = Some(callers);
        self
    }

    /// Lets WCS send `sdp`, kilobytes of it, with the hooks about streams and calls. Default: it is left out.
    ///
    /// ```
    /// use wcs_hooks::{AllowAll, Hooks, Refusal, hook};
    ///
    /// let hooks = Hooks::new(AllowAll).with_sdp().on(hook::PublishStream, async |_, stream| {
    ///     let offers_h264 = stream.sdp.as_deref().is_none_or(|sdp| sdp.contains("H264"));
    ///     if offers_h264 { Ok(stream) } else { Err(Refusal::forbidden("H.264 only")) }
    /// });
    /// ```
    #[must_use]
    pub fn with_sdp(mut self) -> Self {
        self.choices.with_sdp = true;
        self
    }

    /// Lets WCS send hooks that have no handler too, to be echoed and counted. Default: they are not sent.
    ///
    /// ```
    /// use wcs_hooks::{AllowAll, Hooks};
    ///
    /// let hooks = Hooks::new(AllowAll).with_unhandled_hooks();
    /// ```
    #[must_use]
    pub fn with_unhandled_hooks(mut self) -> Self {
        self.choices.with_unhandled_hooks = true;
        self
    }

    /// Lets WCS take just these fields from the answers to a hook. Default: every field of the payload that can
    /// sensibly be changed. With no fields WCS takes nothing.
    ///
    /// ```
    /// use wcs_hooks::{AllowAll, Hooks, hook};
    ///
    /// let hooks = Hooks::new(AllowAll).on(hook::PlayStream, |_, stream| async move { Ok(stream) });
    /// let hooks = hooks.overwriting(hook::PlayStream, ["name"]);
    /// ```
    #[must_use]
    pub fn overwriting<H: Hook<Kind: Overwritable>, S: Into<String>>(
        mut self,
        _: H,
        fields: impl IntoIterator<Item = S>,
    ) -> Self {
        self.choices.overwrites.insert(H::NAME, fields.into_iter().map(Into::into).collect());
        self
    }

    /// Keeps these fields of an event, or of what comes in, from the client; given several times, all of them. The hook
    /// is sent even if it has no handler: whether WCS hides anything of a hook that is switched off is not documented.
    /// Spec §4.1 clientExclude.
    ///
    /// ```
    /// use wcs_hooks::{AllowAll, Hooks, hook};
    ///
    /// // Who plays a stream by an alias does not learn its name.
    /// let hooks = Hooks::new(AllowAll).hiding(hook::StreamStatus, ["name"]);
    /// ```
    #[must_use]
    pub fn hiding<H: Hook<Kind: Delivered>, S: Into<String>>(
        mut self,
        _: H,
        fields: impl IntoIterator<Item = S>,
    ) -> Self {
        self.choices.hidden.entry(H::NAME).or_default().extend(fields.into_iter().map(Into::into));
        self
    }

    /// Sets the policy of a hook, whatever would follow from the handlers.
    ///
    /// ```
    /// use wcs_hooks::{AllowAll, HookName, HookPolicy, Hooks};
    ///
    /// let hooks = Hooks::new(AllowAll).policy(HookName::PushLogs, HookPolicy::default());
    /// ```
    #[must_use]
    pub fn policy(mut self, hook: HookName, policy: HookPolicy) -> Self {
        self.choices.overrides.insert(hook, policy);
        self
    }

    /// Whether somebody decides or handles it, and does not just watch.
    pub(crate) fn has_own_handler(&self, hook: HookName) -> bool {
        self.handlers.contains_key(&hook) && !self.only_watched.contains(&hook)
    }

    /// How many fields have come that payloads do not know, by hook.
    pub(crate) fn unknown_fields(&self) -> impl Iterator<Item = (HookName, u64)> {
        self.handlers.iter().map(|(hook, handler)| (*hook, handler.unknown_fields()))
    }

    pub(crate) fn handler(&self, hook: HookName) -> Option<&dyn Handler> {
        self.handlers.get(&hook).map(|handler| &**handler)
    }
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hooks").field("handled", &self.handlers.keys()).finish_non_exhaustive()
    }
}

/// The kinds of hooks from whose answers WCS takes fields by `restOverwrite`. Spec §4.3.
#[diagnostic::on_unimplemented(
    message = "WCS takes no fields from the answer to this hook",
    note = "only those of hooks that clients invoke, and of calls and messages that come in, can be overwritten"
)]
pub trait Overwritable: AnswerKind {}

impl Overwritable for kind::Invoke {}
impl Overwritable for kind::Incoming {}

/// The kinds of hooks that WCS passes on to the client. Spec §4.1 clientExclude.
#[diagnostic::on_unimplemented(
    message = "WCS does not pass this hook on to the client, so there is nothing to hide",
    note = "only events, and calls and messages that come in, are passed on"
)]
pub trait Delivered: AnswerKind {}

impl Delivered for kind::Event {}
impl Delivered for kind::Incoming {}
