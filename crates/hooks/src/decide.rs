//! From a body that may be trusted to its answer.

use std::{
    future::{Future, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    task::Poll,
};

use bytes::Bytes;
use http::Extensions;
use wcs_hooks_protocol::{Edits, HookContext, HookKind, HookName, Object};

use crate::{
    Answered, Context, EventError, Fallback, Refusal,
    answer::Settled,
    backend::{App, Shared},
    deadline::{Deadline, Passed},
    duplicates::{Identity, Seen},
    entrance::Caller,
    handler::{Handler, Malformed, Settling},
    live::{Live, Rules},
    policy::AppPolicy,
    reply::{self, Reply, TurnedAway},
    settings,
};

/// A call whose caller has proved who it is.
pub(crate) struct Call<'a> {
    /// What was set when it came.
    pub(crate) live: &'a Live,
    /// `None` if the catalogue does not know the method.
    pub(crate) hook: Option<HookName>,
    /// The whole of it.
    pub(crate) path: &'a str,
    pub(crate) caller: Caller<'a>,
    pub(crate) body: &'a Bytes,
    pub(crate) extensions: &'a Extensions,
}

impl Call<'_> {
    fn may_call(&self, app: &App) -> bool {
        self.live.entrance.lets_in(&self.caller, app.index, self.body)
    }

    fn handler<'s>(&self, app: &'s App) -> Option<(HookName, &'s dyn Handler)> {
        let hook = self.hook?;
        Some((hook, app.hooks.handler(hook)?))
    }
}

type Decided<'s> = (&'s App, Answered, Reply);

impl Shared {
    pub(crate) async fn decide(&self, call: Call<'_>) -> Decided<'_> {
        let default_app = &self.apps[0];
        if !self.has_many_apps() && call.may_call(default_app) && call.handler(default_app).is_none() {
            return unhandled(default_app, &call);
        }
        let object = match Object::from_slice(call.body) {
            Ok(object) => object,
            Err(error) => return malformed(default_app, &call, &error.to_string()),
        };
        let fields = HookContext::read(&object);
        let app = self.app(&fields.app_key);
        if !call.may_call(app) {
            self.counters.count_denied_caller();
            tracing::warn!(app = app.name, "caller turned away: its secret is another app's");
            return (app, Answered::Denied, reply::turned_away(TurnedAway::Denied));
        }
        let Some((hook, handler)) = call.handler(app) else {
            return unhandled(app, &call);
        };
        let rules = call.live.rules(app, hook);
        let ticket = match self.see(&call, rules).await {
            Some(Seen::Duplicate(reply)) => return (app, Answered::Duplicate, reply),
            Some(Seen::First(ticket)) => Some(ticket),
            None => None,
        };
        let decided = self.handle(&call, app, (hook, handler), fields, &object).await;
        if let Some(ticket) = ticket.filter(|_| decided.1 != Answered::Shed) {
            ticket.answered(decided.1, &decided.2, rules.duplicates_within);
        }
        decided
    }

    /// `None` if duplicates are not looked for.
    async fn see(&self, call: &Call<'_>, rules: Rules) -> Option<Seen<'_>> {
        if rules.duplicates_within.is_zero() {
            return None;
        }
        let identity = Identity { path: call.path, body: call.body, signature: call.caller.signature };
        Some(self.remembered.see(identity, &call.live.settings.duplicates).await)
    }

    async fn handle<'s>(
        &'s self,
        call: &Call<'_>,
        app: &'s App,
        (hook, handler): (HookName, &'s dyn Handler),
        fields: HookContext,
        object: &Object<'_>,
    ) -> Decided<'s> {
        let rules = call.live.rules(app, hook);
        let policy = &call.live.policies[app.index];
        let asked = Asked { shared: self, app, policy, hook, object };
        let context = Context::new(fields, hook, call.body.clone(), call.extensions.clone());
        match self.ask(app, hook, rules, || handler.call(context, object)).await {
            Said::Settled(Ok(Settled::Accepted(edits))) => asked.accepted(call, edits),
            Said::Settled(Ok(Settled::Refused(refusal))) => asked.refused(&refusal),
            Said::Settled(Ok(Settled::Failed(error))) => asked.failed(call, &error),
            Said::Settled(Err(Malformed(problem))) => malformed(app, call, &problem),
            Said::Panicked => asked.panicked(),
            Said::NothingInTime => asked.timed_out(call, rules.fallback),
            Said::NotAsked => asked.shed(),
        }
    }

    /// Lets the handler answer, if there is a place for it and within its time.
    async fn ask<'a>(
        &self,
        app: &App,
        hook: HookName,
        rules: Rules,
        handling: impl FnOnce() -> Settling<'a>,
    ) -> Said {
        let mut deadline = Deadline::new(rules.deadline);
        let taken = match self.load.enter(app.index) {
            None if settings::is_event(hook) => self.load.enter_in_line(app.index, &mut deadline).await,
            taken => taken,
        };
        if taken.is_none() {
            return Said::NotAsked;
        }
        // The function that gives the future may panic, too.
        match deadline.bound(unless_it_panics(async { handling().await })).await {
            Ok(Ok(settled)) => Said::Settled(settled),
            Ok(Err(Panicked)) => Said::Panicked,
            Err(Passed) => Said::NothingInTime,
        }
    }
}

