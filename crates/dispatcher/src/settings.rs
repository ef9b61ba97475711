//! WCS's own settings about hooks: [`Settings`]. Spec §1.3.

use std::{fmt, fs, io, path::Path, time::Duration};

use wcs_hooks_protocol::Secret;

use crate::{RetryRule, properties};

/// What `flashphoner.properties` says about hooks, with WCS's names and defaults.
///
/// ```
/// use std::time::Duration;
/// use wcs_hooks_dispatcher::Settings;
///
/// let text = b"rest_request_timeout=5\nrest_hook_send_hash = true\nrest_hook_secret_key = 1234567890\n";
/// let settings = Settings::parse(text, "flashphoner.properties")?;
/// assert_eq!(settings.request_timeout, Some(Duration::from_secs(5)));
/// assert_eq!(settings.retry.count, 3);
/// assert_eq!(format!("{:?}", settings.hook_secret), "Some([hidden])");
/// # Ok::<(), wcs_hooks_dispatcher::SettingsError>(())
/// ```
///
/// New fields may be added in any release: write `..Settings::default()` behind the ones you set.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "they are WCS's own independent switches")]
pub struct Settings {
    /// `disable_rest_requests`: no hook is sent at all. Default false.
    pub requests_disabled: bool,
    /// `rest_request_timeout`: the longest wait for the whole answer to one attempt; `None` (0 in the file) waits without
    /// end. Default 15 seconds.
    pub request_timeout: Option<Duration>,
    /// `rest_client_request_retry_count` and `rest_client_request_sent_retry_enabled`. Default 3 and true.
    pub retry: RetryRule,
    /// `rest_hook_secret_key`, if `rest_hook_send_hash` is true: requests carry the HMAC of spec §1.5. Default none.
    pub hook_secret: Option<Secret>,
    /// `keep_alive_streaming_sessions_enabled`: whether `StreamKeepAliveEvent` is sent. Default false.
    pub keep_alive_enabled: bool,
    /// `streaming_sessions_keep_alive_interval`: how long to wait between two of them. Default 10000 ms.
    pub keep_alive_interval: Duration,
    /// `streaming_sessions_keep_alive_app_keys`: the apps whose streams are reported, parted by commas (the separator is
    /// not documented). Default `defaultApp`, the example of the docs.
    pub keep_alive_app_keys: Vec<String>,
    /// `hls_auth_enabled`: whether `playHLS` is asked. Default false.
    pub hls_auth_enabled: bool,
    /// `hls_auth_token_cache`: how long the backend's answer to `playHLS` is kept for a token, in seconds in the file.
    /// The default is not documented; here it is 0: nothing is kept.
    pub hls_auth_token_cache: Duration,
    /// `client_acl_property_name`: the parameter that carries the token for HLS and RTSP. Default `aclAuth`.
    pub client_acl_property_name: String,
    /// `rtsp_server_auth_enabled`: whether `playRTSP` is asked. Default false.
    pub rtsp_auth_enabled: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            requests_disabled: false,
            request_timeout: Some(Duration::from_secs(15)),
            retry: RetryRule::default(),
            hook_secret: None,
            keep_alive_enabled: false,
            keep_alive_interval: Duration::from_secs(10),
            keep_alive_app_keys: vec!["defaultApp".to_owned()],
            hls_auth_enabled: false,
            hls_auth_token_cache: Duration::ZERO,
            client_acl_property_name: "aclAuth".to_owned(),
            rtsp_auth_enabled: false,
        }
    }
}

impl Settings {
    /// Reads a `flashphoner.properties`.
    ///
    /// ```no_run
    /// use wcs_hooks_dispatcher::Settings;
    ///
    /// let settings = Settings::from_file("/usr/local/FlashphonerWebCallServer/conf/flashphoner.properties")?;
    /// # Ok::<(), wcs_hooks_dispatcher::SettingsError>(())
    /// ```
    ///
    /// # Errors
    /// If the file cannot be read, and as [`Settings::parse`].
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, SettingsError> {
        let path = path.as_ref();
        let name = path.display().to_string();
        match fs::read(path) {
            Ok(bytes) => Self::parse(&bytes, &name),
            Err(error) => Err(SettingsError::new(&name, None, Problem::Unreadable(error))),
        }
    }

