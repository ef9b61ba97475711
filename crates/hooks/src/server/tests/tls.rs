use std::{fs, io, net::SocketAddr};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::*;
use crate::{HookName, Listen, TlsSettings, server::ServerHandle};

struct Files {
    directory: tempfile::TempDir,
    ca: CertifiedIssuer<'static, KeyPair>,
}

impl Files {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let ca = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let files = Self { directory: tempfile::tempdir().unwrap(), ca };
        files.write("ca.pem", &files.ca.pem());
        files.issue("backend");
        files
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.directory.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// `{name}.pem` and `{name}.key`.
    fn issue(&self, name: &str) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        self.write(&format!("{name}.pem"), &params.signed_by(&key, &self.ca).unwrap().pem());
        self.write(&format!("{name}.key"), &key.serialize_pem());
    }

    fn settings(&self) -> ServerSettings {
        let tls = TlsSettings {
            certificate: self.path("backend.pem"),
            key: self.path("backend.key"),
            client_ca: None,
        };
        let listen = vec!["127.0.0.1:0".parse().unwrap()];
        ServerSettings { listen, tls: Some(tls), ..ServerSettings::default() }
    }

    fn client(&self, certificate: Option<&str>) -> ClientConfig {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(self.path("ca.pem")).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots);
        let Some(name) = certificate else { return config.with_no_client_auth() };
        let chain = vec![CertificateDer::from_pem_file(self.path(&format!("{name}.pem"))).unwrap()];
        let key = PrivateKeyDer::from_pem_file(self.path(&format!("{name}.key"))).unwrap();
        config.with_client_auth_cert(chain, key).unwrap()
    }
}

fn start(settings: ServerSettings) -> (SocketAddr, ServerHandle) {
    let server = Server::new(backend()).settings(settings).bind().unwrap();
    let Listen::Tcp(address) = server.addresses()[0] else { panic!() };
    assert_eq!(server.urls(), [format!("https://{address}")]);
    let handle = server.handle();
    tokio::spawn(server.run_until(pending()));
    (address, handle)
}

async fn connect(address: SocketAddr, config: ClientConfig) -> io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(address).await.unwrap();
    TlsConnector::from(Arc::new(config)).connect(ServerName::try_from("localhost").unwrap(), stream).await
}

/// The start of the answer.
async fn ask(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> io::Result<String> {
    stream.write_all(request(HookName::PushLogs).as_bytes()).await?;
    let mut buffer = vec![0; 4096];
    let length = stream.read(&mut buffer).await?;
    Ok(String::from_utf8_lossy(&buffer[..length.min(15)]).into_owned())
}

fn certificate_of(stream: &TlsStream<TcpStream>) -> Vec<u8> {
    stream.get_ref().1.peer_certificates().unwrap()[0].to_vec()
}

#[tokio::test]
async fn certificates_change_while_connections_go_on() {
    let files = Files::new();
    let (address, handle) = start(files.settings());
    let mut before = connect(address, files.client(None)).await.unwrap();
    assert_eq!(ask(&mut before).await.unwrap(), "HTTP/1.1 200 OK");

    files.issue("backend");
    assert!(handle.apply(&files.settings()).unwrap().is_empty());
    let mut after = connect(address, files.client(None)).await.unwrap();
    assert_ne!(certificate_of(&before), certificate_of(&after));
    for stream in [&mut before, &mut after] {
        assert_eq!(ask(stream).await.unwrap(), "HTTP/1.1 200 OK");
    }

    files.write("backend.pem", "nothing");
    let error = handle.apply(&files.settings()).unwrap_err().to_string();
    assert!(error.ends_with("backend.pem: there is no certificate in it"), "{error}");
    let mut kept = connect(address, files.client(None)).await.unwrap();
    assert_eq!(certificate_of(&kept), certificate_of(&after));
    assert_eq!(ask(&mut kept).await.unwrap(), "HTTP/1.1 200 OK");
}

#[tokio::test]
async fn tls_is_switched_while_connections_go_on() {
    let files = Files::new();
    let (address, handle) = start(files.settings());
    let mut secured = connect(address, files.client(None)).await.unwrap();
    assert_eq!(ask(&mut secured).await.unwrap(), "HTTP/1.1 200 OK");

    let without = ServerSettings { tls: None, listen: files.settings().listen, ..ServerSettings::default() };
    assert!(handle.apply(&without).unwrap().is_empty());
    assert!(connect(address, files.client(None)).await.is_err());
    assert_eq!(handle.certificate_expires(), None);
    let mut plain = TcpStream::connect(address).await.unwrap();
    assert_eq!(ask(&mut plain).await.unwrap(), "HTTP/1.1 200 OK");

    assert!(handle.apply(&files.settings()).unwrap().is_empty());
    let mut again = connect(address, files.client(None)).await.unwrap();
    for stream in [&mut secured, &mut again] {
        assert_eq!(ask(stream).await.unwrap(), "HTTP/1.1 200 OK");
    }
    assert_eq!(ask(&mut plain).await.unwrap(), "HTTP/1.1 200 OK");
}

#[tokio::test]
async fn a_client_without_a_certificate_is_not_served_where_one_is_wanted() {
    let files = Files::new();
    files.issue("wcs");
    let mut settings = files.settings();
    settings.tls.as_mut().unwrap().client_ca = Some(files.path("ca.pem"));
    let (address, handle) = start(settings);
    let mut known = connect(address, files.client(Some("wcs"))).await.unwrap();
    assert_eq!(ask(&mut known).await.unwrap(), "HTTP/1.1 200 OK");
    // In TLS 1.3 the client learns of it with its first read.
    let refused = match connect(address, files.client(None)).await {
        Ok(mut stream) => ask(&mut stream).await.is_err(),
        Err(_) => true,
    };
    assert!(refused);
    assert_eq!(handle.counts().handshake_failures, 1);
}

#[tokio::test]
async fn http2_is_agreed_on() {
    let files = Files::new();
    let (address, _) = start(files.settings());
    let mut config = files.client(None);
    config.alpn_protocols = vec![b"h2".to_vec()];
    let stream = connect(address, config).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(hyper_util::rt::TokioExecutor::new(), TokioIo::new(stream))
            .await
            .unwrap();
    tokio::spawn(connection);
    let answer = sender.send_request(super::versions::http2_request(HookName::PushLogs)).await.unwrap();
    assert_eq!(answer.status(), 200);
}

#[tokio::test]
async fn mistaken_files_are_named() {
    let files = Files::new();
    files.issue("other");
    files.write("empty.pem", "");
    let path = |name: &str| files.path(name).display().to_string();
    let tls = |certificate: &str, key: &str| TlsSettings {
        certificate: files.path(certificate),
        key: files.path(key),
        client_ca: None,
    };
    for (tls, expected) in [
        (tls("empty.pem", "backend.key"), format!("{}: there is no certificate in it", path("empty.pem"))),
        (tls("backend.pem", "empty.pem"), format!("{}: there is no private key in it", path("empty.pem"))),
        (
            tls("backend.pem", "other.key"),
            format!("{}: it is not the key of {}", path("other.key"), path("backend.pem")),
        ),
        (tls("missing.pem", "backend.key"), format!("{}: ", path("missing.pem"))),
    ] {
        let settings = ServerSettings { tls: Some(tls), ..files.settings() };
        let error = Server::new(backend()).settings(settings).bind().unwrap_err().to_string();
        assert!(error.starts_with(&expected), "{error}");
    }
}
