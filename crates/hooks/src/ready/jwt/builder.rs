//! How a [`Verifier`] is told its keys and rules.

use std::{collections::HashSet, fmt, path::PathBuf, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use jsonwebtoken::{Algorithm, Validation, crypto::aws_lc};
use serde_json::Value;
use wcs_hooks_protocol::Secret;

use super::{CheckedKey, Required, Rules, Verifier, keys::Source};
use crate::ready::ConfigError;

const DEFAULT_LEEWAY: Duration = Duration::from_mins(1);
const LONGEST_LEEWAY: Duration = Duration::from_hours(24);

/// Puts a [`Verifier`] together. Mistakes are reported by [`VerifierBuilder::build`].
///
/// ```no_run
/// use std::time::Duration;
/// use wcs_hooks::ready::Verifier;
///
/// let verifier = Verifier::builder()
///     .jwks_file("/etc/wcs-hooks/jwks.json")
///     .issuer("https://id.example.com")
///     .audience("video")
///     .leeway(Duration::from_secs(10))
///     .require_value("email_verified", true)
///     .build()?;
/// # Ok::<(), wcs_hooks::ready::ConfigError>(())
/// ```
#[derive(Clone)]
#[must_use = "a builder does nothing until it is built"]
pub struct VerifierBuilder {
    sources: Vec<Source>,
    algorithms: Vec<Algorithm>,
    leeway: Duration,
    issuers: Vec<String>,
    audiences: Vec<String>,
    requires_expiry: bool,
    required: Vec<Required>,
}

impl Default for VerifierBuilder {
    fn default() -> Self {
        Self {
            sources: Vec::new(),
            algorithms: vec![Algorithm::HS256, Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA],
            leeway: DEFAULT_LEEWAY,
            issuers: Vec::new(),
            audiences: Vec::new(),
            requires_expiry: true,
            required: Vec::new(),
        }
    }
}

impl VerifierBuilder {
    /// Accepts tokens that are signed with this secret (HS256). It has at least 32 bytes, as RFC 7518 §3.2 demands: a
    /// shorter one can be guessed from a single token. Give several secrets while one is being replaced.
    ///
    /// ```
    /// use wcs_hooks::ready::Verifier;
    ///
    /// let verifier = Verifier::builder().secret("the new one, of 32 bytes or more.").secret("the old one, of 32 bytes or more.").build()?;
    /// # Ok::<(), wcs_hooks::ready::ConfigError>(())
    /// ```
    pub fn secret(mut self, secret: impl Into<Secret>) -> Self {
        self.sources.push(Source::Secret(secret.into()));
        self
    }

    /// Accepts tokens that are signed with the private key to this public key, in PEM: RSA of 2048 to 8192 bits (RS256),
    /// P-256 (ES256) or Ed25519 (EdDSA). The algorithm follows from the key.
    pub fn pem(mut self, pem: impl Into<String>) -> Self {
        self.sources.push(Source::Pem(pem.into()));
        self
    }

    /// [`VerifierBuilder::pem`] from a file, which is read once, by [`VerifierBuilder::build`].
    ///
    /// ```no_run
    /// use wcs_hooks::ready::Verifier;
    ///
    /// let verifier = Verifier::builder().pem_file("/etc/wcs-hooks/issuer.pem").build()?;
    /// # Ok::<(), wcs_hooks::ready::ConfigError>(())
    /// ```
    pub fn pem_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.sources.push(Source::PemFile(path.into()));
        self
    }

    /// Accepts tokens that are signed with a key of this JSON Web Key Set (RFC 7517), chosen by the token's `kid`. Keys
    /// that cannot be used are passed over with a warning in the log. The file is read once, by
    /// [`VerifierBuilder::build`].
    ///
    /// ```no_run
    /// use wcs_hooks::ready::Verifier;
    ///
    /// let verifier = Verifier::builder().jwks_file("/etc/wcs-hooks/jwks.json").build()?;
    /// # Ok::<(), wcs_hooks::ready::ConfigError>(())
    /// ```
    pub fn jwks_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.sources.push(Source::JwksFile(path.into()));
        self
    }

    /// Allows these algorithms. Default: HS256, RS256, ES256 and EdDSA. Each key takes those of them that fit it.
    ///
    /// ```
    /// use wcs_hooks::ready::{Algorithm, Verifier};
    ///
    /// let builder = Verifier::builder().secret("at least 32 bytes, known to few.").algorithms([Algorithm::RS512]);
    /// assert_eq!(
    ///     builder.build().unwrap_err().to_string(),
    ///     "secret: it fits [HS256], of which none is allowed: see `algorithms`",
    /// );
    /// ```
    pub fn algorithms(mut self, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        self.algorithms = algorithms.into_iter().collect();
        self
    }

    /// Accepts tokens of this issuer: `iss` must be it. Given several times, any of them. Default: `iss` is not looked at.
    ///
    /// ```
    /// use wcs_hooks::ready::Verifier;
    ///
    /// let verifier = Verifier::builder().secret("at least 32 bytes, known to few.").issuer("https://id.example.com").build()?;
    /// # Ok::<(), wcs_hooks::ready::ConfigError>(())
    /// ```
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuers.push(issuer.into());
        self
    }

    /// Accepts tokens for this audience: `aud` must be it or list it. Given several times, any of them. Default: a token
    /// that has an `aud` is for others, and refused.
    ///
    /// ```
    /// use wcs_hooks::ready::Verifier;
    ///
    /// let verifier = Verifier::builder().secret("at least 32 bytes, known to few.").audience("video").build()?;
    /// # Ok::<(), wcs_hooks::ready::ConfigError>(())
    /// ```
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audiences.push(audience.into());
        self
    }

    /// How far the issuer's clock may be from ours: `exp` and `nbf` are stretched by this. Default: 60 seconds. At most a
    /// day; fractions of a second are cut off.
    ///
    /// ```
    /// use wcs_hooks::ready::Verifier;
    ///
    /// let verifier = Verifier::builder().secret("at least 32 bytes, known to few.").leeway(std::time::Duration::from_secs(10)).build()?;
    /// # Ok::<(), wcs_hooks::ready::ConfigError>(())
    /// ```
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway;
        self
    }

    /// Accepts tokens without `exp`, which hold for ever: nothing can take them back. Where it stands, it still counts.
    ///
    /// ```
    /// use wcs_hooks::ready::Verifier;
    ///
    /// let verifier = Verifier::builder().secret("at least 32 bytes, known to few.").allow_missing_expiry().build()?;
    /// # Ok::<(), wcs_hooks::ready::ConfigError>(())
    /// ```
    pub fn allow_missing_expiry(mut self) -> Self {
        self.requires_expiry = false;
        self
    }

    /// Accepts only tokens that have this claim; `null` does not count.
    ///
    /// ```
    /// use std::time::Duration;
    /// use wcs_hooks::ready::{Claims, TokenError, Verifier};
    ///
    /// let verifier = Verifier::builder().secret("at least 32 bytes, known to few.").require("sub").build()?;
    /// let token = Claims::new().expiring_in(Duration::from_secs(60)).sign(&"at least 32 bytes, known to few.".into())?;
    /// assert_eq!(verifier.verify(&token), Err(TokenError::MissingClaim("sub".into())));
    /// # Ok::<(), wcs_hooks::ready::ConfigError>(())
    /// ```
    pub fn require(mut self, claim: impl Into<String>) -> Self {
        let name = claim.into();
        self.required.push(Required { name, value: None });
        self
    }

    /// Accepts only tokens whose claim is this value, or is a list that has it.
    ///
    /// ```
    /// use wcs_hooks::ready::Verifier;
    ///
    /// let builder = Verifier::builder().secret("at least 32 bytes, known to few.");
    /// let verifier = builder.require_value("email_verified", true).require_value("roles", "publisher").build()?;
    /// # Ok::<(), wcs_hooks::ready::ConfigError>(())
    /// ```
    pub fn require_value(mut self, claim: impl Into<String>, value: impl Into<Value>) -> Self {
        let (name, value) = (claim.into(), Some(value.into()));
        self.required.push(Required { name, value });
        self
    }

    /// The verifier.
    ///
    /// ```
    /// use wcs_hooks::ready::Verifier;
    ///
    /// let error = Verifier::builder().secret("short").build().unwrap_err();
    /// assert!(error.to_string().starts_with("secret: "));
    /// ```
    ///
    /// # Errors
    /// If there is no key, a file cannot be read, a key is malformed, too short or fits no allowed algorithm, a key set
    /// has no key that can be used, or the leeway is longer than a day. The error names the file.
    pub fn build(self) -> Result<Verifier, ConfigError> {
        // Which one the library would choose by itself depends on features that other crates may turn on. If the program
        // has chosen one, that one stays.
        let _ = aws_lc::DEFAULT_PROVIDER.install_default();
        if self.leeway > LONGEST_LEEWAY {
            return Err(ConfigError::new("leeway", "it is longer than a day"));
        }
        let rules = self.rules()?;
        Ok(Verifier { rules: Arc::new(ArcSwap::from_pointee(rules)), builder: Arc::new(self) })
    }

    /// With the keys of this moment.
    pub(super) fn rules(&self) -> Result<Rules, ConfigError> {
        let validation = self.validation();
        let mut keys = Vec::new();
        for source in &self.sources {
            keys.extend(source.load(&self.algorithms)?);
        }
        if keys.is_empty() {
            return Err(ConfigError::new("verifier", "it has no key: give a secret, a PEM or a key set"));
        }
        let checked = |key: super::Key| CheckedKey {
            validation: Validation { algorithms: key.algorithms.clone(), ..validation.clone() },
            key,
        };
        Ok(Rules {
            keys: keys.into_iter().map(checked).collect(),
            leeway: self.leeway,
            required: self.required.clone(),
        })
    }

    pub(super) fn files(&self) -> Vec<PathBuf> {
        self.sources.iter().filter_map(Source::file).cloned().collect()
    }

    fn validation(&self) -> Validation {
        let required = [
            ("exp", self.requires_expiry),
            ("iss", !self.issuers.is_empty()),
            ("aud", !self.audiences.is_empty()),
        ];
        let required = required.iter().filter(|(_, is_required)| *is_required);
        Validation {
            required_spec_claims: required.map(|(claim, _)| (*claim).to_owned()).collect(),
            leeway: self.leeway.as_secs(),
            validate_nbf: true,
            iss: listed(&self.issuers),
            aud: listed(&self.audiences),
            ..Validation::default()
        }
    }
}

fn listed(names: &[String]) -> Option<HashSet<String>> {
    (!names.is_empty()).then(|| names.iter().cloned().collect())
}

/// Without the keys.
impl fmt::Debug for VerifierBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifierBuilder")
            .field("keys", &self.sources.len())
            .field("algorithms", &self.algorithms)
            .field("issuers", &self.issuers)
            .field("audiences", &self.audiences)
            .finish_non_exhaustive()
    }
}
