//! Why a server does not start: [`ServerError`].

use std::{error::Error, fmt, io, path::PathBuf};

use super::Listen;

/// Why a server does not start, or does not take new settings.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use wcs_hooks::{AllowAll, Backend, Callers, Hooks, Server, ServerSettings};
///
/// let backend = Backend::builder(Hooks::new(AllowAll)).callers(Callers::anyone()).build()?;
/// let mut settings = ServerSettings::default();
/// settings.listen.clear();
/// let error = Server::new(backend).settings(settings).bind().unwrap_err();
/// assert_eq!(error.to_string(), "there is nowhere to listen: give server.listen an address");
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum ServerError {
    /// [`ServerSettings::listen`](super::ServerSettings::listen) is empty.
    NowhereToListen,
    /// An address is taken, is not this machine's, or needs rights.
    CannotListen {
        /// Where.
        listen: Listen,
        /// What the system says.
        error: io::Error,
    },
    /// A file of [`TlsSettings`](super::TlsSettings) is of no use.
    Tls {
        /// Which.
        file: PathBuf,
        /// Why.
        mistake: String,
    },
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NowhereToListen => f.write_str("there is nowhere to listen: give server.listen an address"),
            Self::Tls { file, mistake } => write!(f, "{}: {mistake}", file.display()),
            Self::CannotListen { listen, error } => write!(f, "cannot listen at {listen}: {error}"),
        }
    }
}

impl Error for ServerError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::NowhereToListen | Self::Tls { .. } => None,
            Self::CannotListen { error, .. } => Some(error),
        }
    }
}
