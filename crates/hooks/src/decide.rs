//! From a body that may be trusted to its answer.

use std::{
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant},
};

use bytes::Bytes;
use futures_util::FutureExt;
use http::Extensions;
use wcs_hooks_protocol::{Edits, HookContext, HookKind, HookName, Object};

use crate::{
    Answered, Context, EventError, Fallback, PeerAddress, Refusal,
    answer::Settled,
    backend::{App, Shared},
    deadline::{Deadline, Passed},
    duplicates::{Identity, Seen},
    entrance::Caller,
    handler::{Handler, Malformed},
    live::{Live, Rules},
    load::Taken,
    policy::AppPolicy,
    polls,
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
    pub(crate) peer: Option<PeerAddress>,
    pub(crate) body: &'a Bytes,
}

impl Call<'_> {
    fn may_call(&self, app: &App) -> bool {
        self.live.entrance.lets_in(&self.caller, app.index, self.body)
    }

    fn handler<'s>(&self, app: &'s App) -> Option<(HookName, &'s dyn Handler)> {
        let hook = self.hook?;
        Some((hook, app.hooks.handler(hook)?))
    }

    fn identity(&self) -> Identity<'_> {
        Identity { path: self.path, body: self.body, signature: self.caller.signature }
    }
}

type Decided<'s> = (&'s App, Answered, Reply);

impl Shared {
    pub(crate) async fn decide(&self, call: &Call<'_>, extensions: Extensions) -> Decided<'_> {
        let mut asked = match self.whom_to_ask(call) {
            Way::Ask(asked) => asked,
            Way::Answer(decided) => return decided,
        };
        let ticket = if asked.rules.duplicates_within.is_zero() {
            None
        } else {
            match self.remembered.see(call.identity(), &call.live.settings.duplicates).await {
                Seen::Duplicate(reply) => return (asked.app, Answered::Duplicate, reply),
                Seen::First(ticket) => Some(ticket),
            }
        };
        let said = asked.ask(call, extensions).await;
        let decided = asked.decided(call, said);
        if let Some(ticket) = ticket.filter(|_| decided.1 != Answered::Shed) {
            ticket.answered(decided.1, &decided.2, asked.rules.duplicates_within);
        }
        decided
    }

    fn whom_to_ask<'s, 'c>(&'s self, call: &'c Call<'_>) -> Way<'s, 'c> {
        let default_app = &self.apps[0];
        if !self.has_many_apps() && call.handler(default_app).is_none() && self.lets_in(call, default_app) {
            return Way::Answer(unhandled(default_app, call));
        }
        let object = match Object::from_slice(call.body) {
            Ok(object) => object,
            Err(error) => return Way::Answer(malformed(default_app, call, &error.to_string())),
        };
        let fields = HookContext::read(&object);
        let app = self.app(&fields.app_key);
        if !self.lets_in(call, app) {
            self.denials.count(call.peer);
            self.counters.count_denied_caller();
            tracing::warn!(app = app.name, "caller turned away: its secret is another app's");
            let reply = self.last_of_stranger(reply::turned_away(TurnedAway::Denied), call.peer);
            return Way::Answer((app, Answered::Denied, reply));
        }
        let Some((hook, handler)) = call.handler(app) else {
            return Way::Answer(unhandled(app, call));
        };
        let (policy, rules) = (&call.live.policies[app.index], call.live.rules(app, hook));
        Way::Ask(Asked { shared: self, app, hook, handler, policy, rules, object, fields })
    }

    /// Whoever is let into an app has proved itself; to have come as far as here, past an app that is open to anyone, is no proof.
    fn lets_in(&self, call: &Call<'_>, app: &App) -> bool {
        let may_call = call.may_call(app);
        if may_call {
            self.denials.vouch(call.peer);
        }
        may_call
    }
}

/// How a call comes to its answer.
enum Way<'s, 'c> {
    Ask(Asked<'s, 'c>),
    Answer(Decided<'s>),
}

/// What came of asking a handler.
enum Said {
    Settled(Result<Settled, Malformed>),
    Panicked,
    NothingInTime,
    /// There was no place.
    NotAsked,
}

/// A handler that is asked; what it says is made into a reply.
struct Asked<'s, 'c> {
    shared: &'s Shared,
    app: &'s App,
    hook: HookName,
    handler: &'s dyn Handler,
    policy: &'c AppPolicy,
    rules: &'c Rules,
    object: Object<'c>,
    /// Taken by the handler.
    fields: HookContext,
}

impl<'s> Asked<'s, '_> {
    /// Lets the handler answer, if there is a place for it and within its time.
    async fn ask(&mut self, call: &Call<'_>, extensions: Extensions) -> Said {
        let mut deadline = Deadline::new(self.rules.deadline);
        let Some(_place) = self.place(&mut deadline).await else { return Said::NotAsked };
        let fields = mem::take(&mut self.fields);
        let context = Context::new(fields, self.hook, call.body.clone(), extensions, call.peer);
        let begun = Instant::now();
        // The function that gives the future may panic, too.
        let handling = catch_unwind(AssertUnwindSafe(|| self.handler.call(context, &self.object)));
        let Ok(handling) = handling else { return Said::Panicked };
        let handling = AssertUnwindSafe(handling).catch_unwind();
        let handling = polls::watch(handling, begun, polls::LONG, |took| self.blocked(took));
        match deadline.bound(handling).await {
            Ok(Ok(settled)) => Said::Settled(settled),
            Ok(Err(_)) => Said::Panicked,
            Err(Passed) => Said::NothingInTime,
        }
    }

