//! What follows from the settings: made anew when they change, and swapped as a whole.

use std::time::Duration;

use crate::{
    Callers, Fallback, HookName, Settings, SetupError, backend::App, entrance::Entrance, gates::Gates,
    policy::AppPolicy,
};

pub(crate) struct Live {
    pub(crate) settings: Settings,
    pub(crate) entrance: Entrance,
    /// Of each app.
    pub(crate) policies: Vec<AppPolicy>,
    rules: Vec<HookRules>,
}

/// What holds for a hook of an app.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    /// Zero is without end.
    pub(crate) deadline: Duration,
    pub(crate) fallback: Fallback,
    /// Zero: duplicates are not looked for.
    pub(crate) duplicates_within: Duration,
}

type HookRules = [Rules; HookName::ALL.len()];

impl Live {
    /// What follows from these settings, in place of what was live before them.
    pub(crate) fn new(settings: Settings, apps: &[App], past: Option<&Self>) -> Result<Self, SetupError> {
        settings.check()?;
        if let Some(name) = settings.apps.keys().find(|name| apps.iter().all(|app| app.name != **name)) {
            return Err(SetupError::of_app(name, "it has no handlers: register it in code, by `app`"));
        }
        let caches = apps.iter().flat_map(|app| &app.hooks.decisions);
        if let Some(name) =
            settings.decisions.keys().find(|name| caches.clone().all(|cache| cache.name() != **name))
        {
            return Err(SetupError::new(
                format!("decisions.{name}"),
                "no cache has this name: see `DecisionCache::new`",
            ));
        }
        let gates = gates(&settings, apps)?;
        let entrance = match past {
            Some(past) => Entrance::replacing(gates, &past.entrance, settings.secret_overlap),
            None => Entrance::new(gates),
        };
        let policy = |app: &App| AppPolicy::of(&app.hooks, |hook| settings.of_hook(&app.name, hook));
        let policies: Vec<_> = apps.iter().map(policy).collect();
        let rules: Vec<_> = apps.iter().map(|app| rules(&settings, app)).collect();
        for (app, (policy, rules)) in apps.iter().zip(policies.iter().zip(&rules)) {
            check_guards(app, policy, rules)?;
        }
        Ok(Self { settings, entrance, policies, rules })
    }

    /// Tells the apps' caches.
    pub(crate) fn set_decision_times(&self, apps: &[App]) {
        for cache in apps.iter().flat_map(|app| &app.hooks.decisions) {
            cache.keep_for(self.settings.decisions.get(cache.name()));
        }
    }

    pub(crate) fn rules(&self, app: &App, hook: HookName) -> &Rules {
        &self.rules[app.index][hook as usize]
    }
}

fn rules(settings: &Settings, app: &App) -> HookRules {
    std::array::from_fn(|index| {
        let hook = HookName::ALL[index];
        let of_hook = settings.of_hook(&app.name, hook);
        Rules {
            deadline: of_hook.deadline.unwrap_or_else(|| settings.deadlines.of(hook)),
            fallback: of_hook.fallback.unwrap_or_else(|| Fallback::of(hook)),
            duplicates_within: of_hook.duplicates_within.unwrap_or_else(|| settings.duplicates.of(hook)),
        }
    })
}

/// A guard is to decide, whatever the settings are.
fn check_guards(app: &App, policy: &AppPolicy, rules: &HookRules) -> Result<(), SetupError> {
    let mistake =
        |hook: HookName, what: &'static str| SetupError::new(format!("app {:?}, {hook}", app.name), what);
    if let Some(hook) = policy.guarded_in_vain() {
        let what = "a guard checks it, and by its policy WCS ignores refusals: it needs restOnError FAIL, and not DISABLE";
        return Err(mistake(hook, what));
    }
    let allows = |hook: &&HookName| rules[**hook as usize].fallback == Fallback::Allow;
    match app.hooks.guarded.iter().find(allows) {
        Some(hook) => Err(mistake(
            *hook,
            "a guard checks it, and the fallback `allow` would let pass what it has not checked in time",
        )),
        None => Ok(()),
    }
}

fn gates(settings: &Settings, apps: &[App]) -> Result<Gates, SetupError> {
    let apps = apps.iter().map(|app| (&*app.name, own_callers(settings, app)));
    Gates::new(settings.callers.as_ref(), apps)
}

/// An app's callers are those of its settings, else those of its code, else the common ones.
fn own_callers<'a>(settings: &'a Settings, app: &'a App) -> Option<&'a Callers> {
    let set = settings.apps.get(&app.name).and_then(|app| app.callers.as_ref());
    set.or(app.hooks.callers.as_ref())
}

/// Whether an app can be called without a secret.
#[cfg(feature = "server")]
pub(crate) fn is_open_to_anyone(settings: &Settings, app: &App) -> bool {
    own_callers(settings, app).or(settings.callers.as_ref()).is_some_and(Callers::are_anyone)
}

#[cfg(test)]
mod tests;
