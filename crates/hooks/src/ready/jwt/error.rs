//! Why a token does not hold: [`TokenError`].

use std::fmt;

use jsonwebtoken::errors::{Error, ErrorKind};

/// Why a token does not hold. For the log: it has nothing of the token but the names of claims.
///
/// ```
/// use wcs_hooks::ready::{TokenError, Verifier};
///
/// let verifier = Verifier::builder().secret("at least 32 bytes, known to few.").build()?;
/// let error = verifier.verify("not.a.token").unwrap_err();
/// assert_eq!((error.to_string(), error), ("it is not a JWT".to_owned(), TokenError::Malformed));
/// # Ok::<(), wcs_hooks::ready::ConfigError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenError {
    /// It is not a JWT: three parts of base64url with dots between, of which the first two are JSON objects.
    Malformed,
    /// No key allows its algorithm (`none` is never allowed).
    UnsupportedAlgorithm,
    /// No key has the name that it gives in `kid`.
    UnknownKey,
    /// None of the keys made its signature.
    WrongSignature,
    /// It asks for an extension in `crit`; none is known here.
    UnknownExtension,
    /// Its `exp` lies back.
    Expired,
    /// Its `nbf` lies ahead.
    NotYetValid,
    /// Its `iss` is not one of the issuers.
    WrongIssuer,
    /// Its `aud` is not one of the audiences, or it has one and the verifier was told none.
    WrongAudience,
    /// A claim that must be there is not.
    MissingClaim(String),
    /// A claim has a value that it must not have.
    WrongClaim(String),
}

impl From<Error> for TokenError {
    fn from(error: Error) -> Self {
        match error.into_kind() {
            ErrorKind::InvalidAlgorithm => Self::UnsupportedAlgorithm,
            ErrorKind::InvalidSignature => Self::WrongSignature,
            ErrorKind::ExpiredSignature => Self::Expired,
            ErrorKind::ImmatureSignature => Self::NotYetValid,
            ErrorKind::InvalidIssuer => Self::WrongIssuer,
            ErrorKind::InvalidAudience => Self::WrongAudience,
            ErrorKind::MissingRequiredClaim(name) => Self::MissingClaim(name),
            ErrorKind::InvalidClaimFormat(name) => Self::WrongClaim(name),
            _ => Self::Malformed,
        }
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Malformed => "it is not a JWT",
            Self::UnsupportedAlgorithm => "no key allows its algorithm",
            Self::UnknownKey => "no key has the name in its `kid`",
            Self::WrongSignature => "none of the keys made its signature",
            Self::UnknownExtension => "it asks for an extension in `crit`",
            Self::Expired => "it has expired",
            Self::NotYetValid => "it is not valid yet",
            Self::WrongIssuer => "its `iss` is not one of the issuers",
            Self::WrongAudience => "its `aud` is not one of the audiences",
            Self::MissingClaim(name) => return write!(f, "the claim {name:?} is missing"),
            Self::WrongClaim(name) => {
                return write!(f, "the claim {name:?} has a value that it must not have");
            }
        };
        f.write_str(text)
    }
}

impl std::error::Error for TokenError {}
