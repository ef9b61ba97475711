//! A handler whose types have been erased: [`Handler`].

use std::{
    future::Future,
    marker::PhantomData,
    pin::Pin,
    sync::atomic::{AtomicU64, Ordering},
};

use wcs_hooks_protocol::{Hook, Object, Payload};

use crate::{AnswerKind, Context, answer::Settled};

/// The boxed future of an erased handler.
pub(crate) type Settling<'a> = Pin<Box<dyn Future<Output = Result<Settled, Malformed>> + Send + 'a>>;

/// The body is an object, but not one that this hook can carry.
#[derive(Debug)]
pub(crate) struct Malformed(pub(crate) String);

/// A handler whose types have been erased.
pub(crate) trait Handler: Send + Sync {
    fn call<'a>(&'a self, context: Context, received: &'a Object<'a>) -> Settling<'a>;

    /// How many fields have come that the payload does not know.
    fn unknown_fields(&self) -> u64;
}

/// A function, with the types that it takes and gives.
pub(crate) struct Typed<H, F> {
    handler: F,
    unknown_fields: AtomicU64,
    hook: PhantomData<fn() -> H>,
}

impl<H, F> Typed<H, F> {
    pub(crate) fn new(handler: F) -> Self {
        Self { handler, unknown_fields: AtomicU64::new(0), hook: PhantomData }
    }
}

impl<H, F, Fut> Handler for Typed<H, F>
where
    H: Hook<Kind: AnswerKind>,
    F: Fn(Context, H::Payload) -> Fut + Send + Sync,
    Fut: Future<Output = <H::Kind as AnswerKind>::Result<H::Payload>> + Send,
{
    fn call<'a>(&'a self, context: Context, received: &'a Object<'a>) -> Settling<'a> {
        Box::pin(async move {
            let reading = H::Payload::read(received).map_err(|error| Malformed(error.to_string()))?;
            if !reading.unreadable.is_empty() {
                tracing::warn!(hook = %H::NAME, fields = ?reading.unreadable, "fields of an unexpected kind are absent");
            }
            let unknown_fields = reading.payload.extra().len();
            if unknown_fields > 0 {
                self.unknown_fields.fetch_add(unknown_fields as u64, Ordering::Relaxed);
            }
            let result = (self.handler)(context, reading.payload).await;
            Ok(H::Kind::settle(result, received))
        })
    }

    fn unknown_fields(&self) -> u64 {
        self.unknown_fields.load(Ordering::Relaxed)
    }
}
