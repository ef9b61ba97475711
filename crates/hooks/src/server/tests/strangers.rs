//! Peers from whose addresses no valid call has come.

use super::*;
use crate::{HookName, server::places::Standing};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];
const PING: &[u8] = &[0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8];
/// `:method: GET`, with neither END_HEADERS nor END_STREAM.
const HEAD_BEGINS: &[u8] = &[0, 0, 1, 1, 0, 0, 0, 0, 1, 0x82];
/// `:method: GET`, `:scheme: http`, `:path: /`, and that was all.
const GET: &[u8] = &[0, 0, 3, 1, 5, 0, 0, 0, 1, 0x82, 0x86, 0x84];

#[expect(clippy::unnecessary_wraps, reason = "as those have it that it is given to")]
fn peer(last: u8) -> Option<IpAddr> {
    Some([192, 0, 2, last].into())
}

impl Client {
    /// How long it is served, while it sends this every two seconds.
    async fn ends_after(&mut self, bytes: &[u8]) -> Duration {
        let (start, mut buffer) = (Instant::now(), [0; 1024]);
        loop {
            let until = Instant::now() + Duration::from_secs(2);
            while let Ok(read) = tokio::time::timeout_at(until, self.pipe.read(&mut buffer)).await {
                if read.unwrap_or(0) == 0 {
                    return start.elapsed();
                }
            }
            if self.pipe.write_all(bytes).await.is_err() {
                return start.elapsed();
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn http2_without_a_head_has_the_time_of_a_head() {
    for (begins, goes_on) in [
        (vec![PREFACE], &b""[..]),
        (vec![PREFACE, SETTINGS], b""),
        (vec![PREFACE, SETTINGS], PING),
        (vec![PREFACE, SETTINGS, HEAD_BEGINS], b""),
        // In one that goes on nothing else may stand between.
        (vec![PREFACE, SETTINGS, HEAD_BEGINS], &[0, 0, 0, 9, 0, 0, 0, 0, 1]),
    ] {
        for peer in [None, peer(1)] {
            let shared = shared(ServerSettings::default());
            let mut client = Client::connect_from(&shared, peer);
            client.pipe.write_all(&begins.concat()).await.unwrap();
            let after = client.ends_after(goes_on).await;
            assert!(after <= Duration::from_secs(10), "{after:?} {begins:?} {goes_on:?}");
            assert_eq!(shared.places.taken(), 0);
            assert_eq!(shared.backend.shared.body_memory.taken(), 0);
        }
    }
}

/// It takes no part in the end: it answers no ping, and asks on and on.
#[tokio::test(start_paused = true)]
async fn a_stranger_that_is_turned_away_is_closed_in_http2_too() {
    for (peer, bytes, within) in [(peer(1), PING, 3), (peer(1), GET, 3), (None, PING, 80)] {
        let shared = shared(ServerSettings::default());
        let mut client = Client::connect_from(&shared, peer);
        client.pipe.write_all(&[PREFACE, SETTINGS, GET].concat()).await.unwrap();
        let after = client.ends_after(bytes).await.as_secs();
        assert!(after <= within && (after > 3) == (within > 3), "{after} s");
        assert_eq!(shared.places.taken(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_stranger_that_is_turned_away_is_closed_and_one_that_has_proved_itself_is_not() {
    let shared = shared(ServerSettings::default());
    let get = "GET /x HTTP/1.1\r\nHost: b\r\n\r\n";
    let mut client = Client::connect_from(&shared, peer(1));
    client.send(get).await;
    let answer = client.receive().await;
    assert!(answer.starts_with("HTTP/1.1 405 ") && answer.contains("connection: close"), "{answer}");
    assert_eq!(client.closed_after().await, Duration::ZERO);

    let mut client = Client::connect_from(&shared, peer(1));
    for (request, status) in [(request(HookName::Connect), "200"), (get.into(), "405"), (get.into(), "405")] {
        client.send(&request).await;
        let answer = client.receive().await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")) && !answer.contains("connection"),
            "{answer}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_without_one_host_is_refused() {
    let with_hosts = |hosts| request(HookName::Connect).replace("Host: b\r\n", hosts);
    for (hosts, status) in
        [("Host: b\r\n", 200), ("", 400), ("Host: b\r\nHost: b\r\n", 400), ("Host: a b\r\n", 400)]
    {
        let shared = shared(ServerSettings::default());
        let mut client = Client::connect_from(&shared, peer(1));
        client.send(&with_hosts(hosts)).await;
        let answer = client.receive().await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{hosts:?} {answer}");
        let no_host = shared.backend.metrics().value("wcs_hooks_turned_away", &[("reason", "no_host")]);
        assert_eq!(no_host, Some(u64::from(status == 400)));
    }
    let shared = shared(ServerSettings::default());
    let mut client = Client::connect(&shared);
    client.send(&with_hosts("").replace("HTTP/1.1", "HTTP/1.0")).await;
    assert!(client.receive().await.starts_with("HTTP/1.0 200 "));
}

/// Neighbours of one IPv6 network are one address; those that have proved themselves find a place.
#[tokio::test(start_paused = true)]
async fn strangers_share_some_of_the_places() {
    let shared = shared(ServerSettings { unauthenticated_connections: 8, ..ServerSettings::default() });
    let neighbour = |last: u16| Some(IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, last]));
    let mut known = Client::connect_from(&shared, peer(1));
    known.send(&request(HookName::Connect)).await;
    assert!(known.receive().await.starts_with("HTTP/1.1 200 OK\r\n"));

    let flood: Vec<_> = (0..20).map(|last| Client::connect_from(&shared, neighbour(last))).collect();
    assert_eq!((shared.places.taken(), shared.counts.too_many_unauthenticated.get()), (1 + 4, 16));
    let more: Vec<_> = (0..20).map(|_| Client::connect_from(&shared, peer(1))).collect();
    assert_eq!(shared.places.taken(), 1 + 4 + 20);

    // One that proves itself leaves the strangers' places to others of them.
    let mut newcomer = Client::connect_from(&shared, peer(2));
    newcomer.send(&request(HookName::Connect)).await;
    assert!(newcomer.receive().await.starts_with("HTTP/1.1 200 OK\r\n"));
    for last in 3..=4 {
        let mut stranger = Client::connect_from(&shared, peer(last));
        stranger.send("GET /x HTTP/1.1\r\nHost: b\r\n\r\n").await;
        assert!(stranger.receive().await.starts_with("HTTP/1.1 405 "));
    }
    drop((flood, more, known, newcomer));
    shared.places.until(|taken| taken == 0).await;
    assert!((0..4).all(|last| {
        shared.places.take(peer(last), Standing::Unauthenticated, &ServerSettings::default()).is_ok()
    }));
}

/// Its streams would be memory that nobody has reserved.
#[tokio::test(start_paused = true)]
async fn http2_connections_of_strangers_are_of_the_memory_for_bodies() {
    let shared = shared(ServerSettings::default());
    let mut all = shared.backend.shared.body_memory.reservation(None);
    assert!(all.resize(64 << 20));
    for (peer, is_served) in [(peer(1), false), (None, true)] {
        let mut client = Client::connect_from(&shared, peer);
        client.pipe.write_all(&[PREFACE, SETTINGS].concat()).await.unwrap();
        assert_eq!(client.pipe.read(&mut [0; 100]).await.unwrap() > 0, is_served);
    }
    assert_eq!(shared.counts.too_many_unauthenticated.get(), 1);
}
