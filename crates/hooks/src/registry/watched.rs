//! A hook that the registry learns from, and its handler.

use std::{future::Future, pin::Pin, sync::Arc};

use wcs_hooks_protocol::{Edits, HookName, Object};

use super::{
    change::{Change, is_decided},
    store::Store,
};
use crate::{
    Context, EventResult,
    answer::Settled,
    every_event::joined,
    handler::{Handler, Settling},
};

/// A store, erased.
pub(crate) trait Recorder: Send + Sync {
    fn record(&self, change: Change) -> Pin<Box<dyn Future<Output = EventResult> + Send + '_>>;
}

impl<S: Store> Recorder for S {
    fn record(&self, change: Change) -> Pin<Box<dyn Future<Output = EventResult> + Send + '_>> {
        Box::pin(async move { Ok(self.apply(change).await?) })
    }
}

/// A hook that is told to a registry, and handled if it has a handler.
pub(crate) struct Watched {
    pub(crate) recorder: Arc<dyn Recorder>,
    pub(crate) handler: Option<Box<dyn Handler>>,
}

impl Watched {
    async fn record(&self, hook: HookName, received: &Object<'_>, edits: &Edits) -> EventResult {
        match Change::of(hook, received, edits) {
            Some(change) => self.recorder.record(change).await,
            None => Ok(()),
        }
    }

    async fn handle(
        &self,
        context: Context,
        received: &Object<'_>,
    ) -> Result<Settled, crate::handler::Malformed> {
        match &self.handler {
            Some(handler) => handler.call(context, received).await,
            None => Ok(Settled::Accepted(Edits::new())),
        }
    }
}

impl Handler for Watched {
    /// What has happened is told before the handler is called, so that it finds it in the registry; what the handler
    /// decides is told once it has.
    fn call<'a>(&'a self, context: Context, received: &'a Object<'a>) -> Settling<'a> {
        Box::pin(async move {
            let hook = context.hook();
            if !is_decided(hook) {
                let recorded = self.record(hook, received, &Edits::new()).await;
                return Ok(joined(recorded, self.handle(context, received).await?));
            }
            let handled = self.handle(context, received).await?;
            if let Settled::Accepted(edits) = &handled
                && let Err(error) = self.record(hook, received, edits).await
            {
                tracing::error!(%hook, %error, "the registry was not told");
            }
            Ok(handled)
        })
    }

    fn unknown_fields(&self) -> u64 {
        self.handler.as_ref().map_or(0, |handler| handler.unknown_fields())
    }
}
