//! Ten thousand connections that are kept open.

use wcs_hooks_protocol::HookName;

use super::{
    child::{Child, is_child, raise_limit, serve},
    raw::{Raw, request, until},
    server::{Seen, anyone, here, hooks, patient},
};

const CONNECTIONS: usize = 10_000;
/// What else a process has open.
const SPARE: u64 = 500;
/// It is about 16 KiB here; builds and allocators differ.
const MOST_PER_CONNECTION: usize = 40 * 1024;

#[tokio::test]
async fn ten_thousand_idle_connections_are_served_and_small() {
    if is_child() {
        raise_limit();
        let mut settings = patient(here());
        settings.connections_per_address = CONNECTIONS * 2;
        serve(hooks(&Seen::default()), settings, anyone()).await;
    }
    let allowed = raise_limit().saturating_sub(SPARE);
    let connections = CONNECTIONS.min(usize::try_from(allowed).unwrap());
    let child = Child::of_test("faults::idle::ten_thousand_idle_connections_are_served_and_small").await;
    let connect = request(HookName::Connect, "x");
    let mut first = Raw::connect(child.address).await;
    assert_eq!(first.ask(&connect).await.status, 200);
    let (descriptors, memory) = (child.descriptors(), child.memory());

    let mut clients = Vec::new();
    for _ in 0..connections {
        let mut client = Raw::connect(child.address).await;
        assert_eq!(client.ask(&connect).await.status, 200);
        clients.push(client);
    }
    assert_eq!(child.descriptors(), descriptors + connections);
    let each = child.memory().saturating_sub(memory) / connections;
    println!("{connections} idle connections of {CONNECTIONS}: {each} bytes each, of the server's memory");
    assert!(each <= MOST_PER_CONNECTION, "{each} bytes for each connection");

    for client in &mut clients {
        assert_eq!(client.ask(&connect).await.status, 200);
    }
    drop(clients);
    until("the end of all connections", || child.descriptors() == descriptors).await;
    child.stop_in_order().await;
}
