use std::net::Ipv4Addr;

use super::*;

const AT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 5000);
const CANDIDATE: &str = "a=candidate:1 1 udp 2130706431 127.0.0.1 5000 typ host\r\n";

#[test]
fn the_first_medium_that_is_not_rejected_gets_the_candidate() {
    let cases = [
        ("v=0\r\nm=audio 9 X\r\na=mid:0\r\nm=video 9 X\r\na=mid:1\r\n", "m=video 9"),
        ("v=0\r\nm=audio 0 X\r\na=mid:0\r\nm=video 9 X\r\na=mid:1\r\nm=application 9 X\r\n", "m=application"),
        ("v=0\r\nm=audio 0 X\r\nm=video 0 X\r\nm=application 9 X\r\n", ""),
    ];
    for (sdp, before) in cases {
        let expected = match before {
            "" => format!("{sdp}{CANDIDATE}"),
            before => sdp.replace(before, &format!("{CANDIDATE}{before}")),
        };
        assert_eq!(with_candidate(sdp, AT), expected);
    }
}

#[test]
fn what_has_no_medium_stays_as_it_is() {
    for sdp in ["", "v=0\r\n", "m=audio 0 X\r\n", "not an SDP"] {
        assert_eq!(with_candidate(sdp, AT), sdp);
    }
}

#[test]
fn a_last_line_without_an_end_gets_one() {
    assert_eq!(with_candidate("m=audio 9 X", AT), format!("m=audio 9 X\r\n{CANDIDATE}"));
}

/// A browser's socket that has shown itself to the relay.
async fn browser(relay: &Relay, end: End) -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let sdp = relay.sdp_for(end, "m=audio 9 X\r\n");
    let candidate = sdp.lines().last().unwrap();
    let port = candidate.split(' ').nth(5).unwrap();
    socket.connect(format!("127.0.0.1:{port}")).await.unwrap();
    socket
}

async fn receive(socket: &UdpSocket) -> Vec<u8> {
    let mut datagram = vec![0; LARGEST_DATAGRAM];
    let length = socket.recv(&mut datagram).await.unwrap();
    datagram.truncate(length);
    datagram
}

const OFFER: &str = "a=ice-ufrag:hers\r\n";
const OF_OFFERER: &[u8] = b"his:hers";
const OF_ANSWERER: &[u8] = b"hers:his";

async fn open() -> Relay {
    Relay::open(Ipv4Addr::LOCALHOST.into(), OFFER).await.unwrap()
}

fn check(username: &[u8]) -> Vec<u8> {
    stun::binding_request(&[(6, username)])
}

/// Sends until it arrives: what comes before the relay knows where the other is, is lost.
async fn get_across(from: &UdpSocket, datagram: &[u8], to: &UdpSocket) {
    loop {
        from.send(datagram).await.unwrap();
        tokio::select! {
            received = receive(to) => if received == datagram { return },
            () = tokio::task::yield_now() => {}
        }
    }
}

#[tokio::test]
async fn datagrams_go_both_ways() {
    let relay = open().await;
    let offerer = browser(&relay, End::Offerer).await;
    let answerer = browser(&relay, End::Answerer).await;
    offerer.send(&check(OF_OFFERER)).await.unwrap();
    get_across(&answerer, &check(OF_ANSWERER), &offerer).await;
    get_across(&offerer, b"answer", &answerer).await;
    get_across(&answerer, b"media", &offerer).await;
}

/// What comes to a port from its browser and from a stranger, one after the other.
#[tokio::test]
async fn strangers_move_no_call_and_are_not_passed_on() {
    for stranger_sends in [b"media".to_vec(), check(b"hers:hers"), check(b"his:hers"), check(b"hers")] {
        let relay = open().await;
        let (offerer, answerer) = (browser(&relay, End::Offerer).await, browser(&relay, End::Answerer).await);
        let stranger = browser(&relay, End::Answerer).await;
        offerer.send(&check(OF_OFFERER)).await.unwrap();
        get_across(&answerer, &check(OF_ANSWERER), &offerer).await;
        let is_known = stranger_sends == check(b"hers:hers");
        stranger.send(&stranger_sends).await.unwrap();
        answerer.send(b"last").await.unwrap();
        let mut passed_on = Vec::new();
        while passed_on.last().is_none_or(|datagram| datagram != b"last") {
            passed_on.push(receive(&offerer).await);
        }
        assert_eq!(passed_on.contains(&stranger_sends), is_known, "{stranger_sends:?}");
        get_across(&offerer, b"to the browser", &answerer).await;
    }
}

#[tokio::test]
async fn a_browser_has_so_many_addresses_and_forgets_the_oldest() {
    let mut port = Port::open(AT.ip(), End::Offerer, stun::ufrags(OFFER)).await.unwrap();
    let at = |port| SocketAddr::new(AT.ip(), port);
    for number in 0..=16 {
        assert!(!port.knows(at(number), b"media"));
        assert!(port.knows(at(number), &check(OF_OFFERER)));
        assert!(port.knows(at(number), b"media"));
    }
    assert!(!port.knows(at(0), b"media"));
    assert_eq!(port.known.len(), ADDRESSES);
}

#[tokio::test]
async fn its_ports_are_closed_with_it() {
    let relay = open().await;
    let port = relay.offerers;
    drop(relay);
    while UdpSocket::bind(port).await.is_err() {
        tokio::task::yield_now().await;
    }
}
