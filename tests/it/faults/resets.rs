//! A connection that is reset, at every byte of a request.

use wcs_hooks_protocol::HookName;

use super::{
    child::{Child, is_child, serve},
    raw::{Raw, head, request, until},
    server::{Seen, Served, anyone, here, hooks, patient},
};

/// A body with its length before it, and one in chunks.
fn requests() -> [String; 2] {
    let chunks = "Transfer-Encoding: chunked\r\n\r\n8\r\n{\"name\":\r\n4\r\n\"x\"}\r\n0\r\n\r\n";
    [request(HookName::PublishStream, "x"), format!("{}{chunks}", head(HookName::PublishStream))]
}

/// The server finds the connection reset while it waits, and while it has not yet read what has come.
#[tokio::test]
async fn nothing_is_handled_that_has_not_come_whole_and_nothing_is_left() {
    for request in requests() {
        let served = Served::start(here());
        // A peer that has not proved itself would be turned away after some of them.
        let mut first = served.connect().await;
        assert_eq!(first.ask(&request).await.status, 200);
        drop(first);
        served.is_empty().await;
        for length in 0..request.len() {
            let (mut waited_for, mut unread) = (served.connect().await, served.connect().await);
            waited_for.send(&request[..length]).await;
            until("both connections", || served.counts().accepted == 2 * length as u64 + 3).await;
            waited_for.reset();
            unread.send(&request[..length]).await;
            unread.reset();
            served.is_empty().await;
        }
        assert_eq!((served.seen.published(), served.backend.in_flight()), (1, 0));
        let mut whole = served.connect().await;
        assert_eq!(whole.ask(&request).await.status, 200);
        whole.send(&request).await;
        whole.reset();
        served.is_empty().await;
        assert!(served.seen.published() <= 3, "{}", served.seen.published());
        served.stop_in_order().await;
    }
}

#[tokio::test]
async fn no_file_descriptor_is_left() {
    if is_child() {
        serve(hooks(&Seen::default()), patient(here()), anyone()).await;
    }
    let child = Child::of_test("faults::resets::no_file_descriptor_is_left").await;
    let mut first = Raw::connect(child.address).await;
    let [request, _] = requests();
    assert_eq!(first.ask(&request).await.status, 200);
    let before = child.descriptors();
    for length in 0..=request.len() {
        let mut client = Raw::connect(child.address).await;
        client.send(&request[..length]).await;
        client.reset();
    }
    assert_eq!(first.ask(&request).await.status, 200);
    until("the end of all connections", || child.descriptors() == before).await;
    child.stop_in_order().await;
}
