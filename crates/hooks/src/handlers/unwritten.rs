//! Methods of handler traits that an implementation does not override.
//!
//! A default method returns a future of a type of its own. Whether a type overrides the method then shows in the type of the
//! future that its method returns, without calling it.

use std::{
    any::TypeId,
    future::Future,
    pin::Pin,
    task::{self, Poll},
};

use crate::{Context, EventResult};

/// The future of a method that is not overridden.
pub(super) struct Unwritten<A>(Option<A>);

impl<A> Unwritten<A> {
    pub(super) fn new(answer: A) -> Self {
        Self(Some(answer))
    }
}

impl<A: Unpin> Future for Unwritten<A> {
    type Output = A;

    fn poll(mut self: Pin<&mut Self>, _: &mut task::Context<'_>) -> Poll<A> {
        self.0.take().map_or(Poll::Pending, Poll::Ready)
    }
}

/// The future of an event's method that is not overridden, and calls one for each status.
pub(super) struct ByStatus<'a>(Pin<Box<dyn Future<Output = EventResult> + Send + 'a>>);

impl<'a> ByStatus<'a> {
    pub(super) fn new(handling: impl Future<Output = EventResult> + Send + 'a) -> Self {
        Self(Box::pin(handling))
    }
}

impl Future for ByStatus<'_> {
    type Output = EventResult;

    fn poll(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<EventResult> {
        self.0.as_mut().poll(cx)
    }
}

/// Whether a method is overridden.
pub(super) fn is_written<T: 'static, P, F>(_: impl Fn(&'static T, Context, P) -> F) -> bool
where
    F: Future<Output: 'static> + 'static,
{
    TypeId::of::<F>() != TypeId::of::<Unwritten<F::Output>>()
}

/// Whether an event's method is the one that calls one for each status.
pub(super) fn is_by_status<T: 'static, P, F>(_: impl Fn(&'static T, Context, P) -> F) -> bool
where
    F: Future<Output = EventResult> + 'static,
{
    TypeId::of::<F>() == TypeId::of::<ByStatus<'static>>()
}
