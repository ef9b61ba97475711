//! A handler whose types have been erased: [`Handler`].

use std::{
    future::{Future, ready},
    marker::PhantomData,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use futures_util::FutureExt;
use wcs_hooks_protocol::{Hook, Object, Payload};

use crate::{AnswerKind, Context, answer::Settled};

/// The boxed future of an erased handler.
pub(crate) type Settling<'a> = Pin<Box<dyn Future<Output = Result<Settled, Malformed>> + Send + 'a>>;

/// The body is an object, but not one that this hook can carry.
#[derive(Debug)]
pub(crate) struct Malformed(pub(crate) String);

/// A handler that is kept.
pub(crate) type Erased = Box<dyn Handler>;

/// A handler whose types have been erased.
pub(crate) trait Handler: Send + Sync {
    fn call<'a>(&'a self, context: Context, received: &'a Object<'a>) -> Settling<'a>;

    /// How many fields have come that the payload does not know.
    fn unknown_fields(&self) -> u64;
}

/// What a handler of a hook answers.
type Answer<H> = <<H as Hook>::Kind as AnswerKind>::Result<<H as Hook>::Payload>;

/// A function, with the types that it takes and gives.
pub(crate) struct Typed<H, F> {
    handler: F,
    received: Received<H>,
}

impl<H, F> Typed<H, F> {
    pub(crate) fn new(handler: F) -> Self {
        Self { handler, received: Received::default() }
    }
}

impl<H, F, Fut> Handler for Typed<H, F>
where
    H: Hook<Kind: AnswerKind>,
    F: Fn(Context, H::Payload) -> Fut + Send + Sync,
    Fut: Future<Output = Answer<H>> + Send + 'static,
{
    fn call<'a>(&'a self, context: Context, object: &'a Object<'a>) -> Settling<'a> {
        match self.received.read(object) {
            Ok(payload) => settling::<H>((self.handler)(context, payload), object),
            Err(malformed) => Box::pin(ready(Err(malformed))),
        }
    }

    fn unknown_fields(&self) -> u64 {
        self.received.unknown_fields.load(Ordering::Relaxed)
    }
}

/// A method of a handler trait, and who has it.
pub(crate) struct Method<H: Hook, T> {
    handler: Arc<T>,
    function: MethodFunction<H, T>,
    received: Received<H>,
}

/// Calls the method and settles what it gives, in one allocation.
pub(crate) type MethodFunction<H, T> =
    for<'a> fn(&'a T, Context, <H as Hook>::Payload, &'a Object<'a>) -> Settling<'a>;

impl<H: Hook, T> Method<H, T> {
    pub(crate) fn new(handler: &Arc<T>, function: MethodFunction<H, T>) -> Self {
        Self { handler: Arc::clone(handler), function, received: Received::default() }
    }
}

impl<H: Hook, T: Send + Sync> Handler for Method<H, T> {
    fn call<'a>(&'a self, context: Context, object: &'a Object<'a>) -> Settling<'a> {
        match self.received.read(object) {
            Ok(payload) => (self.function)(&self.handler, context, payload, object),
            Err(malformed) => Box::pin(ready(Err(malformed))),
        }
    }

    fn unknown_fields(&self) -> u64 {
        self.received.unknown_fields.load(Ordering::Relaxed)
    }
}

/// What the handler's answer makes of the object that was received. `map`, since an `async` block would have room for the
/// payload twice.
pub(crate) fn settling<'a, H: Hook<Kind: AnswerKind>>(
    handling: impl Future<Output = Answer<H>> + Send + 'a,
    object: &'a Object<'a>,
) -> Settling<'a> {
    Box::pin(handling.map(|answer| Ok(H::Kind::settle(answer, object))))
}

/// How payloads of a hook are read, and what was new in them.
struct Received<H> {
    unknown_fields: AtomicU64,
    hook: PhantomData<fn() -> H>,
}

impl<H> Default for Received<H> {
    fn default() -> Self {
        Self { unknown_fields: AtomicU64::new(0), hook: PhantomData }
    }
}

impl<H: Hook> Received<H> {
    fn read(&self, object: &Object<'_>) -> Result<H::Payload, Malformed> {
        let mut payload = H::Payload::default();
        let unreadable = payload.read_members(object).map_err(|error| Malformed(error.to_string()))?;
        if !unreadable.is_empty() {
            tracing::warn!(hook = %H::NAME, fields = ?unreadable, "fields of an unexpected kind are absent");
        }
        let unknown_fields = payload.extra().len();
        if unknown_fields > 0 {
            self.unknown_fields.fetch_add(unknown_fields as u64, Ordering::Relaxed);
        }
        Ok(payload)
    }
}
