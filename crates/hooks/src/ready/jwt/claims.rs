//! What a token says: [`Claims`].

use std::{
    fmt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use jsonwebtoken::{EncodingKey, Header, crypto::aws_lc};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use wcs_hooks_protocol::Secret;

use crate::ready::ConfigError;

const SHORTEST_SECRET: usize = 32;

/// What a token says. Printing with `{:?}` shows the names of the claims only.
///
/// ```
/// use wcs_hooks::ready::Claims;
///
/// let claims = Claims::new().subject("alice").with("room", 7);
/// assert_eq!((claims.str("sub"), claims.get("room").unwrap().as_u64()), (Some("alice"), Some(7)));
/// assert_eq!(format!("{claims:?}"), r#"{"room", "sub"}"#);
/// ```
#[derive(Clone, Default, PartialEq)]
pub struct Claims {
    members: Map<String, Value>,
}

impl Claims {
    /// No claims.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A claim, whatever it is.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.members.get(name)
    }

    /// A claim that is a text.
    #[must_use]
    pub fn str(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    /// When the token expires (`exp`), without leeway. `None` if it does not.
    #[must_use]
    pub fn expires_at(&self) -> Option<SystemTime> {
        let seconds = Duration::try_from_secs_f64(self.get("exp")?.as_f64()?).ok()?;
        UNIX_EPOCH.checked_add(seconds)
    }

    /// The claims as a type of yours.
    ///
    /// ```
    /// use wcs_hooks::ready::Claims;
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Mine {
    ///     room: u32,
    /// }
    ///
    /// assert_eq!(Claims::new().with("room", 7).read::<Mine>()?.room, 7);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    ///
    /// # Errors
    /// If they do not fit the type. The error's text may have values of claims in it.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_value(Value::Object(self.members.clone()))
    }

    /// The same with one more claim, or with another value of it.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.members.insert(name.into(), value.into());
        self
    }

    /// The same about this subject (`sub`).
    #[must_use]
    pub fn subject(self, subject: impl Into<String>) -> Self {
        self.with("sub", subject.into())
    }

    /// The same, expiring (`exp`) in so much time from now, in whole seconds.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    /// use wcs_hooks::ready::Claims;
    ///
    /// let claims = Claims::new().expiring_in(Duration::from_secs(60));
    /// assert!(claims.expires_at().unwrap() > SystemTime::now());
    /// ```
    #[must_use]
    pub fn expiring_in(self, lifetime: Duration) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.with("exp", now.saturating_add(lifetime).as_secs())
    }

    /// A token that says this, signed with a secret (HS256): for backends that issue their tokens themselves, and for
    /// tests.
    ///
    /// ```
    /// use std::time::Duration;
    /// use wcs_hooks::ready::{Claims, StreamRights};
    ///
    /// let rights = StreamRights::new(["studio-*"], ["**"]);
    /// let claims = Claims::new().subject("alice").expiring_in(Duration::from_secs(3600)).with("streams", rights);
    /// let token = claims.sign(&"at least 32 bytes, known to few.".into())?;
    /// # Ok::<(), wcs_hooks::ready::ConfigError>(())
    /// ```
    ///
    /// # Errors
    /// If the secret has fewer than 32 bytes.
    pub fn sign(&self, secret: &Secret) -> Result<String, ConfigError> {
        let _ = aws_lc::DEFAULT_PROVIDER.install_default();
        let secret = secret.expose().as_bytes();
        if secret.len() < SHORTEST_SECRET {
            return Err(ConfigError::new("secret", "HS256 takes at least 32 bytes"));
        }
        jsonwebtoken::encode(&Header::default(), &self.members, &EncodingKey::from_secret(secret))
            .map_err(|error| ConfigError::new("token", format!("it cannot be signed: {error}")))
    }
}

impl From<Map<String, Value>> for Claims {
    fn from(members: Map<String, Value>) -> Self {
        Self { members }
    }
}

/// The names only.
impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.members.keys()).finish()
    }
}
