//! HTTPS: whom the transport trusts, and how it shows who it is.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{
    RootCertStore, ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::WebPkiClientVerifier,
};
use tokio::{io::AsyncWriteExt, net::TcpListener};
use tokio_rustls::TlsAcceptor;
use wcs_hooks_dispatcher::{App, Dispatcher, FailureKind, HttpTransport, Settings, Tls, Verdict};
use wcs_hooks_protocol::{HookContext, Object, Outcome};

use crate::backend::{http, read_request};

type Issuer = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Issuer {
    let mut params = CertificateParams::new([]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A certificate and its key, in PEM.
fn issued(issuer: &Issuer, name: &str) -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new([name.to_owned()]).unwrap().signed_by(&key, issuer).unwrap();
    (certificate.pem(), key.serialize_pem())
}

/// Serves HTTPS; gives the URL.
async fn server(issuer: &Issuer, name: &str, asks_clients: bool) -> String {
    let (certificate, key) = issued(issuer, name);
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(issuer.pem().as_bytes()).unwrap()).unwrap();
    let builder = if asks_clients {
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
        builder.with_client_cert_verifier(verifier.build().unwrap())
    } else {
        builder.with_no_client_auth()
    };
    let chain = vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(builder.with_single_cert(chain, key).unwrap()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(serve(listener, acceptor));
    format!("https://localhost:{port}")
}

async fn serve(listener: TcpListener, acceptor: TlsAcceptor) {
    while let Ok((stream, _)) = listener.accept().await {
        let acceptor = acceptor.clone();
        tokio::spawn(async move {
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            while read_request(&mut stream).await.is_some() {
                stream.write_all(http("200 OK", "{}").as_bytes()).await.unwrap();
                stream.flush().await.unwrap();
            }
        });
    }
}

async fn call(tls: Tls, url: &str) -> Verdict {
    let dispatcher = Dispatcher::new(Settings::default(), HttpTransport::with_tls(tls).unwrap());
    let app = App::new("defaultApp", url).unwrap();
    let empty = Object::parse("{}").unwrap();
    dispatcher.send_raw(&app, HookContext::default(), "publishStream", &empty).await
}

fn assert_no_session(verdict: &Verdict) {
    let failure = verdict.failure().unwrap();
    assert_eq!((failure.kind(), verdict.attempts()), (FailureKind::Tls, 1), "{failure}");
    assert!(!failure.request_sent());
}

#[tokio::test]
async fn only_a_trusted_certificate_of_the_right_name_will_do() {
    let (ours, other) = (authority(), authority());
    let trusting = |issuer: &Issuer| Tls::trusting(issuer.pem().as_bytes()).unwrap();
    let url = server(&ours, "localhost", false).await;
    assert_eq!(call(trusting(&ours), &url).await.outcome(), Outcome::Accepted);
    assert_no_session(&call(trusting(&other), &url).await);
    assert_no_session(&call(Tls::default(), &url).await);
    let misnamed = server(&ours, "elsewhere", false).await;
    assert_no_session(&call(trusting(&ours), &misnamed).await);
}

#[tokio::test]
async fn a_server_that_asks_is_shown_the_clients_certificate() {
    let ours = authority();
    let url = server(&ours, "localhost", true).await;
    let (certificate, key) = issued(&ours, "wcs");
    let tls = Tls::trusting(ours.pem().as_bytes())
        .unwrap()
        .with_client_certificate(certificate.as_bytes(), key.as_bytes())
        .unwrap();
    assert_eq!(call(tls, &url).await.outcome(), Outcome::Accepted);
    let nameless = call(Tls::trusting(ours.pem().as_bytes()).unwrap(), &url).await;
    let failure = nameless.failure().unwrap();
    assert_eq!((failure.kind(), nameless.attempts()), (FailureKind::Tls, 1), "{failure}");
}

#[tokio::test]
async fn a_server_that_does_not_speak_tls_is_no_backend() {
    for answer in [Some(http("200 OK", "{}")), None] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut hello = [0; 5];
            tokio::io::AsyncReadExt::read_exact(&mut stream, &mut hello).await.unwrap();
            if let Some(answer) = answer {
                stream.write_all(answer.as_bytes()).await.unwrap();
                std::future::pending::<()>().await;
            }
            // Half closed, so that what was not read does not reset the connection.
            stream.shutdown().await.unwrap();
            tokio::io::copy(&mut stream, &mut tokio::io::sink()).await.unwrap();
        });
        assert_no_session(&call(Tls::trusting(authority().pem().as_bytes()).unwrap(), &url).await);
    }
}

#[test]
fn certificates_that_cannot_be_read_are_errors() {
    assert!(
        Tls::trusting(b"").unwrap_err().to_string().starts_with("cannot read a certificate or key in PEM")
    );
    let (certificate, _) = issued(&authority(), "wcs");
    let mismatched = Tls::default()
        .with_client_certificate(
            certificate.as_bytes(),
            KeyPair::generate().unwrap().serialize_pem().as_bytes(),
        )
        .unwrap();
    let error = HttpTransport::with_tls(mismatched).unwrap_err().to_string();
    assert!(error.starts_with("cannot use a certificate or key"), "{error}");
    assert!(Tls::default().with_client_certificate(certificate.as_bytes(), b"").is_err());
}
