//! Requests that are made before the clock runs, each with a body of its own: a server may answer twins from memory.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use wcs_hooks::{HookName, SigningKey};

use crate::servers::KEY;

/// The digits in the bodies that differ from request to request.
const SERIAL: &str = "000000000000";

/// The StreamStatusEvent that the vendor published in 2022; with `sdp`, as long as the captured publishStream.
pub(crate) fn stream_body(with_sdp: bool) -> String {
    let body = include_str!("bodies/stream_status_event.json").trim_end();
    if !with_sdp {
        return body.to_owned();
    }
    let line = r"a=candidate:1 1 udp 2122260223 192.168.1.102 56143 typ host\r\n";
    body.replacen(r#""audioCodec""#, &format!(r#""sdp":"{}","audioCodec""#, line.repeat(47)), 1)
}

/// A body with this serial number.
pub(crate) fn numbered(body: &str, number: usize) -> String {
    body.replacen(SERIAL, &format!("{number:012x}"), 1)
}

/// The end of a session.
pub(crate) fn disconnect_body() -> &'static str {
    include_str!("bodies/disconnected.json").trim_end()
}

/// Signed requests, taken in turn by all connections and from the start again behind the last one.
#[derive(Clone)]
pub(crate) struct Requests {
    requests: Arc<[Box<[u8]>]>,
    next: Arc<AtomicUsize>,
}

impl Requests {
    /// `count` requests that differ in the body's serial number.
    pub(crate) fn new(hook: HookName, body: &str, count: usize) -> Self {
        let key = SigningKey::new(&KEY.into());
        let requests = (0..count).map(|number| request(hook, &numbered(body, number), &key)).collect();
        Self { requests, next: Arc::default() }
    }

    pub(crate) fn next(&self) -> &[u8] {
        let next = self.next.fetch_add(1, Ordering::Relaxed);
        &self.requests[next % self.requests.len()]
    }

    /// The next one, until each has been taken once.
    pub(crate) fn next_new(&self) -> Option<&[u8]> {
        let next = self.next.fetch_add(1, Ordering::Relaxed);
        self.requests.get(next).map(|request| &**request)
    }
}

/// The request, signed; whoever does not check the signature does not read it.
fn request(hook: HookName, body: &str, key: &SigningKey) -> Box<[u8]> {
    let head = format!(
        "POST /app/{hook} HTTP/1.1\r\nAccept: application/json, application/*+json\r\n\
         Content-Type: application/json;charset=UTF-8\r\nUser-Agent: Java/1.8.0_111\r\nHost: 127.0.0.1\r\n\
         Connection: keep-alive\r\nAuthorization: {}\r\nContent-Length: {}\r\n\r\n",
        key.sign(body.as_bytes()),
        body.len()
    );
    (head + body).into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_request_has_a_body_of_its_own_of_the_same_length() {
        for (hook, body) in [
            (HookName::StreamStatus, stream_body(false)),
            (HookName::PublishStream, stream_body(true)),
            (HookName::ConnectionStatus, disconnect_body().to_owned()),
        ] {
            let requests = Requests::new(hook, &body, 3);
            let [first, second, third] = [(); 3].map(|()| requests.next().to_owned());
            assert!(first != second && second != third && first != third, "{hook}");
            assert!(first.len() == second.len() && first.len() == third.len(), "{hook}");
            assert_eq!(requests.next(), first, "{hook}");
            assert_eq!(requests.next_new(), None, "{hook}");
        }
    }
}