    /// Reads the text of a `flashphoner.properties`: Java's properties syntax, in UTF-8 or Latin-1. `file` is the name
    /// that errors give. Keys that have nothing to do with hooks are passed over; of a key that stands twice the last
    /// value counts.
    ///
    /// ```
    /// use wcs_hooks_dispatcher::Settings;
    ///
    /// let settings = Settings::parse(b"rest_hook_send_hash=true\nrest_hook_secret_key=1234567890", "a test")?;
    /// assert!(settings.hook_secret.is_some());
    /// # Ok::<(), wcs_hooks_dispatcher::SettingsError>(())
    /// ```
    ///
    /// # Errors
    /// If the text breaks the syntax, a value cannot be what its key asks for, or `rest_hook_send_hash` is true without a
    /// `rest_hook_secret_key`.
    pub fn parse(text: &[u8], file: &str) -> Result<Self, SettingsError> {
        let mut draft = Draft::default();
        for property in properties::read(text) {
            let (line, key, value) = property
                .map_err(|error| SettingsError::new(file, error.line_number(), Problem::Syntax(error)))?;
            if let Some((name, _, set)) = KEYS.iter().find(|(name, ..)| *name == key) {
                set(&mut draft, value.trim(), line).map_err(|expected| {
                    SettingsError::new(file, Some(line), Problem::Value(name, expected))
                })?;
            }
        }
        draft.finish(file)
    }

    /// The keys that are read, and what each is.
    pub fn keys() -> impl Iterator<Item = (&'static str, &'static str)> {
        KEYS.iter().map(|(name, docs, _)| (*name, *docs))
    }
}

/// Settings in the making: the switch of the signature may stand before or after its key.
#[derive(Default)]
struct Draft {
    settings: Settings,
    send_hash_line: Option<usize>,
    secret: Option<Secret>,
}

impl Draft {
    fn finish(self, file: &str) -> Result<Settings, SettingsError> {
        let mut settings = self.settings;
        if let Some(line) = self.send_hash_line {
            let missing = || SettingsError::new(file, Some(line), Problem::NoSecret);
            settings.hook_secret = Some(self.secret.ok_or_else(missing)?);
        }
        Ok(settings)
    }
}

type Expected = &'static str;
type Set = fn(&mut Draft, &str, usize) -> Result<(), Expected>;

