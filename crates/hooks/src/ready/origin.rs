//! Clients by the origin of their page: [`OriginAuth`].

use http::Uri;
use wcs_hooks_protocol::payloads::Connection;

use super::{ConfigError, error::shown};
use crate::{Checks, ConnectHandler, Context, Guard, HookResult, OrRefuse, Refusal};

/// Lets clients in whose page comes from an allowed origin (RFC 6454). Others are refused with 403.
///
/// This keeps other people's pages from using your server with the browsers of your visitors. It does not keep out a
/// program, which can send any origin: join it with a check of a token or password.
///
/// Scheme and host are compared without regard to case; a missing port is the scheme's (80 for `http`, 443 for
/// `https`). `https://*.example.com` allows every host below `example.com`, at any depth, and not `example.com` itself.
/// A page that has no origin (a file, a sandboxed frame) sends `null`, which is never allowed.
///
/// ```
/// use wcs_hooks::{Hooks, ready::OriginAuth};
///
/// let origins = OriginAuth::new(["https://example.com", "https://*.example.com", "http://localhost:8080"])?;
/// assert!(origins.allows("https://EXAMPLE.com:443") && origins.allows("https://a.b.example.com"));
/// assert!(!origins.allows("http://example.com") && !origins.allows("https://example.com.evil.org"));
///
/// let hooks = Hooks::guarded(origins);
/// # Ok::<(), wcs_hooks::ready::ConfigError>(())
/// ```
#[derive(Debug, Clone)]
pub struct OriginAuth {
    allowed: Vec<Allowed>,
    allow_missing: bool,
}

#[derive(Debug, Clone)]
enum Allowed {
    This(Origin),
    /// Hosts that end in a dot and this one's host.
    Below(Origin),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Origin {
    scheme: String,
    host: String,
    port: Option<u16>,
}

impl OriginAuth {
    /// Allows these origins.
    ///
    /// # Errors
    /// If there is none, or one is not `scheme://host[:port]` or `scheme://*.host[:port]` in ASCII.
    pub fn new<S: AsRef<str>>(origins: impl IntoIterator<Item = S>) -> Result<Self, ConfigError> {
        let allowed = origins.into_iter().map(|origin| Allowed::read(origin.as_ref()));
        let allowed = allowed.collect::<Result<Vec<_>, _>>()?;
        if allowed.is_empty() {
            return Err(ConfigError::new("origins", "none is allowed: give at least one"));
        }
        Ok(Self { allowed, allow_missing: false })
    }

    /// Lets clients in that send no origin at all, as RTMP clients and most programs do. Default: they are refused.
    ///
    /// ```
    /// use wcs_hooks::{payloads::Connection, ready::OriginAuth};
    ///
    /// let origins = OriginAuth::new(["https://example.com"])?;
    /// assert!(origins.admit(&Connection::default()).is_err());
    /// assert!(origins.allow_missing().admit(&Connection::default()).is_ok());
    /// # Ok::<(), wcs_hooks::ready::ConfigError>(())
    /// ```
    #[must_use]
    pub fn allow_missing(mut self) -> Self {
        self.allow_missing = true;
        self
    }

    /// Whether an origin is allowed.
    #[must_use]
    pub fn allows(&self, origin: &str) -> bool {
        Origin::read(origin).is_some_and(|origin| self.allowed.iter().any(|allowed| allowed.has(&origin)))
    }

    /// Lets the connection pass, or refuses it: 403 `origin not allowed`.
    ///
    /// # Errors
    /// If the connection's origin is not allowed, or is missing and has to be there.
    pub fn admit(&self, connection: &Connection) -> HookResult<()> {
        let refusal = || Refusal::forbidden("origin not allowed");
        let origin = match connection.origin.as_deref() {
            Some(origin) if !origin.is_empty() => origin,
            _ if self.allow_missing => return Ok(()),
            _ => return Err(refusal().because("the client sent none")),
        };
        let allowed = self.allows(origin).then_some(());
        allowed.or_refuse(|| refusal().because(shown(origin)))
    }
}

impl Guard for OriginAuth {
    fn checks(self) -> Checks {
        Checks::new().connects(self)
    }
}

impl ConnectHandler for OriginAuth {
    async fn connect(&self, _: Context, connection: Connection) -> HookResult<Connection> {
        self.admit(&connection)?;
        Ok(connection)
    }
}

impl Allowed {
    fn read(text: &str) -> Result<Self, ConfigError> {
        let (scheme, host) = text.split_once("://").unwrap_or_default();
        let allowed = match host.strip_prefix("*.") {
            Some(host) => Origin::read(&format!("{scheme}://{host}")).map(Self::Below),
            None => Origin::read(text).map(Self::This),
        };
        allowed.filter(|allowed| !allowed.has_stray_star()).ok_or_else(|| {
            let advice = "write scheme://host[:port], as https://example.com";
            ConfigError::new(format!("origin {text:?}"), advice)
        })
    }

    fn has_stray_star(&self) -> bool {
        let (Self::This(origin) | Self::Below(origin)) = self;
        origin.host.contains('*')
    }

    fn has(&self, origin: &Origin) -> bool {
        match self {
            Self::This(this) => this == origin,
            Self::Below(above) => {
                let below = origin.host.strip_suffix(&above.host);
                let is_below = below.is_some_and(|below| below.len() > 1 && below.ends_with('.'));
                is_below && (&above.scheme, above.port) == (&origin.scheme, origin.port)
            }
        }
    }
}

impl Origin {
    fn read(text: &str) -> Option<Self> {
        let uri: Uri = text.parse().ok()?;
        let (scheme, authority) = (uri.scheme_str()?.to_ascii_lowercase(), uri.authority()?);
        let host = authority.host();
        // An authority with a user does not begin with its host.
        let port = match authority.as_str().strip_prefix(host)? {
            "" => default_port(&scheme),
            port => Some(port.strip_prefix(':')?.parse().ok()?),
        };
        let is_bare = matches!(uri.path(), "" | "/") && uri.query().is_none() && !host.is_empty();
        is_bare.then(|| Self { scheme, host: host.to_ascii_lowercase(), port })
    }
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
