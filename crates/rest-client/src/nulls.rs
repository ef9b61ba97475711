//! The REST API prints members that have no value as `null`.

use serde::{Deserialize, Deserializer};

/// For fields whose absence is their default.
pub(crate) fn null_is_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