/// Every key: its name, what it is, and how it is set.
const KEYS: &[(&str, &str, Set)] = &[
    ("disable_rest_requests", "no hook is sent at all", |draft, value, _| {
        set(&mut draft.settings.requests_disabled, switch(value))
    }),
    ("rest_request_timeout", "seconds to wait for an answer, 0 for no end", |draft, value, _| {
        let timeout = seconds(value).map(|wait| Some(wait).filter(|wait| !wait.is_zero()));
        set(&mut draft.settings.request_timeout, timeout)
    }),
    ("rest_client_request_retry_count", "how many more attempts", |draft, value, _| {
        let count = value.parse().map_err(|_| "a whole number from 0 to 4294967295");
        set(&mut draft.settings.retry.count, count)
    }),
    ("rest_client_request_sent_retry_enabled", "retry what was sent", |draft, value, _| {
        set(&mut draft.settings.retry.after_sent, switch(value))
    }),
    ("rest_hook_send_hash", "sign requests", |draft, value, line| {
        draft.send_hash_line = switch(value)?.then_some(line);
        Ok(())
    }),
    ("rest_hook_secret_key", "the key to sign with", |draft, value, _| {
        draft.secret = (!value.is_empty()).then(|| value.into());
        Ok(())
    }),
    ("keep_alive_streaming_sessions_enabled", "send StreamKeepAliveEvent", |draft, value, _| {
        set(&mut draft.settings.keep_alive_enabled, switch(value))
    }),
    ("streaming_sessions_keep_alive_interval", "its period in milliseconds", |draft, value, _| {
        set(&mut draft.settings.keep_alive_interval, milliseconds(value))
    }),
    ("streaming_sessions_keep_alive_app_keys", "the apps it is for", |draft, value, _| {
        let keys = value.split(',').map(str::trim).filter(|key| !key.is_empty());
        draft.settings.keep_alive_app_keys = keys.map(str::to_owned).collect();
        Ok(())
    }),
    ("hls_auth_enabled", "ask playHLS", |draft, value, _| {
        set(&mut draft.settings.hls_auth_enabled, switch(value))
    }),
    ("hls_auth_token_cache", "seconds to keep its answer", |draft, value, _| {
        set(&mut draft.settings.hls_auth_token_cache, seconds(value))
    }),
    ("client_acl_property_name", "the parameter with the token", |draft, value, _| {
        let name = if value.is_empty() { Err("a name") } else { Ok(value.to_owned()) };
        set(&mut draft.settings.client_acl_property_name, name)
    }),
    ("rtsp_server_auth_enabled", "ask playRTSP", |draft, value, _| {
        set(&mut draft.settings.rtsp_auth_enabled, switch(value))
    }),
];

fn set<T>(place: &mut T, value: Result<T, Expected>) -> Result<(), Expected> {
    *place = value?;
    Ok(())
}

fn switch(value: &str) -> Result<bool, Expected> {
    match value {
        _ if value.eq_ignore_ascii_case("true") => Ok(true),
        _ if value.eq_ignore_ascii_case("false") => Ok(false),
        _ => Err("true or false"),
    }
}

fn seconds(value: &str) -> Result<Duration, Expected> {
    let number: u32 = value.parse().map_err(|_| "a whole number of seconds, 0 or more")?;
    Ok(Duration::from_secs(number.into()))
}

fn milliseconds(value: &str) -> Result<Duration, Expected> {
    match value.parse::<u32>() {
        Ok(number @ 1..) => Ok(Duration::from_millis(number.into())),
        _ => Err("a whole number of milliseconds, 1 or more"),
    }
}

/// Settings cannot be read. Says in which file and line, and what to write there; no value is printed.
///
/// ```
/// use wcs_hooks_dispatcher::Settings;
///
/// let error = Settings::parse(b"# hooks\nrest_request_timeout=soon", "flashphoner.properties").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "flashphoner.properties:2: rest_request_timeout must be a whole number of seconds, 0 or more",
/// );
/// ```
#[derive(Debug)]
pub struct SettingsError {
    file: String,
    line: Option<usize>,
    problem: Problem,
}

#[derive(Debug)]
enum Problem {
    Unreadable(io::Error),
    Syntax(java_properties::PropertiesError),
    Value(&'static str, Expected),
    NoSecret,
}

impl SettingsError {
    fn new(file: &str, line: Option<usize>, problem: Problem) -> Self {
        Self { file: file.to_owned(), line, problem }
    }

    /// The line, counted from 1; `None` if the file could not be read at all.
    #[must_use]
    pub const fn line(&self) -> Option<usize> {
        self.line
    }
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        match &self.problem {
            Problem::Unreadable(error) => write!(f, ": cannot be read: {error}"),
            Problem::Syntax(_) => f.write_str(": is not the syntax of Java properties"),
            Problem::Value(key, expected) => write!(f, ": {key} must be {expected}"),
            Problem::NoSecret => {
                f.write_str(": rest_hook_send_hash is true, so rest_hook_secret_key must be set too")
            }
        }
    }
}

impl std::error::Error for SettingsError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.problem {
            Problem::Unreadable(error) => Some(error),
            Problem::Syntax(error) => Some(error),
            Problem::Value(..) | Problem::NoSecret => None,
        }
    }
}

#[cfg(test)]
mod tests;
