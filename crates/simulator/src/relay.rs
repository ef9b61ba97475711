//! The way of the media between the two browsers of a call.
//!
//! The SDK sends its SDP before the browser has found any address of its own, and sends no candidate later: it counts on a
//! media server, whose SDP names one. So each browser is given a port here as the other's address, and what comes to one port
//! leaves by the other. It is passed on as it is: keys and codecs are between the browsers.

use std::{
    collections::VecDeque,
    io,
    net::{IpAddr, SocketAddr},
};

use tokio::{net::UdpSocket, task::JoinHandle};

mod stun;

#[cfg(test)]
mod tests;

/// More than any datagram of WebRTC, which stays below the MTU of a network.
const LARGEST_DATAGRAM: usize = 2048;
/// Addresses that a browser sends from: it has a socket for each network, and a router may give one other ports.
const ADDRESSES: usize = 16;

/// One of the two browsers: the caller offers, who is called answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Offerer,
    Answerer,
}

/// A port for either browser of a call. They are closed when it is dropped.
#[derive(Debug)]
pub(crate) struct Relay {
    offerers: SocketAddr,
    answerers: SocketAddr,
    passing: JoinHandle<()>,
}

impl Relay {
    /// Opens both ports, at an address of this machine that the browsers reach. They know each other by what is offered.
    pub(crate) async fn open(address: IpAddr, offer: &str) -> io::Result<Self> {
        let open = |end| Port::open(address, end, stun::ufrags(offer));
        let [offerer, answerer] = [open(End::Offerer).await?, open(End::Answerer).await?];
        let (offerers, answerers) = (offerer.socket.local_addr()?, answerer.socket.local_addr()?);
        Ok(Self { offerers, answerers, passing: tokio::spawn(pass(offerer, answerer)) })
    }

    /// The other's SDP as this end gets it.
    pub(crate) fn sdp_for(&self, end: End, sdp: &str) -> String {
        let port = match end {
            End::Offerer => self.offerers,
            End::Answerer => self.answerers,
        };
        with_candidate(sdp, port)
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.passing.abort();
    }
}

/// What one browser sends to.
struct Port {
    socket: UdpSocket,
    end: End,
    /// The `ice-ufrag`s of the offerer, which strangers do not know.
    ufrags: Vec<String>,
    /// Where checks of its browser came from.
    known: VecDeque<SocketAddr>,
    /// Where its last datagram came from: a browser tries several sockets, and stays with one.
    browser: Option<SocketAddr>,
}

impl Port {
    async fn open(address: IpAddr, end: End, ufrags: Vec<String>) -> io::Result<Self> {
        let socket = UdpSocket::bind((address, 0)).await?;
        Ok(Self { socket, end, ufrags, known: VecDeque::new(), browser: None })
    }

    /// Passes on a datagram that has come. It is lost if the other browser has not shown itself, or its buffers are full, as
    /// on any network.
    fn pass_on(&mut self, other: &Self, datagram: &mut [u8]) {
        let Ok((length, from)) = self.socket.try_recv_from(datagram) else { return };
        if !self.knows(from, &datagram[..length]) {
            return;
        }
        self.browser = Some(from);
        if let Some(to) = other.browser {
            let _ = other.socket.try_send_to(&datagram[..length], to);
        }
    }
}

impl Port {
    /// Whether an address is its browser's, which a check may show just now.
    fn knows(&mut self, from: SocketAddr, datagram: &[u8]) -> bool {
        if self.known.contains(&from) {
            return true;
        }
        let is_known = stun::username(datagram).is_some_and(|username| self.is_browsers(username));
        if is_known {
            if self.known.len() == ADDRESSES {
                self.known.pop_front();
            }
            self.known.push_back(from);
        }
        is_known
    }

    /// Whether a check with this USERNAME is of a browser that knows the offer. Its own `ice-ufrag` stands last.
    fn is_browsers(&self, username: &[u8]) -> bool {
        let Some(colon) = username.iter().position(|byte| *byte == b':') else { return false };
        let offerers = match self.end {
            End::Offerer => &username[colon + 1..],
            End::Answerer => &username[..colon],
        };
        self.ufrags.iter().any(|ufrag| ufrag.as_bytes() == offerers)
    }
}

async fn pass(mut offerer: Port, mut answerer: Port) {
    let mut datagram = [0; LARGEST_DATAGRAM];
    loop {
        tokio::select! {
            _ = offerer.socket.readable() => offerer.pass_on(&answerer, &mut datagram),
            _ = answerer.socket.readable() => answerer.pass_on(&offerer, &mut datagram),
        }
    }
}

/// The SDP with an address as host candidate of its first medium that is not rejected: the others are bundled with it.
fn with_candidate(sdp: &str, at: SocketAddr) -> String {
    let candidate = format!("a=candidate:1 1 udp 2130706431 {} {} typ host\r\n", at.ip(), at.port());
    let mut to_do = Some(candidate);
    let mut in_medium = false;
    let mut out = String::with_capacity(sdp.len() + 64);
    for line in sdp.split_inclusive('\n') {
        if line.starts_with("m=") {
            if in_medium {
                out.extend(to_do.take());
            }
            in_medium = !is_rejected(line);
        }
        out.push_str(line);
    }
    if in_medium {
        end_line(&mut out);
        out.extend(to_do);
    }
    out
}

/// `m=video 0 …`.
fn is_rejected(medium: &str) -> bool {
    medium.split(' ').nth(1) == Some("0")
}

fn end_line(text: &mut String) {
    if !text.ends_with('\n') {
        text.push_str("\r\n");
    }
}
