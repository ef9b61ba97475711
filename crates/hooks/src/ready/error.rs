//! A mistake in what a ready guard was given: [`ConfigError`].

use std::fmt;

/// A mistake in what a ready guard was given: a key, a file, an origin. Says where it stands and what to do, and
/// nothing of a secret.
///
/// ```
/// use wcs_hooks::ready::OriginAuth;
///
/// let error = OriginAuth::new(["example.com"]).unwrap_err();
/// assert_eq!(error.to_string(), r#"origin "example.com": write scheme://host[:port], as https://example.com"#);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    place: String,
    mistake: String,
}

impl ConfigError {
    /// For files of your own: see [`KeyFiles`](super::KeyFiles). Neither text may have a secret in it.
    pub fn new(place: impl Into<String>, mistake: impl Into<String>) -> Self {
        Self { place: place.into(), mistake: mistake.into() }
    }

    /// Where the mistake stands: a file, with its line if there is one, or what was given.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.mistake)
    }
}

impl std::error::Error for ConfigError {}

/// What a client sent, fit for a log: escaped, and not longer than need be.
pub(super) fn shown(text: &str) -> String {
    const MOST: usize = 200;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{:?}…", &text[..end]),
        None => format!("{text:?}"),
    }
}

/// Reads a file whole.
#[cfg(any(feature = "jwt", feature = "password"))]
pub(super) fn read_file(path: &std::path::Path) -> Result<Vec<u8>, ConfigError> {
    std::fs::read(path)
        .map_err(|error| ConfigError::new(path.display().to_string(), format!("cannot be read: {error}")))
}
