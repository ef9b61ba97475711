//! Checks that run before an app's handlers: [`Guard`] and [`Checks`].

use std::{fmt, future::Future};

use wcs_hooks_protocol::{Edits, Hook, HookName, Object};

use crate::{
    AnswerKind, Context, Hooks,
    answer::Settled,
    every_event::joined,
    handler::{Erased, Handler, Malformed, Settling, Typed},
};

/// Checks hooks before their handlers do, for all hooks that it guards.
///
/// [`Hooks::guard`] puts it before the handlers of an app, whether they are registered before or after it. A hook that a guard
/// refuses does not reach its handler; a handler cannot leave a guard out, and neither can a hook that has no handler, nor a
/// [`DecisionCache`](crate::DecisionCache). What a guard changes, the next guard and the handler see.
///
/// WCS takes a guard's refusals seriously, whatever else is set: a policy by which it would not, and a fallback that would allow
/// what was not checked in time, is an error when the backend is built, or the settings are applied.
///
/// A guard of yours is made of [`Checks`]: `Checks::new().connects(a.clone()).streams(a)`. A handler is none by itself, so that
/// nobody takes one that checks `connect` for one that checks streams too.
///
/// ```
/// use std::sync::Arc;
/// use wcs_hooks::{Checks, Context, Guard, HookResult, Hooks, OrRefuse, StreamHandler, payloads::Stream};
///
/// /// Nobody publishes or plays what begins with a dot.
/// struct NoHidden;
///
/// impl StreamHandler for NoHidden {
///     async fn publish_stream(&self, _: Context, stream: Stream) -> HookResult<Stream> {
///         (!stream.name.starts_with('.')).then_some(stream).or_forbidden("no such stream")
///     }
///
///     async fn play_stream(&self, ctx: Context, stream: Stream) -> HookResult<Stream> {
///         self.publish_stream(ctx, stream).await
///     }
/// }
///
/// impl Guard for NoHidden {
///     fn checks(self) -> Checks {
///         Checks::new().streams(self)
///     }
/// }
///
/// struct Recorded;
///
/// impl StreamHandler for Recorded {
///     async fn publish_stream(&self, _: Context, mut stream: Stream) -> HookResult<Stream> {
///         stream.record = Some(true);                    // is not asked about ".x"
///         Ok(stream)
///     }
/// }
///
/// let hooks = Hooks::guarded(NoHidden).streams(Recorded);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a guard",
    note = "a guard says what it checks: `Checks::new().connects(handler)`, `.streams(handler)`, or `.on(hook::…, function)`"
)]
pub trait Guard {
    /// The checks of the hooks that it guards.
    fn checks(self) -> Checks;
}

impl Guard for Checks {
    fn checks(self) -> Checks {
        self
    }
}

/// What a [`Guard`] checks: functions of the handler traits, or functions of single hooks. A method that a trait's
/// implementation does not override checks nothing.
///
/// ```
/// use wcs_hooks::{AllowAll, Checks, Hooks, OrRefuse, hook};
///
/// let checks = Checks::new().on(hook::PlayStream, async |_, stream| {
///     (!stream.name.is_empty()).then_some(stream).or_forbidden("no name")
/// });
/// let hooks = Hooks::new(AllowAll).guard(checks);
/// ```
#[derive(Default)]
#[must_use = "checks do nothing until `Hooks::guard` takes them"]
pub struct Checks {
    pub(crate) checks: Vec<(HookName, Erased)>,
}

impl Checks {
    /// No checks.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets a function check one hook. It gets and returns the same as a handler: see [`Hooks::on`]. Several checks of a
    /// hook run in the order in which they are given.
    ///
    /// ```
    /// use wcs_hooks::{Checks, Refusal, hook};
    ///
    /// let checks = Checks::new().on(hook::PlaceCall, async |_, call| {
    ///     if call.callee.starts_with('+') { Err(Refusal::forbidden("no calls abroad")) } else { Ok(call) }
    /// });
    /// ```
    pub fn on<H, F, Fut>(mut self, _: H, check: F) -> Self
    where
        H: Hook<Kind: AnswerKind>,
        F: Fn(Context, H::Payload) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = <H::Kind as AnswerKind>::Result<H::Payload>> + Send + 'static,
    {
        self.checks.push((H::NAME, Box::new(Typed::<H, F>::new(check))));
        self
    }
}

