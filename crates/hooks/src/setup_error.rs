//! What is wrong with the configuration: [`SetupError`].

use std::fmt;

/// A mistake in the configuration of a [`Backend`](crate::Backend).
///
/// ```
/// use wcs_hooks::{AllowAll, Backend, Callers, Hooks};
///
/// let error = Backend::builder(Hooks::new(AllowAll)).callers(Callers::basic("wcs", "")).build().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     r#"app "default": the user or password is empty: give the app's restUsername and restPassword"#,
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetupError {
    place: String,
    mistake: &'static str,
}

impl SetupError {
    /// `place` is the key of the setting.
    pub(crate) fn new(place: impl Into<String>, mistake: &'static str) -> Self {
        Self { place: place.into(), mistake }
    }

    pub(crate) fn of_app(app: &str, mistake: &'static str) -> Self {
        Self::new(format!("app {app:?}"), mistake)
    }
}

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.mistake)
    }
}

impl std::error::Error for SetupError {}
