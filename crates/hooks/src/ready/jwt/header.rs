//! What must be known of a token before its key can be chosen.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::Algorithm;
use serde::{Deserialize, Deserializer, de::IgnoredAny};

use super::TokenError;

pub(super) struct Header {
    pub(super) algorithm: Algorithm,
    pub(super) key_id: Option<String>,
}

#[derive(Deserialize)]
struct Raw {
    alg: String,
    kid: Option<String>,
    #[serde(default, rename = "crit", deserialize_with = "is_there")]
    has_crit: bool,
}

/// Whatever its value, be it `null`.
fn is_there<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(deserializer).map(|_| true)
}

impl Header {
    /// Reads a header that nothing has vouched for yet.
    pub(super) fn read(token: &str) -> Result<Self, TokenError> {
        let (header, _) = token.split_once('.').ok_or(TokenError::Malformed)?;
        let json = BASE64_URL_SAFE_NO_PAD.decode(header).map_err(|_| TokenError::Malformed)?;
        let raw: Raw = serde_json::from_slice(&json).map_err(|_| TokenError::Malformed)?;
        if raw.has_crit {
            return Err(TokenError::UnknownExtension);
        }
        Ok(Self {
            algorithm: raw.alg.parse().map_err(|_| TokenError::UnsupportedAlgorithm)?,
            key_id: raw.kid,
        })
    }
}
