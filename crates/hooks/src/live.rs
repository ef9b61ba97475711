//! What follows from the settings: made anew when they change, and swapped as a whole.

use crate::{Settings, SetupError, backend::App, entrance::Entrance, gates::Gates, policy::AppPolicy};

pub(crate) struct Live {
    pub(crate) settings: Settings,
    pub(crate) entrance: Entrance,
    /// Of each app.
    pub(crate) policies: Vec<AppPolicy>,
}

impl Live {
    /// What follows from these settings, in place of what was live before them.
    pub(crate) fn new(settings: Settings, apps: &[App], past: Option<&Self>) -> Result<Self, SetupError> {
        settings.check()?;
        if let Some(name) = settings.apps.keys().find(|name| apps.iter().all(|app| app.name != **name)) {
            return Err(SetupError::of_app(name, "it has no handlers: register it in code, by `app`"));
        }
        let gates = gates(&settings, apps)?;
        let entrance = match past {
            Some(past) => Entrance::replacing(gates, &past.entrance, settings.secret_overlap),
            None => Entrance::new(gates),
        };
        let policy = |app: &App| AppPolicy::of(&app.hooks, |hook| settings.of_hook(&app.name, hook));
        let policies = apps.iter().map(policy).collect();
        Ok(Self { settings, entrance, policies })
    }
}

/// An app's callers are those of its settings, else those of its code, else the common ones.
fn gates(settings: &Settings, apps: &[App]) -> Result<Gates, SetupError> {
    let set = |name: &str| settings.apps.get(name).and_then(|app| app.callers.as_ref());
    let apps = apps.iter().map(|app| (&*app.name, set(&app.name).or(app.hooks.callers.as_ref())));
    Gates::new(settings.callers.as_ref(), apps)
}

#[cfg(test)]
mod tests;
