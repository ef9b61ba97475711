//! TLS on the way to a backend: [`Tls`].

use std::{error::Error, fmt, sync::Arc};

use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, PrivateKeyDer, pem, pem::PemObject},
};

/// Whom the transport trusts, and how it shows who it is.
///
/// ```no_run
/// use wcs_hooks_dispatcher::{HttpTransport, Tls};
///
/// let tls = Tls::trusting(&std::fs::read("ca.pem")?)?
///     .with_client_certificate(&std::fs::read("client.pem")?, &std::fs::read("client.key")?)?;
/// let transport = HttpTransport::with_tls(tls)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct Tls {
    /// `None` is what the system trusts.
    roots: Option<RootCertStore>,
    identity: Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>,
}

impl Tls {
    /// Trusts these certificates, in PEM, and no others.
    ///
    /// # Errors
    /// If there are none, or one cannot be read.
    pub fn trusting(ca_pem: &[u8]) -> Result<Self, TlsError> {
        let mut roots = RootCertStore::empty();
        for certificate in certificates(ca_pem)? {
            roots.add(certificate).map_err(TlsProblem::Rustls)?;
        }
        Ok(Self { roots: Some(roots), identity: None })
    }

    /// Shows the server this certificate, given in PEM with its chain behind it and its key.
    ///
    /// ```no_run
    /// use wcs_hooks_dispatcher::{HttpTransport, Tls};
    ///
    /// let tls = Tls::trusting(&std::fs::read("ca.pem")?)?;
    /// let tls = tls.with_client_certificate(&std::fs::read("client.pem")?, &std::fs::read("client.key")?)?;
    /// let transport = HttpTransport::with_tls(tls)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If one of the two cannot be read.
    pub fn with_client_certificate(mut self, chain_pem: &[u8], key_pem: &[u8]) -> Result<Self, TlsError> {
        let key = PrivateKeyDer::from_pem_slice(key_pem).map_err(TlsProblem::Pem)?;
        self.identity = Some((certificates(chain_pem)?, key));
        Ok(self)
    }

    pub(super) fn into_config(self) -> Result<ClientConfig, TlsError> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(TlsProblem::Rustls)?
            .with_root_certificates(self.roots.unwrap_or_else(system_roots));
        match self.identity {
            Some((chain, key)) => {
                Ok(builder.with_client_auth_cert(chain, key).map_err(TlsProblem::Rustls)?)
            }
            None => Ok(builder.with_no_client_auth()),
        }
    }
}

/// What the system trusts. Where that is nothing, as in a bare container, plain HTTP still works.
fn system_roots() -> RootCertStore {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(found.certs);
    if added == 0 {
        tracing::warn!("the system trusts no certificate, so https backends cannot be reached");
    }
    roots
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let certificates =
        CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>().map_err(TlsProblem::Pem)?;
    if certificates.is_empty() {
        return Err(TlsProblem::Pem(pem::Error::NoItemsFound).into());
    }
    Ok(certificates)
}

/// A certificate or key cannot be used.
///
/// ```
/// use wcs_hooks_dispatcher::Tls;
///
/// assert!(Tls::trusting(b"no certificate").is_err());
/// ```
#[derive(Debug)]
pub struct TlsError(TlsProblem);

#[derive(Debug)]
enum TlsProblem {
    Pem(pem::Error),
    Rustls(rustls::Error),
}

impl From<TlsProblem> for TlsError {
    fn from(problem: TlsProblem) -> Self {
        Self(problem)
    }
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            TlsProblem::Pem(error) => write!(f, "cannot read a certificate or key in PEM: {error}"),
            TlsProblem::Rustls(error) => write!(f, "cannot use a certificate or key: {error}"),
        }
    }
}

impl Error for TlsError {}
