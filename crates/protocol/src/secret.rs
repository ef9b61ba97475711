//! A text that is not printed: [`Secret`].

use std::fmt;

use subtle::ConstantTimeEq;

use crate::field::{FieldKind, FieldValue};

/// A password, token or key. It does not print, and comparing two takes the same time wherever they differ.
///
/// ```
/// use wcs_hooks_protocol::Secret;
///
/// let secret = Secret::from("1234");
/// assert_eq!(format!("{secret:?}"), "[hidden]");
/// assert_eq!(secret.expose(), "1234");
/// ```
#[derive(Clone, Default)]
pub struct Secret(String);

impl Secret {
    /// The text itself. Do not log it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(crate::redact::HIDDEN)
    }
}

impl FieldValue for Secret {
    const KIND: FieldKind = FieldKind::Secret;

    fn read(json: &str) -> Option<Self> {
        String::read(json).map(Self)
    }

    fn read_text(text: &str) -> Option<Self> {
        String::read_text(text).map(Self)
    }

    fn write(&self, out: &mut String) {
        self.0.write(out);
    }
}
