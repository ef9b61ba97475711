//! The `restClientConfig` that follows from the handlers, so that what they say takes effect. Spec §4.1.

use std::collections::{BTreeMap, BTreeSet};

use wcs_hooks_protocol::{
    Edits, Field, FieldKind, FieldValue, HookKind, HookName, HookPolicy, Object, RestClientConfig,
    RestOnError, RestPolicy, is_asked, read_string, refusal_counts,
};

use crate::{HookSettings, Hooks};

const SDP_FIELD: &str = "sdp";

/// What the user has chosen about policies.
#[derive(Debug, Clone, Default)]
pub(crate) struct PolicyChoices {
    pub(crate) with_sdp: bool,
    pub(crate) with_unhandled_hooks: bool,
    pub(crate) overwrites: BTreeMap<HookName, Vec<String>>,
    pub(crate) hidden: BTreeMap<HookName, Vec<String>>,
    pub(crate) overrides: BTreeMap<HookName, HookPolicy>,
}

/// The policies of an app's sessions, prepared once.
#[derive(Debug)]
pub(crate) struct AppPolicy {
    config: RestClientConfig,
    json: String,
    /// Hooks whose refusals are to have an effect in every session.
    guarded: BTreeSet<HookName>,
}

impl AppPolicy {
    /// `set` is what an operator has set for a hook; it goes before all else.
    pub(crate) fn of(hooks: &Hooks, set: impl Fn(HookName) -> HookSettings) -> Self {
        let mut config = RestClientConfig::default();
        for &hook in HookName::ALL {
            if !matches!(hook.kind(), HookKind::Connect | HookKind::Access) {
                let chosen = hooks.choices.overrides.get(&hook).cloned();
                let policy = chosen.unwrap_or_else(|| policy(hooks, hook));
                let policy = operated(policy, &set(hook), || overwritten(hooks, hook));
                let hidden = hooks.choices.hidden.get(&hook);
                config.insert(hook, hidden.map_or(policy.clone(), |fields| hiding(&policy, fields)));
            }
        }
        let json = config_json(&config);
        Self { config, json, guarded: hooks.guarded.clone() }
    }

    /// A hook whose guard would refuse in vain.
    pub(crate) fn guarded_in_vain(&self) -> Option<HookName> {
        self.guarded.iter().copied().find(|hook| !has_effect(*hook, self.config.policy(*hook)))
    }

    /// Adds the policies to the changes that the handler of `connect` made. What the handler set itself wins, unless guards would
    /// refuse in vain by it; what the client may have sent does not count.
    pub(crate) fn add_to(&self, edits: &mut Edits, received: &Object<'_>) {
        let given = edits.get(RestClientConfig::FIELD).and_then(RestClientConfig::read);
        let sent = received.get(RestClientConfig::FIELD).and_then(RestClientConfig::read).unwrap_or_default();
        let given = given.map(|given| given.differing_from(&sent));
        let supplied: Vec<&Field> = supplied_account(edits).collect();
        if given.is_none() && supplied.is_empty() {
            edits.set(RestClientConfig::FIELD, self.json.clone());
            return;
        }
        let mut config = self.config.clone();
        for hook in [HookName::ConnectionStatus, HookName::RegistrationStatus] {
            config.insert(hook, keeping(config.policy(hook), &supplied));
        }
        config.extend(given.unwrap_or_default());
        for &hook in &self.guarded {
            if !has_effect(hook, config.policy(hook)) {
                tracing::warn!(%hook, "the handler of connect set a policy by which WCS ignores a guard: it is not taken");
                config.insert(hook, self.config.policy(hook).clone());
            }
        }
        edits.set(RestClientConfig::FIELD, config_json(&config));
    }

    /// Whether WCS takes a changed field from the answer to a hook.
    pub(crate) fn takes(&self, hook: HookName, field: &str) -> bool {
        match wcs_hooks_protocol::taken(hook.kind(), self.config.policy(hook)) {
            wcs_hooks_protocol::Taken::Nothing => false,
            wcs_hooks_protocol::Taken::Everything => true,
            wcs_hooks_protocol::Taken::Fields(fields) => fields.iter().any(|taken| taken == field),
        }
    }

    /// `restClientConfig` of sessions whose `connect` handler adds nothing.
    #[cfg(feature = "server")]
    pub(crate) fn json(&self) -> &str {
        &self.json
    }

    #[cfg(test)]
    pub(crate) fn policy(&self, hook: HookName) -> &HookPolicy {
        self.config.policy(hook)
    }

