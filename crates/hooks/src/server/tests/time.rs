use super::*;
use crate::HookName;

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[tokio::test(start_paused = true)]
async fn a_head_has_its_time_however_it_trickles() {
    let shared = shared(ServerSettings::default());
    let mut silent = Client::connect(&shared);
    assert_eq!(silent.closed_after().await, seconds(10));

    let mut slow = Client::connect(&shared);
    for part in ["POST /x HTTP/1.1\r\n", "A: b\r\n", "C: d\r\n"] {
        slow.send(part).await;
        sleep(seconds(3)).await;
    }
    assert_eq!(slow.closed_after().await, seconds(1));
    assert_eq!(shared.counts.slow_heads.get(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_connection_is_kept_for_a_while_and_a_second_head_has_its_time_too() {
    let shared = shared(ServerSettings::default());
    let mut client = Client::connect(&shared);
    for _ in 0..3 {
        client.send(&request(HookName::Connect)).await;
        assert!(client.receive().await.starts_with("HTTP/1.1 200 OK\r\n"));
        sleep(seconds(70)).await;
    }
    assert_eq!(client.closed_after().await, seconds(5));
    assert_eq!(shared.counts.idle.get(), 1);

    let mut client = Client::connect(&shared);
    client.send(&request(HookName::Connect)).await;
    client.receive().await;
    sleep(seconds(60)).await;
    client.send("POST ").await;
    assert_eq!(client.closed_after().await, seconds(10));
    assert_eq!(shared.counts.slow_heads.get(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_body_has_its_time_and_the_caller_hears_that_it_is_over() {
    let shared = shared(ServerSettings::default());
    let mut client = Client::connect(&shared);
    let request = request(HookName::Connect);
    let (start, rest) = request.split_at(request.len() - 20);
    client.send(start).await;
    let began = Instant::now();
    for byte in rest.chars().take(3) {
        sleep(seconds(3)).await;
        client.send(&byte.to_string()).await;
    }
    let answer = client.receive().await;
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("connection: close"), "{answer}");
    assert_eq!(began.elapsed(), seconds(10));
    client.closed_after().await;
    assert_eq!(shared.counts.slow_bodies.get(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_handler_is_not_idle() {
    let mut settings = ServerSettings::default();
    (settings.head_timeout, settings.idle_timeout, settings.body_timeout) =
        (seconds(1), seconds(2), seconds(1));
    let shared = shared(settings);
    let mut client = Client::connect(&shared);
    client.send(&request(HookName::PublishStream)).await;
    assert!(client.receive().await.starts_with("HTTP/1.1 200 OK\r\n"));
    assert_eq!(client.closed_after().await, seconds(2));
}

#[tokio::test(start_paused = true)]
async fn a_time_beyond_all_clocks_is_no_limit() {
    let mut settings = ServerSettings::default();
    (settings.head_timeout, settings.idle_timeout, settings.body_timeout) =
        (Duration::MAX, Duration::MAX, Duration::MAX);
    let shared = shared(settings);
    let mut client = Client::connect(&shared);
    let request = request(HookName::Connect);
    for part in [&request[..10], &request[10..request.len() - 1], &request[request.len() - 1..]] {
        sleep(seconds(100_000)).await;
        client.send(part).await;
    }
    assert!(client.receive().await.starts_with("HTTP/1.1 200 OK\r\n"));
}
