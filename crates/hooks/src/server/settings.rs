//! What a server's operator sets: [`ServerSettings`].

use std::{
    fmt,
    net::{AddrParseError, SocketAddr},
    path::PathBuf,
    str::FromStr,
    time::Duration,
};

use serde::{Deserialize, Serialize};

/// Where and how to listen. The limits, the times and TLS can be changed while the server runs, for connections that come from
/// then on; a change of the rest takes effect at the next start, and is said so.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ServerSettings {
    /// Where to listen: `HOST:PORT`, or `unix:PATH` for a socket in the file system. Default: `127.0.0.1:8081`.
    pub listen: Vec<Listen>,
    /// Sets `SO_REUSEPORT`, so that several processes can listen at one port. Default: false.
    pub reuse_port: bool,
    /// TLS; none if not set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<TlsSettings>,
    /// Connections at once; what is past it waits in the kernel's queue. Default: 20 000.
    pub connections: usize,
    /// Connections of one address at once, or of one /64 of IPv6; what is past it is closed. Default: 4096: a WCS is one address.
    pub connections_per_address: usize,
    /// Connections at once of addresses from which no valid call has come, of all such addresses; what is past it is closed. Each
    /// may have as many as are left for the others, so that one alone gets half of them. However many these are, a quarter of
    /// [`connections`](Self::connections) is kept for addresses that have proved themselves. Connections over unix sockets do not
    /// count. Default: 1024.
    pub unauthenticated_connections: usize,
    /// From a connection's start, and from the first byte of each later request, to the end of the request's head; for a
    /// TLS handshake too. In HTTP/2 to the end of the first head; later ones are within the time of an idle connection.
    /// Default: 10 s.
    #[serde(with = "humantime_serde")]
    pub head_timeout: Duration,
    /// How long a body may take, from its head. A slower one is answered 408. Default: 10 s.
    #[serde(with = "humantime_serde")]
    pub body_timeout: Duration,
    /// How long a connection is kept between two requests. Default: 75 s.
    #[serde(with = "humantime_serde")]
    pub idle_timeout: Duration,
    /// How long the server serves on when it is told to stop, while it says that it is not ready: longer than a proxy takes to
    /// notice. Default: 0 s.
    #[serde(with = "humantime_serde")]
    pub drain_delay: Duration,
    /// How long hooks in flight may take to end when the server stops, from the end of `drain_delay`. Default: 20 s.
    #[serde(with = "humantime_serde")]
    pub drain_timeout: Duration,
}

impl Default for ServerSettings {
    fn default() -> Self {
        Self {
            listen: vec![Listen::Tcp(SocketAddr::from(([127, 0, 0, 1], 8081)))],
            reuse_port: false,
            tls: None,
            connections: 20_000,
            connections_per_address: 4096,
            unauthenticated_connections: 1024,
            head_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(75),
            drain_delay: Duration::ZERO,
            drain_timeout: Duration::from_secs(20),
        }
    }
}

impl ServerSettings {
    /// The connections that addresses share from which no valid call has come.
    pub(super) fn shared_connections(&self) -> usize {
        self.unauthenticated_connections.min(self.connections - self.connections / 4)
    }
}

/// An address to listen at: `HOST:PORT` with a numeric host, or `unix:PATH`.
///
/// ```
/// use wcs_hooks::Listen;
///
/// let listen: Listen = "unix:/run/wcs-hooks.sock".parse()?;
/// assert_eq!(listen.to_string(), "unix:/run/wcs-hooks.sock");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Listen {
    /// TCP.
    Tcp(SocketAddr),
    /// A socket in the file system.
    Unix(PathBuf),
}

impl Listen {
    /// Whether nothing but this machine reaches it, and no proxy is to be expected: a socket in the file system has one.
    pub(crate) fn is_loopback(&self) -> bool {
        matches!(self, Self::Tcp(address) if address.ip().to_canonical().is_loopback())
    }
}

/// Certificates. The files are read again when they change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct TlsSettings {
    /// The server's certificate and those between it and its CA, in PEM.
    pub certificate: PathBuf,
    /// Its private key, in PEM.
    pub key: PathBuf,
    /// Clients must have a certificate of one of these CAs, in PEM; any client may come if not set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_ca: Option<PathBuf>,
}

impl FromStr for Listen {
    type Err = AddrParseError;

    fn from_str(text: &str) -> Result<Self, AddrParseError> {
        match text.strip_prefix("unix:") {
            Some(path) => Ok(Self::Unix(path.into())),
            None => text.parse().map(Self::Tcp),
        }
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

impl TryFrom<String> for Listen {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse().map_err(|_| format!("{text:?} is neither HOST:PORT, with a numeric host, nor unix:PATH"))
    }
}

impl From<Listen> for String {
    fn from(listen: Listen) -> Self {
        listen.to_string()
    }
}
