//! TLS, by the files of [`TlsSettings`].

use std::{fmt, path::Path, sync::Arc};

use hyper_util::rt::TokioIo;
use rustls::{
    RootCertStore, ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{WebPkiClientVerifier, danger::ClientCertVerifier},
};
use tokio::{
    net::TcpStream,
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;

use super::{
    ServerError, TlsSettings, connection::Connection, stage, transport::Stream, validity::Expiry,
    watch::GRACE,
};

/// What clients may speak inside.
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// What the server proves to clients who it is with.
#[derive(Clone)]
pub(super) struct Identity {
    pub(super) acceptor: TlsAcceptor,
    /// Of the server's certificate.
    pub(super) expires: Option<Expiry>,
}

impl Identity {
    /// Reads the files. Says so if the certificate expires soon.
    pub(super) fn read(settings: &TlsSettings) -> Result<Self, ServerError> {
        let certificates = certificates(&settings.certificate)?;
        let expires = certificates.first().and_then(Expiry::of);
        let acceptor = acceptor(settings, certificates)?;
        if let Some(expires) = expires {
            expires.warn(&settings.certificate);
        }
        Ok(Self { acceptor, expires })
    }
}

fn acceptor(
    settings: &TlsSettings,
    certificates: Vec<CertificateDer<'static>>,
) -> Result<TlsAcceptor, ServerError> {
    let key = PrivateKeyDer::from_pem_file(&settings.key).map_err(|error| match error {
        rustls::pki_types::pem::Error::NoItemsFound => no_use(&settings.key, "there is no private key in it"),
        error => no_use(&settings.key, error),
    })?;
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| no_use(&settings.certificate, error))?;
    let config = match &settings.client_ca {
        None => config.with_no_client_auth(),
        Some(file) => config.with_client_cert_verifier(clients_of(file, provider)?),
    };
    let mut config = config.with_single_cert(certificates, key).map_err(|error| match error {
        rustls::Error::InconsistentKeys(_) => {
            no_use(&settings.key, format!("it is not the key of {}", settings.certificate.display()))
        }
        error => no_use(&settings.certificate, error),
    })?;
    config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).into();
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn clients_of(
    file: &Path,
    provider: Arc<rustls::crypto::CryptoProvider>,
) -> Result<Arc<dyn ClientCertVerifier>, ServerError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(file)? {
        roots.add(certificate).map_err(|error| no_use(file, error))?;
    }
    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .map_err(|error| no_use(file, error))
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, ServerError> {
    let certificates: Vec<_> = CertificateDer::pem_file_iter(file)
        .and_then(Iterator::collect)
        .map_err(|error| no_use(file, error))?;
    if certificates.is_empty() {
        return Err(no_use(file, "there is no certificate in it"));
    }
    Ok(certificates)
}

fn no_use(file: &Path, mistake: impl fmt::Display) -> ServerError {
    ServerError::Tls { file: file.to_owned(), mistake: mistake.to_string() }
}

pub(super) struct Secured {
    pub(super) stream: Stream,
    pub(super) is_http2: bool,
}

/// None if it fails, takes too long, or the server ends.
pub(super) async fn handshake(
    acceptor: TlsAcceptor,
    stream: TcpStream,
    connection: &Connection,
) -> Option<Secured> {
    let shared = &connection.shared;
    let stopped = async {
        shared.stage.reached(stage::DRAINING).await;
        tokio::select! { () = sleep(GRACE) => {}, () = shared.stage.reached(stage::CUT) => {} }
    };
    let shaken = tokio::select! {
        shaken = timeout(connection.live.settings.head_timeout, acceptor.accept(stream)) => shaken,
        () = stopped => return None,
    };
    match shaken.map_err(Into::into).and_then(|shaken| shaken) {
        Ok(stream) => {
            let is_http2 = stream.get_ref().1.alpn_protocol() == Some(PROTOCOLS[0]);
            Some(Secured { stream: Stream::Boxed(Box::pin(TokioIo::new(stream))), is_http2 })
        }
        Err(error) => {
            tracing::debug!(peer = ?connection.peer, %error, "TLS handshake failed");
            shared.counts.handshake_failures.add(1);
            None
        }
    }
}