impl fmt::Debug for Checks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.checks.iter().map(|(hook, _)| hook)).finish()
    }
}

impl Hooks {
    /// The hooks of an app whose clients are let in by a guard. Should it not check `connect`, every client is let in, and
    /// a warning at the start says so.
    ///
    /// ```
    /// use wcs_hooks::{Hooks, ready::OriginAuth};
    ///
    /// let hooks = Hooks::guarded(OriginAuth::new(["https://example.com"])?);
    /// # Ok::<(), wcs_hooks::ready::ConfigError>(())
    /// ```
    #[must_use]
    pub fn guarded(guard: impl Guard) -> Self {
        Self::empty().guard(guard)
    }

    /// Puts a guard before the handlers of this app, behind the guards that it has.
    ///
    /// ```
    /// use wcs_hooks::{ConnectHandler, Context, HookResult, Hooks, payloads::Connection, ready::OriginAuth};
    ///
    /// struct Mine;
    ///
    /// impl ConnectHandler for Mine {
    ///     async fn connect(&self, ctx: Context, connection: Connection) -> HookResult<Connection> {
    ///         tracing::info!(session = ctx.session_id, "comes from example.com");
    ///         Ok(connection)
    ///     }
    /// }
    ///
    /// let hooks = Hooks::new(Mine).guard(OriginAuth::new(["https://example.com"])?);
    /// # Ok::<(), wcs_hooks::ready::ConfigError>(())
    /// ```
    #[must_use]
    pub fn guard(mut self, guard: impl Guard) -> Self {
        for (hook, check) in guard.checks().checks {
            self.guards.entry(hook).or_default().push(check);
        }
        self
    }

    /// Puts the guards before the handlers, the first outermost.
    pub(crate) fn put_guards(&mut self) {
        self.guarded = self.guards.keys().copied().filter(|hook| hook.info().can_be_refused()).collect();
        for (hook, checks) in std::mem::take(&mut self.guards) {
            let guarded = checks.into_iter().rev().fold(self.handlers.remove(&hook), |next, check| {
                Some(match next {
                    Some(next) => Box::new(Guarded { check, next }),
                    None => check,
                })
            });
            self.handlers.extend(guarded.map(|handler| (hook, handler)));
        }
    }
}

/// A handler with a check before it.
struct Guarded {
    check: Erased,
    next: Erased,
}

impl Guarded {
    async fn next_of_changed(
        &self,
        context: Context,
        received: &Object<'_>,
        mut edits: Edits,
    ) -> Result<Settled, Malformed> {
        let text = received.edited(&edits);
        let changed = Object::parse(&text).map_err(|error| Malformed(error.to_string()))?;
        let settled = self.next.call(context, &changed).await?;
        Ok(match settled {
            Settled::Accepted(later) => {
                edits.extend(later);
                Settled::Accepted(edits)
            }
            settled => settled,
        })
    }
}

impl Handler for Guarded {
    fn call<'a>(&'a self, context: Context, received: &'a Object<'a>) -> Settling<'a> {
        Box::pin(async move {
            match self.check.call(context.clone(), received).await? {
                Settled::Refused(refusal) => Ok(Settled::Refused(refusal)),
                // An event: it has happened, and its handler is told all the same.
                Settled::Failed(error) => Ok(joined(Err(error), self.next.call(context, received).await?)),
                Settled::Accepted(edits) if edits.is_empty() => self.next.call(context, received).await,
                Settled::Accepted(edits) => self.next_of_changed(context, received, edits).await,
            }
        })
    }

    fn unknown_fields(&self) -> u64 {
        self.next.unknown_fields()
    }
}

#[cfg(test)]
mod tests;