    /// Whether WCS minds a refusal of a hook.
    pub(crate) fn minds_refusal(&self, hook: HookName) -> bool {
        refusal_counts(hook.kind(), self.config.policy(hook).rest_on_error)
    }
}

/// Whether WCS asks about a hook and does what a refusal says.
fn has_effect(hook: HookName, policy: &HookPolicy) -> bool {
    is_asked(hook.kind(), policy) && refusal_counts(hook.kind(), policy.rest_on_error)
}

fn policy(hooks: &Hooks, hook: HookName) -> HookPolicy {
    let info = hook.info();
    let is_handled = hooks.has_own_handler(hook);
    let is_sent = hooks.handler(hook).is_some() || hooks.choices.with_unhandled_hooks;
    let is_refused = !is_handled && hooks.refuses_unhandled(Some(hook));
    let can_fail = match info.kind {
        // A fault of the backend must not keep a client from hanging up or stopping.
        HookKind::Invoke | HookKind::Incoming => !info.refusing_makes_no_sense,
        HookKind::KeepAlive => is_handled,
        HookKind::Event | HookKind::Connect | HookKind::Access => false,
    };
    let has_sdp = info.fields.iter().any(|field| field.name == SDP_FIELD);
    let policy = HookPolicy {
        rest_exclude: if has_sdp && !hooks.choices.with_sdp {
            vec![SDP_FIELD.to_owned()]
        } else {
            Vec::new()
        },
        rest_on_error: if can_fail && (is_handled || is_refused) {
            RestOnError::Fail
        } else {
            RestOnError::Log
        },
        ..HookPolicy::default()
    };
    match (is_handled, info.kind) {
        (true, HookKind::Invoke | HookKind::Incoming) => policy.overwriting(overwritten(hooks, hook)),
        (false, _) if !is_refused && !is_sent => HookPolicy { rest_policy: RestPolicy::Disable, ..policy },
        _ => policy,
    }
}

/// The policy as an operator wants it.
fn operated(policy: HookPolicy, set: &HookSettings, overwritten: impl Fn() -> Vec<String>) -> HookPolicy {
    let rest_on_error = set.rest_on_error.unwrap_or(policy.rest_on_error);
    let policy = HookPolicy { rest_on_error, ..policy };
    match set.rest_policy {
        Some(RestPolicy::Overwrite) if policy.rest_overwrite.is_empty() => policy.overwriting(overwritten()),
        Some(rest_policy) => HookPolicy { rest_policy, ..policy },
        None => policy,
    }
}

pub(crate) fn overwritten(hooks: &Hooks, hook: HookName) -> Vec<String> {
    let changeable = hook.info().fields.iter().filter(|field| field.changeable);
    let chosen = hooks.choices.overwrites.get(&hook).cloned();
    chosen.unwrap_or_else(|| changeable.map(|field| field.name.to_owned()).collect())
}

/// The fields of the SIP account that the backend has supplied and the client must not see.
fn supplied_account(edits: &Edits) -> impl Iterator<Item = &'static Field> {
    let is_supplied = |name: &str| edits.get(name).and_then(read_string).is_some_and(|text| !text.is_empty());
    HookName::Connect.info().fields.iter().filter(move |field| field.sip_account && is_supplied(field.name))
}

/// The policy with the supplied fields kept from the client, and the secret ones from the backend as well: it knows them.
fn keeping(policy: &HookPolicy, supplied: &[&Field]) -> HookPolicy {
    let names: Vec<String> = supplied.iter().map(|field| field.name.to_owned()).collect();
    let secret = supplied.iter().filter(|field| field.kind == FieldKind::Secret);
    let mut policy = hiding(policy, &names);
    policy.rest_exclude.extend(secret.map(|field| field.name.to_owned()));
    policy
}

/// The policy with these fields kept from the client. The event is sent, as the vendor's own sample has it: whether
/// `clientExclude` counts under `DISABLE` is unknown.
fn hiding(policy: &HookPolicy, fields: &[String]) -> HookPolicy {
    let mut policy = policy.clone();
    for field in fields {
        if !policy.client_exclude.contains(field) {
            policy.client_exclude.push(field.clone());
        }
    }
    if policy.rest_policy == RestPolicy::Disable && !policy.client_exclude.is_empty() {
        policy.rest_policy = RestPolicy::Notify;
    }
    policy
}

fn config_json(config: &RestClientConfig) -> String {
    let mut json = String::new();
    config.write(&mut json);
    json
}

#[cfg(test)]
mod tests;
