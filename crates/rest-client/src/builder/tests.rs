use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::ErrorKind;

/// An authority, and a server's certificate of it with its key, in PEM.
fn certificates() -> (String, String, String) {
    let mut params = CertificateParams::new([]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate =
        CertificateParams::new(["127.0.0.1".to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    (authority.pem(), certificate.pem(), key.serialize_pem())
}

/// Serves HTTPS; gives the port.
async fn server(certificate: &str, key: &str) -> u16 {
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()],
            PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap(),
        )
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut request = [0; 1024];
            assert_ne!(stream.read(&mut request).await.unwrap(), 0);
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ntrue").await.unwrap();
        }
    });
    port
}

#[tokio::test]
async fn a_node_is_asked_over_tls_if_its_authority_is_trusted() {
    let (authority, certificate, key) = certificates();
    let port = server(&certificate, &key).await;
    let builder = RestClient::builder().https().port(port);
    let trusting = builder.clone().extra_ca(authority).build().unwrap();
    assert_eq!(trusting.node("n@127.0.0.1").unwrap().post("/x", &()).await.unwrap(), true);
    let error = builder.build().unwrap().node("n@127.0.0.1").unwrap().post("/x", &()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert!(error.to_string().contains("certificate"), "{error}");
}

#[test]
fn what_cannot_be_used_is_said_at_the_start_without_its_secrets() {
    for (builder, expected) in [
        (RestClient::builder().extra_ca("no certificate"), "extra_ca: there is no certificate in PEM in it"),
        (
            RestClient::builder().extra_ca("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
            "extra_ca: a certificate cannot be used: ",
        ),
        (
            RestClient::builder().node("n", "ftp://me:secret@h"),
            r#"node "n": "ftp://[hidden]@h": a URL must begin with http:// or https://"#,
        ),
    ] {
        let error = builder.build().unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn a_node_is_where_it_is_mapped_to_and_else_at_the_default_port() {
    let builder =
        RestClient::builder().node("a@10.0.0.1", "http://by-id").node("10.0.0.1", "http://by-address:1/x");
    let builder = builder.node("bare", "http://by-name");
    let https = builder.clone().https().build().unwrap();
    let only = builder.clone().only_mapped_nodes().build().unwrap();
    let client = builder.build().unwrap();
    for (node_id, url) in [
        ("a@10.0.0.1", "http://by-id/rest-api"),
        ("b@10.0.0.1", "http://by-address:1/x"),
        ("bare", "http://by-name/rest-api"),
    ] {
        for client in [&client, &https, &only] {
            assert_eq!(client.node(node_id).unwrap().url(), url);
        }
    }
    assert_eq!(client.node("b@10.0.0.2").unwrap().url(), "http://10.0.0.2:8081/rest-api");
    assert_eq!(https.node("b@10.0.0.2").unwrap().url(), "https://10.0.0.2:8444/rest-api");
    let error = only.node("b@10.0.0.2").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NodeId);
    assert!(error.to_string().contains("only nodes that RestClientBuilder::node names"), "{error}");
}

#[test]
fn a_node_id_is_quoted_in_part_and_credentials_are_not_printed() {
    let client = RestClient::builder().credentials("me", "S3CR3T").build().unwrap();
    let error = client.node(&"x".repeat(1 << 20)).unwrap_err().to_string();
    assert!(error.len() < 500, "{}", error.len());
    let error = client.node_at("http://me:S3CR3T@h?x").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Url);
    let printed =
        format!("{error} {error:?} {client:?} {:?}", RestClient::builder().credentials("me", "S3CR3T"));
    assert!(!printed.contains("S3CR3T"), "{printed}");
}
