//! The flags that every backend has: [`Arguments`].

use std::{env, path::PathBuf};

use super::{Config, ConfigError, overrides::Override, read::Sources};

/// Where a [`Config`] comes from: `--config FILE`, over it the variables `WCS_HOOKS__…`, over it the flags.
///
/// | flag | |
/// |---|---|
/// | `--config FILE` | the file, in TOML |
/// | `--listen ADDRESS` | [`ServerSettings::listen`](crate::ServerSettings::listen), that one alone |
/// | `--set KEY=VALUE` | one key: `--set server.connections=500` |
/// | `--set-file KEY=FILE` | one key, which is what the file has: for secrets |
/// | `--check` | the configuration is checked, and nothing is started |
///
/// The variable `WCS_HOOKS__SERVER__CONNECTIONS` sets `server.connections`, `WCS_HOOKS_FILE__CALLERS__SIGNED` sets
/// `callers.signed` to what the file has that it names. Keys with capitals are set by flags or the file. A value is TOML;
/// what is none, or of the wrong kind as such, is a string, or a list with this string.
///
/// ```
/// use wcs_hooks::Arguments;
///
/// let given = ["--listen", "127.0.0.1:0", "--set", "callers.signed=1234567890", "alias=name"];
/// let (arguments, rest) = Arguments::take(given.map(String::from))?;
/// assert_eq!(rest, ["alias=name"]);
/// let config = arguments.config()?;
/// assert_eq!(config.server.listen[0].to_string(), "127.0.0.1:0");
/// # Ok::<(), wcs_hooks::ConfigError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Arguments {
    file: Option<String>,
    values: Vec<Flag>,
    is_check: bool,
}

#[derive(Clone)]
enum Flag {
    Set { key: String, value: String },
    File { key: String, path: String },
}

impl Arguments {
    /// Takes the flags of the table; gives them, and what is left for you.
    ///
    /// # Errors
    /// If a flag lacks its value.
    pub fn take(given: impl IntoIterator<Item = String>) -> Result<(Self, Vec<String>), ConfigError> {
        let (mut arguments, mut rest) = (Self::default(), Vec::new());
        let mut given = given.into_iter();
        while let Some(flag) = given.next() {
            let mut value =
                || given.next().ok_or_else(|| ConfigError::new(&flag, "", "its value is missing"));
            match &*flag {
                "--check" => arguments.is_check = true,
                "--config" => arguments.file = Some(value()?),
                "--listen" => {
                    arguments.values.push(Flag::Set { key: "server.listen".to_owned(), value: value()? });
                }
                "--set" => {
                    let (key, value) = pair(&flag, &value()?)?;
                    arguments.values.push(Flag::Set { key, value });
                }
                "--set-file" => {
                    let (key, path) = pair(&flag, &value()?)?;
                    arguments.values.push(Flag::File { key, path });
                }
                _ => rest.push(flag),
            }
        }
        Ok((arguments, rest))
    }

    /// Takes those of the program.
    ///
    /// # Errors
    /// As [`Arguments::take`].
    pub fn of_program() -> Result<(Self, Vec<String>), ConfigError> {
        Self::take(env::args_os().skip(1).map(|argument| argument.to_string_lossy().into_owned()))
    }

    /// Reads the configuration: the file, the environment as it is now, the flags.
    ///
    /// # Errors
    /// If a file cannot be read, or as [`Config::parse`].
    pub fn config(&self) -> Result<Config, ConfigError> {
        let sources = self.file.as_deref().map_or_else(|| Ok(Sources::default()), Sources::of_file)?;
        sources.over(variables()?).over(self.flags()?).read()
    }

    /// Whether the configuration is to be checked only.
    #[must_use]
    pub fn is_check(&self) -> bool {
        self.is_check
    }

    /// Whether a file was named.
    pub(crate) fn has_file(&self) -> bool {
        self.file.is_some()
    }

    /// The files that the configuration itself is read from.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let of_flags = self.values.iter().filter_map(|flag| match flag {
            Flag::File { path, .. } => Some(path.into()),
            Flag::Set { .. } => None,
        });
        let of_variables =
            env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("WCS_HOOKS_FILE__"));
        let file = self.file.iter().map(PathBuf::from);
        file.chain(of_flags).chain(of_variables.map(|(_, path)| path.into())).collect()
    }

    fn flags(&self) -> Result<Vec<Override>, ConfigError> {
        let flag = |flag: &Flag| match flag {
            Flag::Set { key, value } => Ok(Override::text("the flags".to_owned(), path(key), value)),
            Flag::File { key, path: file } => {
                Override::file("the flag --set-file".to_owned(), path(key), file)
            }
        };
        self.values.iter().map(flag).collect()
    }
}

fn variables() -> Result<Vec<Override>, ConfigError> {
    let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        Some((name.into_string().ok()?, value.to_string_lossy().into_owned()))
    };
    let mut variables: Vec<_> = env::vars_os().filter_map(text).collect();
    variables.sort();
    variables.iter().filter_map(|(name, value)| Override::variable(name, value)).collect()
}

fn pair(flag: &str, text: &str) -> Result<(String, String), ConfigError> {
    let (key, value) =
        text.split_once('=').ok_or_else(|| ConfigError::new(flag, "", "KEY=VALUE is expected"))?;
    Ok((key.to_owned(), value.to_owned()))
}

fn path(key: &str) -> Vec<String> {
    key.split('.').map(str::to_owned).collect()
}

/// Without values, which may be secrets.
impl std::fmt::Debug for Flag {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (Self::Set { key, .. } | Self::File { key, .. }) = self;
        f.debug_tuple("Flag").field(key).finish()
    }
}
