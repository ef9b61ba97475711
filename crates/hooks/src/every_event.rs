//! One function that observes every event, beside the handlers that events may have.

use std::{future::Future, pin::Pin, sync::Arc};

use wcs_hooks_protocol::{Edits, Object};

use crate::{
    Context, EventError, EventResult,
    answer::Settled,
    handler::{Handler, Settling},
};

/// A function of the context, erased.
pub(crate) trait EventObserver: Send + Sync {
    fn observe(&self, context: Context) -> Pin<Box<dyn Future<Output = EventResult> + Send + '_>>;
}

impl<F, Fut> EventObserver for F
where
    F: Fn(Context) -> Fut + Send + Sync,
    Fut: Future<Output = EventResult> + Send,
{
    fn observe(&self, context: Context) -> Pin<Box<dyn Future<Output = EventResult> + Send + '_>> {
        Box::pin(async move { self(context).await })
    }
}

/// An event that is observed, and then handled if it has a handler.
pub(crate) struct Observed {
    pub(crate) observer: Arc<dyn EventObserver>,
    pub(crate) handler: Option<Box<dyn Handler>>,
}

impl Handler for Observed {
    fn call<'a>(&'a self, context: Context, received: &'a Object<'a>) -> Settling<'a> {
        Box::pin(async move {
            let observed = self.observer.observe(context.clone()).await;
            let handled = match &self.handler {
                Some(handler) => handler.call(context, received).await?,
                None => Settled::Accepted(Edits::new()),
            };
            Ok(joined(observed, handled))
        })
    }

    fn unknown_fields(&self) -> u64 {
        self.handler.as_ref().map_or(0, |handler| handler.unknown_fields())
    }
}

/// What becomes of an event that was observed and handled. A handler that says no stands by it.
pub(crate) fn joined(observed: EventResult, handled: Settled) -> Settled {
    match (observed, handled) {
        (Ok(()), handled) => handled,
        (Err(error), Settled::Failed(other)) => Settled::Failed(EventError::new(format!("{error}; {other}"))),
        (Err(error), Settled::Refused(refusal)) => {
            tracing::error!(%error, "a hook was refused that could not be observed");
            Settled::Refused(refusal)
        }
        (Err(error), Settled::Accepted(_)) => Settled::Failed(error),
    }
}
