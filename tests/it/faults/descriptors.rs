//! A process that has no file descriptor left.

use wcs_hooks_protocol::HookName;

use super::{
    child::{Child, is_child, serve},
    raw::{Raw, request, until},
    server::{Seen, anyone, here, hooks, patient},
};

const ALLOWED: u64 = 64;
const CLIENTS: usize = 200;

/// Those that it has no descriptors for wait, and are served as others leave.
#[tokio::test]
async fn connections_wait_for_descriptors() {
    if is_child() {
        rlimit::setrlimit(rlimit::Resource::NOFILE, ALLOWED, ALLOWED).unwrap();
        serve(hooks(&Seen::default()), patient(here()), anyone()).await;
    }
    let child = Child::of_test("faults::descriptors::connections_wait_for_descriptors").await;
    let mut clients = Vec::new();
    for _ in 0..CLIENTS {
        let mut client = Raw::connect(child.address).await;
        client.send(request(HookName::Connect, "x")).await;
        clients.push(client);
    }
    until("all descriptors taken", || child.descriptors() as u64 >= ALLOWED - 1).await;
    for mut client in clients {
        assert_eq!(client.answer().await.unwrap().status, 200);
    }
    child.stop_in_order().await;
}