    /// The handler has kept its thread.
    fn blocked(&self, took: Duration) {
        self.shared.counters.count_blocking(self.hook);
        tracing::warn!(
            hook = %self.hook, app = self.app.name, ?took,
            "handler blocks its thread: others wait for it, and no deadline ends it"
        );
    }

    /// Few wait for a place: what that takes is kept out of all other calls.
    async fn place(&self, deadline: &mut Deadline) -> Option<Taken<'s>> {
        let load = &self.shared.load;
        match load.enter(self.app.index) {
            None if settings::is_event(self.hook) => {
                Box::pin(load.enter_in_line(self.app.index, deadline)).await
            }
            taken => taken,
        }
    }

    fn decided(&self, call: &Call<'_>, said: Said) -> Decided<'s> {
        match said {
            Said::Settled(Ok(Settled::Accepted(edits))) => self.accepted(call, edits),
            Said::Settled(Ok(Settled::Refused(refusal))) => self.refused(&refusal),
            Said::Settled(Ok(Settled::Failed(error))) => self.failed(call, &error),
            Said::Settled(Err(Malformed(problem))) => malformed(self.app, call, &problem),
            Said::Panicked => self.panicked(),
            Said::NothingInTime => self.timed_out(call),
            Said::NotAsked => self.shed(),
        }
    }

    /// For the log.
    fn session(&self) -> String {
        HookContext::read(&self.object).session_id
    }

    fn accepted(&self, call: &Call<'_>, mut edits: Edits) -> Decided<'s> {
        tracing::debug!(hook = %self.hook, app = self.app.name, session = self.session(), "accepted");
        self.warn_of_vain_changes(&edits);
        if self.hook.kind() == HookKind::Connect {
            self.policy.add_to(&mut edits, &self.object);
        }
        if edits.is_empty() {
            return (self.app, Answered::Accepted, reply::accepted(call.body.clone()));
        }
        (self.app, Answered::Changed, reply::accepted(self.object.edited(&edits).into()))
    }

    fn refused(&self, refusal: &Refusal) -> Decided<'s> {
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

    fn failed(&self, call: &Call<'_>, error: &EventError) -> Decided<'s> {
        tracing::error!(hook = %self.hook, app = self.app.name, session = self.session(), %error, "handler failed");
        (self.app, Answered::Failed, reply::accepted(call.body.clone()))
    }

    /// The panic's message has gone to the panic hook; it is nobody else's business.
    fn panicked(&self) -> Decided<'s> {
        tracing::error!(hook = %self.hook, app = self.app.name, session = self.session(), "handler panicked");
        let refusal = Refusal::internal("the handler panicked");
        (self.app, Answered::Panicked, reply::refused(&refusal))
    }

    fn timed_out(&self, call: &Call<'_>) -> Decided<'s> {
        let fallback = self.rules.fallback;
        tracing::error!(
            hook = %self.hook, app = self.app.name, session = self.session(), ?fallback, "handler cancelled at its deadline"
        );
        let (app, _, reply) = match fallback {
            Fallback::Allow => self.accepted(call, Edits::new()),
            Fallback::Refuse => (self.app, Answered::TimedOut, reply::turned_away(TurnedAway::TimedOut)),
        };
        (app, Answered::TimedOut, reply)
    }

    fn shed(&self) -> Decided<'s> {
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
    let reply = if app.hooks.refuses_unhandled(call.hook) {
        reply::turned_away(TurnedAway::Unhandled)
    } else {
        reply::accepted(call.body.clone())
    };
    (app, Answered::Unhandled, reply)
}

fn malformed<'s>(app: &'s App, call: &Call<'_>, problem: &str) -> Decided<'s> {
    tracing::warn!(hook = call.hook.map(HookName::as_str), app = app.name, problem, "malformed body");
    (app, Answered::Malformed, reply::malformed(problem))
}
