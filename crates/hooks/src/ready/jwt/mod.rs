//! Tokens: who signed them, what they say, and whether that holds. [`Verifier`].

mod builder;
mod claims;
mod error;
mod header;
mod keys;

use std::{
    fmt,
    path::PathBuf,
    sync::Arc,
    time::{Duration, SystemTime},
};

use arc_swap::ArcSwap;
use jsonwebtoken::{Validation, errors::ErrorKind};
use serde_json::{Map, Value};

pub use builder::VerifierBuilder;
pub use claims::Claims;
pub use error::TokenError;

use super::{ConfigError, KeyFiles};
use header::Header;
use keys::Key;

/// Checks tokens: JWTs in the compact form, signed with a key that is known beforehand.
///
/// Only the algorithms that fit a key and are allowed are accepted for it, so a token cannot choose how it is checked.
/// Keys are never taken from the token. Clones share everything.
///
/// A signature that holds is not enough: `exp` must be there and lie ahead, `nbf` must not, and `iss`, `aud` and other
/// claims must be what the builder was told. A token with an `aud` is refused unless the builder knows an audience, as
/// RFC 7519 §4.1.3 demands; so is one with `crit` in its header, whatever its value: no extension is known here.
///
/// Keys in files may be replaced while it is in use: it is one of the [`KeyFiles`].
///
/// ```
/// use std::time::Duration;
/// use wcs_hooks::ready::{Claims, TokenError, Verifier};
///
/// let secret = "at least 32 bytes, known to few.".into();
/// let verifier = Verifier::builder().secret("at least 32 bytes, known to few.").issuer("https://id.example.com").build()?;
///
/// let claims = Claims::new().subject("alice").expiring_in(Duration::from_secs(60));
/// assert_eq!(verifier.verify(&claims.sign(&secret)?), Err(TokenError::MissingClaim("iss".into())));
///
/// let token = claims.with("iss", "https://id.example.com").sign(&secret)?;
/// assert_eq!(verifier.verify(&token).unwrap().str("sub"), Some("alice"));
/// # Ok::<(), wcs_hooks::ready::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct Verifier {
    rules: Arc<ArcSwap<Rules>>,
    builder: Arc<VerifierBuilder>,
}

struct Rules {
    keys: Vec<CheckedKey>,
    leeway: Duration,
    required: Vec<Required>,
}

struct CheckedKey {
    key: Key,
    validation: Validation,
}

/// A claim that must be there, with a value if one is asked for.
#[derive(Debug, Clone)]
struct Required {
    name: String,
    value: Option<Value>,
}

impl Verifier {
    /// Starts with no keys: give at least one.
    pub fn builder() -> VerifierBuilder {
        VerifierBuilder::default()
    }

    /// The token's claims, if it holds.
    ///
    /// A token that names its key by `kid` is checked with the keys of that name and those that have none; one that names
    /// none with every key that its algorithm fits.
    ///
    /// # Errors
    /// If it does not hold. The error says why, and nothing of the token; it is for the log and not for the client.
    pub fn verify(&self, token: &str) -> Result<Claims, TokenError> {
        self.verify_at(token, SystemTime::now())
    }

    /// `jsonwebtoken` panics where the clock stands before 1970: no token is valid yet then.
    fn verify_at(&self, token: &str, now: SystemTime) -> Result<Claims, TokenError> {
        if now < SystemTime::UNIX_EPOCH {
            return Err(TokenError::NotYetValid);
        }
        let header = Header::read(token)?;
        let rules = self.rules.load();
        let takes = |checked: &&CheckedKey| checked.key.algorithms.contains(&header.algorithm);
        let mut error = if rules.keys.iter().any(|checked| takes(&checked)) {
            TokenError::UnknownKey
        } else {
            TokenError::UnsupportedAlgorithm
        };
        let is_meant = |checked: &&CheckedKey| checked.key.is_meant_by(header.key_id.as_deref());
        for checked in rules.keys.iter().filter(takes).filter(is_meant) {
            match jsonwebtoken::decode::<Map<String, Value>>(
                token,
                &checked.key.material,
                &checked.validation,
            ) {
                Ok(data) => return rules.checked(data.claims.into()),
                Err(failure) if *failure.kind() == ErrorKind::InvalidSignature => {
                    error = TokenError::WrongSignature;
                }
                Err(failure) => return Err(TokenError::from(failure)),
            }
        }
        Err(error)
    }

    /// How far clocks may be apart.
    pub(super) fn leeway(&self) -> Duration {
        self.rules.load().leeway
    }
}

/// The files of [`VerifierBuilder::pem_file`] and [`VerifierBuilder::jwks_file`].
impl KeyFiles for Verifier {
    fn files(&self) -> Vec<PathBuf> {
        self.builder.files()
    }

    fn reload(&self) -> Result<(), ConfigError> {
        self.rules.store(Arc::new(self.builder.rules()?));
        Ok(())
    }
}

impl Rules {
    fn checked(&self, claims: Claims) -> Result<Claims, TokenError> {
        for required in &self.required {
            required.check(&claims)?;
        }
        Ok(claims)
    }
}

impl Required {
    fn check(&self, claims: &Claims) -> Result<(), TokenError> {
        let Some(given) = claims.get(&self.name).filter(|given| !given.is_null()) else {
            return Err(TokenError::MissingClaim(self.name.clone()));
        };
        let Some(wanted) = &self.value else { return Ok(()) };
        let has_it = given.as_array().is_some_and(|list| list.contains(wanted));
        if given == wanted || has_it { Ok(()) } else { Err(TokenError::WrongClaim(self.name.clone())) }
    }
}

/// Without the keys.
impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rules = self.rules.load();
        let algorithms = rules.keys.iter().map(|checked| &checked.key.algorithms);
        f.debug_struct("Verifier")
            .field("keys", &algorithms.collect::<Vec<_>>())
            .field("leeway", &rules.leeway)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
