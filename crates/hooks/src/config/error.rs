//! What is wrong with a [`Config`](super::Config): [`ConfigError`].

use std::{error::Error, fmt};

/// What is wrong with a configuration, and where: file, line and key, or the variable or flag. It quotes no values, since
/// they may be secrets.
///
/// ```
/// use wcs_hooks::Config;
///
/// let error = Config::parse("server.connections = 'many'", "hooks.toml").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "hooks.toml, line 1: server.connections: invalid type: a string, expected usize",
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    pub(super) place: String,
    pub(super) key: String,
    pub(super) mistake: String,
}

impl ConfigError {
    pub(super) fn new(place: impl Into<String>, key: &str, mistake: impl fmt::Display) -> Self {
        Self { place: place.into(), key: key.to_owned(), mistake: without_value(&mistake.to_string()) }
    }
}

/// serde tells the value that is of the wrong kind.
fn without_value(mistake: &str) -> String {
    for start in ["invalid type: ", "invalid value: "] {
        let rest = mistake.strip_prefix(start).and_then(|rest| rest.split_once(' '));
        let ending = mistake.rsplit_once(", expected ");
        if let (Some((kind, value)), Some((_, expected))) = (rest, ending)
            && value.starts_with(['"', '`'])
        {
            return format!("{start}{} {kind}, expected {expected}", article(kind));
        }
    }
    mistake.to_owned()
}

fn article(kind: &str) -> &'static str {
    if kind.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.place)?;
        if !self.key.is_empty() {
            write!(f, ": {}", self.key)?;
        }
        write!(f, ": {}", self.mistake)
    }
}

impl Error for ConfigError {}