/// What came of asking a handler.
enum Said {
    Settled(Result<Settled, Malformed>),
    Panicked,
    NothingInTime,
    /// There was no place.
    NotAsked,
}

/// A handler has been asked; what it said is made into a reply.
struct Asked<'s, 'o> {
    shared: &'s Shared,
    app: &'s App,
    policy: &'o AppPolicy,
    hook: HookName,
    object: &'o Object<'o>,
}

impl<'s> Asked<'s, '_> {
    /// For the log.
    fn session(&self) -> String {
        HookContext::read(self.object).session_id
    }

    fn accepted(self, call: &Call<'_>, mut edits: Edits) -> Decided<'s> {
        tracing::debug!(hook = %self.hook, app = self.app.name, session = self.session(), "accepted");
        self.warn_of_vain_changes(&edits);
        if self.hook.kind() == HookKind::Connect {
            self.policy.add_to(&mut edits, self.object);
        }
        if edits.is_empty() {
            return (self.app, Answered::Accepted, reply::accepted(call.body.clone()));
        }
        (self.app, Answered::Changed, reply::accepted(self.object.edited(&edits).into()))
    }

    fn refused(self, refusal: &Refusal) -> Decided<'s> {
        let is_fault = refusal.status().is_server_error();
        let (hook, app, session) = (self.hook, &self.app.name, self.session());
        if is_fault {
            tracing::error!(%hook, app, session, %refusal, "handler failed");
        } else {
            tracing::info!(%hook, app, session, %refusal, "refused");
        }
        if !self.policy.minds_refusal(hook) && self.shared.counters.count_vain_refusal(app, hook) {
            tracing::warn!(%hook, app, "refused in vain: by the policy of this hook WCS goes on all the same");
        }
        self.shared.measured.refused(hook, refusal.status());
        let answered = if is_fault { Answered::Failed } else { Answered::Refused };
        (self.app, answered, reply::refused(refusal))
    }

    fn failed(self, call: &Call<'_>, error: &EventError) -> Decided<'s> {
        tracing::error!(hook = %self.hook, app = self.app.name, session = self.session(), %error, "handler failed");
        (self.app, Answered::Failed, reply::accepted(call.body.clone()))
    }

    /// The panic's message has gone to the panic hook; it is nobody else's business.
    fn panicked(self) -> Decided<'s> {
        tracing::error!(hook = %self.hook, app = self.app.name, session = self.session(), "handler panicked");
        let refusal = Refusal::internal("the handler panicked");
        (self.app, Answered::Panicked, reply::refused(&refusal))
    }

    fn timed_out(self, call: &Call<'_>, fallback: Fallback) -> Decided<'s> {
        tracing::error!(
            hook = %self.hook, app = self.app.name, session = self.session(), ?fallback, "handler cancelled at its deadline"
        );
        let (app, _, reply) = match fallback {
            Fallback::Allow => self.accepted(call, Edits::new()),
            Fallback::Refuse => (self.app, Answered::TimedOut, reply::turned_away(TurnedAway::TimedOut)),
        };
        (app, Answered::TimedOut, reply)
    }

    fn shed(self) -> Decided<'s> {
        tracing::warn!(hook = %self.hook, app = self.app.name, session = self.session(), "shed: too many hooks at once");
        (self.app, Answered::Shed, reply::turned_away(TurnedAway::Shed))
    }

    fn warn_of_vain_changes(&self, edits: &Edits) {
        let (hook, app) = (self.hook, &self.app.name);
        for field in edits.names() {
            let is_taken = self.policy.takes(hook, field) && edits.get(field).is_some();
            if !is_taken || HookContext::has_field(field) {
                let is_first = self.shared.counters.count_vain_change(app, hook, field);
                if is_first {
                    tracing::warn!(%hook, app, field, "changed in vain: WCS does not take this from the answer");
                }
            }
        }
    }
}

fn unhandled<'s>(app: &'s App, call: &Call<'_>) -> Decided<'s> {
    let reply = if app.hooks.unhandled.refuses(call.hook) {
        reply::turned_away(TurnedAway::Unhandled)
    } else {
        reply::accepted(call.body.clone())
    };
    (app, Answered::Unhandled, reply)
}

fn malformed<'s>(app: &'s App, call: &Call<'_>, problem: &str) -> Decided<'s> {
    tracing::warn!(hook = call.hook.map(HookName::as_str), app = app.name, problem, "malformed body");
    (app, Answered::Malformed, reply::turned_away(TurnedAway::Malformed))
}

struct Panicked;

async fn unless_it_panics<T>(future: impl Future<Output = T>) -> Result<T, Panicked> {
    let mut future = pin!(future);
    poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
        Ok(poll) => poll.map(Ok),
        Err(_) => Poll::Ready(Err(Panicked)),
    })
    .await
}
