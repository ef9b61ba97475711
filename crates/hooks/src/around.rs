//! Wraps the handlers once the registration is over: in caches, then guards, then the observer of events, then the registry.

use std::sync::Arc;

use wcs_hooks_protocol::{HookKind, HookName};

use crate::{
    AllowAll, Hooks,
    every_event::Observed,
    registry::{self, Recorder, Watched},
};

impl Hooks {
    pub(crate) fn completed(mut self) -> Self {
        self.put_caches();
        self.put_guards();
        let has_connect = self.handlers.contains_key(&HookName::Connect);
        if !has_connect && !self.refuses_unhandled(Some(HookName::Connect)) {
            self = self.connects(AllowAll);
        }
        if let Some(observer) = self.every_event.take() {
            for &hook in HookName::ALL.iter().filter(|hook| hook.kind() == HookKind::Event) {
                let handler = self.handlers.remove(&hook);
                let observed = Observed { observer: Arc::clone(&observer), handler };
                self.handlers.insert(hook, Box::new(observed));
            }
        }
        if let Some(recorder) = self.registry.take() {
            for &hook in HookName::ALL.iter().filter(|hook| registry::is_watched(**hook)) {
                self.watch(hook, &recorder);
            }
        }
        self
    }

    fn put_caches(&mut self) {
        for (hook, around) in std::mem::take(&mut self.caches) {
            let takes = self.takes(hook);
            if let Some(handler) = self.handlers.remove(&hook) {
                self.handlers.insert(hook, around(handler, takes));
            }
        }
    }

    /// What is refused for want of a handler stays so: there is nothing to learn from it.
    fn watch(&mut self, hook: HookName, recorder: &Arc<dyn Recorder>) {
        let handler = self.handlers.remove(&hook);
        if handler.is_none() && self.refuses_unhandled(Some(hook)) {
            return;
        }
        if handler.is_none() {
            self.only_watched.insert(hook);
        }
        self.handlers.insert(hook, Box::new(Watched { recorder: Arc::clone(recorder), handler }));
    }
}
