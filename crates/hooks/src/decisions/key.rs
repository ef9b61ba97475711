//! What a decision depends on: [`DecisionKey`].

use std::fmt;

use sha2::{Digest, Sha256};

/// What a decision depends on, in parts: of a player, the token and the stream. Two keys are the same only if they have the
/// same parts in the same order, whatever is in them: a client that chooses one part cannot reach into the next.
///
/// Only a SHA-256 of the parts and their lengths is kept: a part may be a token.
///
/// ```
/// use wcs_hooks::DecisionKey;
///
/// assert_eq!(DecisionKey::of(["token", "stream"]), DecisionKey::of(["token".to_owned(), "stream".to_owned()]));
/// assert_ne!(DecisionKey::of(["token a", "b"]), DecisionKey::of(["token", "a b"]));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DecisionKey(pub(super) [u8; 32]);

impl DecisionKey {
    /// The key of these parts.
    #[must_use]
    pub fn of<P: AsRef<[u8]>>(parts: impl IntoIterator<Item = P>) -> Self {
        let mut hash = Sha256::new();
        parts.into_iter().for_each(|part| add(&mut hash, part.as_ref()));
        Self(hash.finalize().into())
    }
}

/// With its length, so that no two lists of parts are hashed alike.
pub(super) fn add(hash: &mut Sha256, part: &[u8]) {
    hash.update((part.len() as u64).to_le_bytes());
    hash.update(part);
}

/// Nothing of the parts.
impl fmt::Debug for DecisionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DecisionKey").finish_non_exhaustive()
    }
}
