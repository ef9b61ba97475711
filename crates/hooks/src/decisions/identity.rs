//! Which calls get the same decision: [`Identity`].

use std::ops::RangeInclusive;

use sha2::{Digest, Sha256};
use wcs_hooks_protocol::{Edits, HookContext, HookName, Object};

use super::key::{DecisionKey, add};
use crate::Context;

/// The key, then a hash of all else, so that decisions with the same key are next to each other.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Identity {
    key: DecisionKey,
    rest: [u8; 32],
}

impl Identity {
    pub(super) fn new(key: DecisionKey, context: &Context, takes: &Takes, received: &Object<'_>) -> Self {
        let mut rest = Sha256::new();
        let hook: HookName = context.hook();
        add(&mut rest, hook.as_str().as_bytes());
        add(&mut rest, context.app_key.as_bytes());
        for (name, json) in received.members().filter(|(name, _)| takes.contains(name)) {
            add(&mut rest, name.as_bytes());
            add(&mut rest, json.as_bytes());
        }
        Self { key, rest: rest.finalize().into() }
    }
}

/// Whatever has this key.
pub(super) fn all_of(key: DecisionKey) -> RangeInclusive<Identity> {
    Identity { key, rest: [0; 32] }..=Identity { key, rest: [u8::MAX; 32] }
}

/// The members that WCS may take from the answer to a hook.
///
/// A handler that sets one to the value that stands there already leaves no edit behind, so a body where another stands
/// is not to get its decision.
pub(crate) enum Takes {
    Nothing,
    Everything,
    Fields(Vec<String>),
}

impl Takes {
    fn contains(&self, name: &str) -> bool {
        match self {
            Self::Nothing => false,
            Self::Everything => !HookContext::has_field(name),
            Self::Fields(fields) => fields.iter().any(|field| field == name),
        }
    }

    /// Whether all edits are of such members.
    pub(super) fn contains_all(&self, edits: &Edits) -> bool {
        edits.names().all(|name| self.contains(name))
    }
}
