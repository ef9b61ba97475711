use super::*;
use crate::{HookName, server::stage};

#[tokio::test(start_paused = true)]
async fn quiet_connections_end_at_once_and_hooks_in_flight_are_answered() {
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

/// What a peer that asks without a pause sends next is on its way when the server stops: to close then would lose it.
#[tokio::test(start_paused = true)]
async fn a_connection_that_is_in_use_is_told_of_the_end_before_it_comes() {
    let shared = shared(ServerSettings::default());
    let (mut busy, mut falls_silent) = (Client::connect(&shared), Client::connect(&shared));
    for client in [&mut busy, &mut falls_silent] {
        client.send(&request(HookName::Connect)).await;
        assert!(!client.receive().await.contains("connection: close"));
    }
    shared.stage.advance(stage::DRAINING);
    sleep(Duration::from_millis(900)).await;
    busy.send(&request(HookName::Connect)).await;
    let answer = busy.receive().await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains("connection: close"), "{answer}");
    assert_eq!(busy.closed_after().await, Duration::ZERO);
    assert_eq!(falls_silent.closed_after().await, Duration::from_millis(100));
    assert_eq!((shared.drain().await.cut, shared.counts.idle.get()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn before_it_drains_it_serves_for_the_delay_and_each_answer_is_a_connections_last() {
    let settings = ServerSettings { drain_delay: Duration::from_secs(5), ..ServerSettings::default() };
    let shared = shared(settings);
    let (mut old, mut quiet) = (Client::connect(&shared), Client::connect(&shared));
    for client in [&mut old, &mut quiet] {
        client.send(&request(HookName::Connect)).await;
        client.receive().await;
    }
    sleep(Duration::from_secs(10)).await;
    let leaving = tokio::spawn({
        let shared = Arc::clone(&shared);
        async move {
            let start = Instant::now();
            shared.leave().await;
            (start.elapsed(), shared.stage.now())
        }
    });
    for seconds in 1..5 {
        sleep(Duration::from_secs(1)).await;
        let client = if seconds == 1 { &mut old } else { &mut Client::connect(&shared) };
        client.send(&request(HookName::Connect)).await;
        let answer = client.receive().await;
        assert!(
            answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains("connection: close"),
            "{answer}"
        );
        assert_eq!(client.closed_after().await, Duration::ZERO);
    }
    assert_eq!(leaving.await.unwrap(), (Duration::from_secs(5), stage::DRAINING));
    assert_eq!(quiet.closed_after().await, Duration::ZERO);
    assert_eq!(shared.drain().await.cut, 0);
}

#[tokio::test(start_paused = true)]
async fn whoever_cannot_wait_ends_the_delay_too() {
    let settings = ServerSettings { drain_delay: Duration::from_secs(5), ..ServerSettings::default() };
    let shared = shared(settings);
    let (mut idle, mut busy) = (Client::connect(&shared), Client::connect(&shared));
    idle.send(&request(HookName::Connect)).await;
    idle.receive().await;
    busy.send(&request(HookName::PlayStream)).await;
    sleep(Duration::from_secs(1)).await;
    let start = Instant::now();
    tokio::join!(shared.leave(), async {
        sleep(Duration::from_secs(1)).await;
        shared.stage.advance(stage::CUT);
    });
    // One has a hook in it; the idle one does not.
    assert_eq!((shared.drain().await.cut, start.elapsed()), (1, Duration::from_secs(1)));
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_not_taken_is_cut() {
    let shared = shared(ServerSettings::default());
    let mut client = Client::connect_by(duplex(1024), &shared, None);
    let name = "x".repeat(100_000);
    client.send(&request_of(HookName::Connect, &name)).await;
    sleep(Duration::from_secs(1)).await;
    shared.stage.advance(stage::CUT);
    assert_eq!(shared.drain().await.cut, 1);
}
