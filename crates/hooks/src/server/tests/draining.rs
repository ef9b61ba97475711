use super::*;
use crate::{HookName, server::stage};

#[tokio::test(start_paused = true)]
async fn idle_connections_end_at_once_and_hooks_in_flight_are_answered() {
    let shared = shared(ServerSettings::default());
    let mut idle = Client::connect(&shared);
    idle.send(&request(HookName::Connect)).await;
    idle.receive().await;
    let mut busy = Client::connect(&shared);
    busy.send(&request(HookName::PublishStream)).await;
    sleep(Duration::from_secs(1)).await;

    shared.stage.advance(stage::DRAINING);
    let draining = tokio::spawn({
        let shared = Arc::clone(&shared);
        async move { shared.drain().await }
    });
    assert_eq!(idle.closed_after().await, Duration::ZERO);
    let answer = busy.receive().await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains("connection: close"), "{answer}");
    assert_eq!(busy.closed_after().await, Duration::ZERO);
    assert_eq!(draining.await.unwrap().cut, 0);
}

#[tokio::test(start_paused = true)]
async fn a_head_on_its_way_is_answered_and_one_that_stops_does_not_hang() {
    let shared = shared(ServerSettings::default());
    let (mut arriving, mut stopped, mut kept) =
        (Client::connect(&shared), Client::connect(&shared), Client::connect(&shared));
    kept.send(&request(HookName::Connect)).await;
    kept.receive().await;
    let whole = request(HookName::Connect);
    for client in [&mut arriving, &mut stopped, &mut kept] {
        client.send(&whole[..20]).await;
    }
    sleep(Duration::from_millis(1)).await;
    shared.stage.advance(stage::DRAINING);
    sleep(Duration::from_millis(500)).await;
    for client in [&mut arriving, &mut kept] {
        client.send(&whole[20..]).await;
        assert!(client.receive().await.starts_with("HTTP/1.1 200 OK\r\n"));
    }
    assert!(stopped.closed_after().await <= Duration::from_millis(500));
    assert_eq!(shared.drain().await.cut, 0);
}

#[tokio::test(start_paused = true)]
async fn what_does_not_end_is_cut_and_counted() {
    let shared = shared(ServerSettings::default());
    let mut client = Client::connect(&shared);
    client.send(&request(HookName::PlayStream)).await;
    sleep(Duration::from_secs(1)).await;
    shared.stage.advance(stage::DRAINING);
    let start = Instant::now();
    assert_eq!(shared.drain().await.cut, 1);
    assert_eq!(start.elapsed(), Duration::from_secs(20));
    assert_eq!(client.closed_after().await, Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn whoever_cannot_wait_does_not() {
    let shared = shared(ServerSettings::default());
    let mut client = Client::connect(&shared);
    client.send(&request(HookName::PlayStream)).await;
    sleep(Duration::from_secs(1)).await;
    shared.stage.advance(stage::CUT);
    let start = Instant::now();
    assert_eq!(shared.drain().await.cut, 1);
    assert_eq!(start.elapsed(), Duration::ZERO);
}
