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
    let relay = Relay::open(Ipv4Addr::LOCALHOST.into()).await.unwrap();
    let offerer = browser(&relay, End::Offerer).await;
    let answerer = browser(&relay, End::Answerer).await;
    offerer.send(b"here I am").await.unwrap();
    get_across(&answerer, b"check", &offerer).await;
    get_across(&offerer, b"answer", &answerer).await;
}

#[tokio::test]
async fn its_ports_are_closed_with_it() {
    let relay = Relay::open(Ipv4Addr::LOCALHOST.into()).await.unwrap();
    let port = relay.offerers;
    drop(relay);
    while UdpSocket::bind(port).await.is_err() {
        tokio::task::yield_now().await;
    }
}
