//! Sockets, and TLS on them.

use std::sync::Arc;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::{ClientConfig, RootCertStore, ServerConfig, pki_types::PrivateKeyDer};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_tungstenite::client_async;

use crate::support::{Client, Reply, World};

fn configs() -> (Arc<ServerConfig>, Arc<ClientConfig>) {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(cert.der().clone()).unwrap();
    let server = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], PrivateKeyDer::Pkcs8(signing_key.serialize_der().into()));
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    (Arc::new(server.unwrap()), Arc::new(client))
}

#[tokio::test]
async fn a_client_connects_by_wss_while_another_never_shakes_hands() {
    let world = World::with(|_, _| Reply::Echo);
    let (server, config) = configs();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let gateway = world.gateway.clone();
    let serving = tokio::spawn(async move { gateway.serve_tls(listener, server).await });
    let _silent = TcpStream::connect(address).await.unwrap();

    let stream = TcpStream::connect(address).await.unwrap();
    let stream = TlsConnector::from(config).connect("localhost".try_into().unwrap(), stream).await.unwrap();
    let (socket, _) = client_async("wss://localhost/", stream).await.unwrap();
    let mut client = Client { socket };
    client.send("connection", json!({ "origin": "https://not.from.the.handshake" })).await;
    assert_eq!(client.line().await, "getUserData ESTABLISHED");
    assert!(world.backend.last("connect").get("origin").is_none());
    client.send("ping", Value::Null).await;
    assert_eq!(client.line().await, "pong");
    assert!(world.gateway.stop().await);
    serving.await.unwrap().unwrap();
}
