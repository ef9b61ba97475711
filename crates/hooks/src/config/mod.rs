//! What an operator sets: [`Config`], from a file, the environment and flags.

mod arguments;
mod error;
mod overrides;
mod read;

use std::{net::SocketAddr, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{LogSettings, ServerSettings, Settings};

pub use arguments::Arguments;
pub use error::ConfigError;

/// All that an operator sets. In a file it is TOML: the tables `server`, `operations`, `log` and `reload`, and those of
/// [`Settings`] beside them. `docs/wcs-hooks.toml` has every key with its default.
///
/// ```
/// use wcs_hooks::Config;
///
/// let config = Config::parse("[server]\nlisten = ['0.0.0.0:8081']\n[callers]\nsigned = ['1234567890']", "a test")?;
/// assert_eq!(config.server.listen[0].to_string(), "0.0.0.0:8081");
///
/// let mistaken = Config::parse("[callers]\nsigned = ['key']\n[server]\nconections = 5", "hooks.toml").unwrap_err();
/// assert!(mistaken.to_string().starts_with("hooks.toml, line 4: server.conections: unknown field"));
/// # Ok::<(), wcs_hooks::ConfigError>(())
/// ```
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Config {
    /// `server`: where to listen for hooks.
    pub server: ServerSettings,
    /// `operations`: where to tell how it goes.
    pub operations: OperationsSettings,
    /// `log`.
    pub log: LogSettings,
    /// `reload`: what a changed configuration may give up.
    pub reload: ReloadSettings,
    /// Everything else.
    pub backend: Settings,
    /// Whether the file says anything.
    pub(crate) has_content: bool,
}

/// What a configuration that is read again may do. A program that starts takes any.
///
/// ```
/// use wcs_hooks::Config;
///
/// assert!(!Config::default().reload.allow_weaker);
/// # Ok::<(), wcs_hooks::ConfigError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ReloadSettings {
    /// Lets a changed configuration open an app to anyone, take away `server.tls`, its `client_ca` or the callers of a
    /// single app, and switch `limits.denials_per_minute` off. Without it such a change is rejected and the previous
    /// configuration stays in force, since a file that is half written looks the same. Let it stand last in the file,
    /// so that a half has it not, and take it out afterwards. Default: false.
    pub allow_weaker: bool,
}

/// The listener for operations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct OperationsSettings {
    /// Where: an address that the world does not reach, such as `127.0.0.1:9464`, since it tells everyone who asks. There
    /// is no such listener if it is not set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<SocketAddr>,
    /// Names, without ports, by which it may be asked beside IP addresses and `localhost`. Others are answered 421, since a
    /// page in a browser of this network could have its name lead here. Default: none.
    pub hosts: Vec<String>,
    /// `/ready` says 503 while the runtime was later than this within the last 15 s, since handlers block their threads or
    /// there is too much to do. Zero: it never does. Default: 5 s.
    #[serde(with = "humantime_serde")]
    pub max_lag: Duration,
}

impl Default for OperationsSettings {
    fn default() -> Self {
        Self { listen: None, hosts: Vec::new(), max_lag: Duration::from_secs(5) }
    }
}

impl Config {
    /// From the text of a file; `name` is for errors.
    ///
    /// # Errors
    /// If the text is not TOML, a key is not known or a value is of the wrong kind.
    pub fn parse(text: &str, name: &str) -> Result<Self, ConfigError> {
        read::Sources::of_text(text, name).read()
    }

    /// As TOML, with secrets hidden.
    ///
    /// ```
    /// use wcs_hooks::Config;
    ///
    /// let config = Config::parse("callers.signed = ['1234567890']", "a test")?;
    /// let shown = config.to_toml();
    /// assert!(shown.contains("[hidden]") && !shown.contains("1234567890"));
    /// # Ok::<(), wcs_hooks::ConfigError>(())
    /// ```
    #[must_use]
    pub fn to_toml(&self) -> String {
        toml::to_string(&self.to_table()).unwrap_or_else(|error| format!("# it cannot be shown: {error}\n"))
    }

    fn to_table(&self) -> toml::Table {
        let mut all = table_of(&self.backend);
        all.insert("server".to_owned(), table_of(&self.server).into());
        all.insert("operations".to_owned(), table_of(&self.operations).into());
        all.insert("log".to_owned(), table_of(&self.log).into());
        all.insert("reload".to_owned(), table_of(&self.reload).into());
        all
    }
}

/// Every part is a struct, which is a table.
fn table_of(part: &impl Serialize) -> toml::Table {
    toml::Table::try_from(part).unwrap_or_default()
}

#[cfg(test)]
mod tests;
