//! Files with keys that may be replaced while a backend runs: [`KeyFiles`].

use std::path::PathBuf;

use super::ConfigError;

/// What was read from files, and can be read from them again: the keys of a [`Verifier`](super::Verifier), the users of a
/// [`PasswordAuth`](super::PasswordAuth), or something of yours. Given to
/// [`BackendBuilder::reloading`](crate::BackendBuilder::reloading), it is read again when a file changes.
///
/// ```
/// use std::{path::PathBuf, sync::RwLock};
/// use wcs_hooks::ready::{ConfigError, KeyFiles};
///
/// struct Guests {
///     file: PathBuf,
///     names: RwLock<Vec<String>>,
/// }
///
/// impl KeyFiles for Guests {
///     fn files(&self) -> Vec<PathBuf> {
///         vec![self.file.clone()]
///     }
///
///     fn reload(&self) -> Result<(), ConfigError> {
///         let place = self.file.display().to_string();
///         let text = std::fs::read_to_string(&self.file).map_err(|error| ConfigError::new(place, error.to_string()))?;
///         *self.names.write().unwrap() = text.lines().map(str::to_owned).collect();
///         Ok(())
///     }
/// }
/// ```
pub trait KeyFiles: Send + Sync {
    /// The files.
    fn files(&self) -> Vec<PathBuf>;

    /// Reads them again, for the calls that come from now on. Clones get it too.
    ///
    /// # Errors
    /// If there is a mistake in them. What was read before stays in use then.
    fn reload(&self) -> Result<(), ConfigError>;
}
