//! What is no request, or one without an end, at full speed.

use wcs_hooks::DEFAULT_BODY_LIMIT;
use wcs_hooks_protocol::HookName;

use super::{
    raw::{head, request},
    server::{Served, here},
};

/// The first bytes of a TLS handshake.
const CLIENT_HELLO: &[u8] = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n";

/// What is sent, and the statuses of what is answered until it is closed.
fn cases() -> Vec<(&'static str, Vec<u8>, &'static [u16])> {
    let publish = head(HookName::PublishStream);
    let whole = request(HookName::Connect, "x");
    vec![
        ("zeros", vec![0; 1000], &[400]),
        ("a TLS handshake", CLIENT_HELLO.to_vec(), &[400]),
        ("an old version", b"POST /connect\r\n\r\n".to_vec(), &[400]),
        ("another protocol", b"SSH-2.0-OpenSSH_9.2\r\n\r\n".to_vec(), &[400]),
        ("a path of 100 KiB", format!("POST /{}", "x".repeat(100 << 10)).into(), &[431]),
        ("a header of 100 KiB", format!("{publish}x: {}", "x".repeat(100 << 10)).into(), &[431]),
        ("1000 headers", format!("{publish}{}\r\n", "a: b\r\n".repeat(1000)).into(), &[431]),
        ("a length that is none", format!("{publish}Content-Length: many\r\n\r\n").into(), &[400]),
        ("a negative length", format!("{publish}Content-Length: -1\r\n\r\n").into(), &[400]),
        (
            "two lengths",
            format!("{publish}Content-Length: 1\r\nContent-Length: 2\r\n\r\n{{}}").into(),
            &[400],
        ),
        ("a chunk that is none", format!("{publish}Transfer-Encoding: chunked\r\n\r\nzz\r\n").into(), &[400]),
        ("a body longer than it says", format!("{whole}{{}}{{}}\r\n\r\n").into(), &[200, 400]),
        (
            "a length beyond all limits",
            format!("{publish}Content-Length: 18446744073709551615\r\n\r\n").into(),
            &[431],
        ),
        ("a length of a terabyte", format!("{publish}Content-Length: 1099511627776\r\n\r\n").into(), &[413]),
    ]
}

#[tokio::test]
async fn what_is_no_request_is_turned_away_and_its_connection_closed() {
    let served = Served::start(here());
    for (what, sent, answered) in cases() {
        let mut client = served.connect().await;
        // The server may have seen enough before all is sent.
        let _ = client.try_send(&sent).await;
        let mut statuses = Vec::new();
        while let Some(answer) = client.answer().await {
            statuses.push(answer.status);
        }
        assert_eq!(statuses, answered, "{what}");
    }
    served.is_empty().await;
    assert_eq!(served.seen.published(), 0);
    served.stop_in_order().await;
}

/// A body in chunks that never ends, as fast as it is taken.
#[tokio::test]
async fn an_endless_body_is_answered_at_the_limit() {
    let served = Served::start(here());
    let mut client = served.connect().await;
    client.send(format!("{}Transfer-Encoding: chunked\r\n\r\n", head(HookName::PublishStream))).await;
    let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
    let mut sent = 0;
    while client.try_send(&chunk).await.is_ok() {
        sent += chunk.len();
        assert!(sent < 64 * DEFAULT_BODY_LIMIT, "it is read on and on");
    }
    served.is_empty().await;
    assert_eq!(served.seen.published(), 0);
    served.stop_in_order().await;
}

/// A caller that sends nothing more gets its answer all the same.
#[tokio::test]
async fn a_half_closed_connection_is_answered_if_the_request_is_whole() {
    let served = Served::start(here());
    let whole = request(HookName::PublishStream, "x");
    let mut client = served.connect().await;
    client.send(&whole).await;
    client.half_close().await;
    assert_eq!(client.answer().await.unwrap().status, 200);
    client.is_closed().await;
    let mut client = served.connect().await;
    client.send(&whole[..whole.len() - 1]).await;
    client.half_close().await;
    while client.answer().await.is_some_and(|answer| answer.status != 200) {}
    served.is_empty().await;
    assert_eq!(served.seen.published(), 1);
    served.stop_in_order().await;
}
