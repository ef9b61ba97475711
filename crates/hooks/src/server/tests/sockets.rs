use std::{fs, os::unix::net::UnixListener as Foreign};

use tokio::net::{TcpStream, UnixStream};

use super::*;
use crate::{HookName, Listen, server::ServerError};

fn settings(listen: &str) -> ServerSettings {
    ServerSettings { listen: vec![listen.parse().unwrap()], ..ServerSettings::default() }
}

#[tokio::test]
async fn it_serves_tcp_until_it_is_told_to_stop() {
    let server = Server::new(backend()).settings(settings("127.0.0.1:0")).bind().unwrap();
    let (handle, addresses) = (server.handle(), server.addresses());
    let [Listen::Tcp(address)] = addresses[..] else { panic!("{addresses:?}") };
    assert_eq!(server.urls(), [format!("http://{address}")]);
    let running = tokio::spawn(server.run_until(pending()));
    let mut client = TcpStream::connect(address).await.unwrap();
    client.write_all(request(HookName::PushLogs).as_bytes()).await.unwrap();
    let mut buffer = vec![0; 4096];
    let length = client.read(&mut buffer).await.unwrap();
    let answer = String::from_utf8_lossy(&buffer[..length]);
    assert!(answer.ends_with(r#""peer":"127.0.0.1"}"#), "{answer}");
    assert!(handle.is_ready());
    assert_eq!(handle.counts().open, 1);
    handle.stop();
    assert!(!handle.is_ready());
    assert_eq!(running.await.unwrap().cut, 0);
    assert_eq!(client.read(&mut buffer).await.unwrap(), 0);
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn who_comes_in_the_delay_of_the_drain_is_let_in() {
    let mut settings = settings("127.0.0.1:0");
    settings.drain_delay = Duration::from_mins(10);
    let server = Server::new(backend()).settings(settings).bind().unwrap();
    let [Listen::Tcp(address)] = server.addresses()[..] else { panic!() };
    let handle = server.handle();
    let running = tokio::spawn(server.run_until(pending()));
    handle.stop();
    assert!(!handle.is_ready());
    for _ in 0..3 {
        let mut client = answered(address).await;
        let mut rest = String::new();
        client.read_to_string(&mut rest).await.unwrap();
        assert!(rest.contains("connection: close"), "{rest}");
    }
    handle.stop_now();
    assert_eq!(running.await.unwrap().cut, 0);
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_unix_socket_is_served_and_removed() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("hooks.sock");
    // Left by a process that was killed.
    drop(Foreign::bind(&path).unwrap());
    let listen = format!("unix:{}", path.display());
    let server = Server::new(backend()).settings(settings(&listen)).bind().unwrap();
    assert_eq!(server.urls(), [&*listen]);

    let taken = Server::new(backend()).settings(settings(&listen)).bind().unwrap_err();
    assert_eq!(taken.to_string(), format!("cannot listen at {listen}: another process listens there"));

    let handle = server.handle();
    let running = tokio::spawn(server.run_until(pending()));
    let mut client = UnixStream::connect(&path).await.unwrap();
    client.write_all(request(HookName::PushLogs).as_bytes()).await.unwrap();
    let mut buffer = vec![0; 4096];
    let length = client.read(&mut buffer).await.unwrap();
    assert!(String::from_utf8_lossy(&buffer[..length]).ends_with(r#""peer":"none"}"#));
    handle.stop();
    assert_eq!(running.await.unwrap().cut, 0);
    assert!(!path.exists());
}

#[tokio::test]
async fn a_file_that_is_no_socket_stays() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("notes");
    fs::write(&path, "keep me").unwrap();
    let settings = settings(&format!("unix:{}", path.display()));
    let error = Server::new(backend()).settings(settings).bind().unwrap_err();
    assert!(matches!(error, ServerError::CannotListen { .. }), "{error}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "keep me");
}

#[tokio::test(start_paused = true)]
async fn an_address_has_so_many_connections_and_no_more() {
    let shared = shared(ServerSettings { connections_per_address: 2, ..ServerSettings::default() });
    let peer = |last| Some([192, 0, 2, last].into());
    let _kept = [Client::connect_from(&shared, peer(1)), Client::connect_from(&shared, peer(1))];
    let mut third = Client::connect_from(&shared, peer(1));
    assert_eq!(third.closed_after().await, Duration::ZERO);
    let mut other = Client::connect_from(&shared, peer(2));
    other.send(&request(HookName::Connect)).await;
    assert!(other.receive().await.starts_with("HTTP/1.1 200 OK\r\n"));
    assert_eq!(shared.counts.too_many_of_address.get(), 1);
}

#[tokio::test]
async fn past_the_cap_connections_wait_until_one_leaves() {
    let mut settings = settings("127.0.0.1:0");
    settings.connections = 1;
    let server = Server::new(backend()).settings(settings).bind().unwrap();
    let [Listen::Tcp(address)] = server.addresses()[..] else { panic!() };
    let handle = server.handle();
    let running = tokio::spawn(server.run_until(pending()));
    let mut first = TcpStream::connect(address).await.unwrap();
    let mut second = TcpStream::connect(address).await.unwrap();
    let mut buffer = vec![0; 4096];
    for (client, accepted) in [(&mut first, 1), (&mut second, 2)] {
        client.write_all(request(HookName::Connect).as_bytes()).await.unwrap();
        assert!(client.read(&mut buffer).await.unwrap() > 0);
        assert_eq!(handle.counts().accepted, accepted);
        client.shutdown().await.unwrap();
    }
    handle.stop();
    assert_eq!(running.await.unwrap().cut, 0);
}

/// A new process takes over from the old one without a moment in which nobody listens.
#[tokio::test]
async fn two_servers_share_a_port_if_both_are_told_to() {
    let listening = |listen: &str, reuse_port| {
        let settings = ServerSettings { reuse_port, ..settings(listen) };
        Server::new(backend()).settings(settings).bind()
    };
    let old = listening("127.0.0.1:0", true).unwrap();
    let [Listen::Tcp(address)] = old.addresses()[..] else { panic!() };
    let alone = listening(&address.to_string(), false).unwrap_err();
    assert!(matches!(alone, ServerError::CannotListen { .. }), "{alone}");
    let new = listening(&address.to_string(), true).unwrap();

    let handles = [old.handle(), new.handle()];
    let [old, new] = [old, new].map(|server| tokio::spawn(server.run_until(pending())));
    let mut clients = Vec::new();
    // The kernel draws who gets a connection.
    while handles.iter().any(|handle| handle.counts().accepted == 0) {
        assert!(clients.len() < 200, "one of them gets none");
        clients.push(answered(address).await);
    }
    handles[0].stop();
    assert_eq!(old.await.unwrap().cut, 0);
    let accepted = handles[1].counts().accepted;
    for more in 1..=10 {
        answered(address).await;
        assert_eq!(handles[1].counts().accepted, accepted + more);
    }
    handles[1].stop();
    assert_eq!(new.await.unwrap().cut, 0);
}

/// A connection on which a hook has been answered.
async fn answered(address: std::net::SocketAddr) -> TcpStream {
    let mut client = TcpStream::connect(address).await.unwrap();
    client.write_all(request(HookName::Connect).as_bytes()).await.unwrap();
    let mut start = [0; 15];
    client.read_exact(&mut start).await.unwrap();
    assert_eq!(start, *b"HTTP/1.1 200 OK");
    client
}
