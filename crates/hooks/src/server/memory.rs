//! How much memory connections and bodies can take: [`MemoryBound`].

use std::fmt;

use super::ServerSettings;
use crate::{Limits, body_memory::of_unauthenticated};

/// What a connection takes at most in HTTP/1.1: the buffers that it reads into and writes from, a head, its task.
const CONNECTION: usize = 64 * 1024;
/// What one takes more in HTTP/2: its windows, the state of its streams, the table of headers.
pub(super) const MULTIPLEXED: usize = 192 * 1024;
/// What one takes more with TLS.
const TLS: usize = 64 * 1024;

/// What settings let peers take of the memory at most. `docs/operations.md` has the formula.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct MemoryBound {
    connections: usize,
    of_each: usize,
    unauthenticated_bodies: usize,
    bodies: usize,
}

impl MemoryBound {
    pub(crate) fn new(server: &ServerSettings, limits: &Limits) -> Self {
        Self {
            connections: server.shared_connections(),
            of_each: CONNECTION + server.tls.as_ref().map_or(0, |_| TLS),
            unauthenticated_bodies: of_unauthenticated(limits.body_memory),
            bodies: limits.body_memory,
        }
    }

    fn unauthenticated(&self) -> usize {
        self.connections.saturating_mul(self.of_each).saturating_add(self.unauthenticated_bodies)
    }
}

impl fmt::Display for MemoryBound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "memory: peers that have not proved themselves take at most {} ({} connections of {}, {} of bodies), all bodies that \
             are being read at most {}",
            Bytes(self.unauthenticated()),
            self.connections,
            Bytes(self.of_each),
            Bytes(self.unauthenticated_bodies),
            Bytes(self.bodies),
        )
    }
}

/// In whole KiB or MiB, rounded up.
struct Bytes(usize);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const KIB: usize = 1024;
        const MIB: usize = 1024 * KIB;
        if self.0 < MIB {
            write!(f, "{} KiB", self.0.div_ceil(KIB))
        } else {
            write!(f, "{} MiB", self.0.div_ceil(MIB))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TlsSettings;

    #[test]
    fn it_follows_from_the_settings() {
        let mut server = ServerSettings::default();
        let mut limits = Limits::default();
        assert_eq!(
            MemoryBound::new(&server, &limits).to_string(),
            "memory: peers that have not proved themselves take at most 96 MiB (1024 connections of 64 KiB, 32 MiB of \
             bodies), all bodies that are being read at most 64 MiB"
        );
        server.connections = 100;
        server.tls = Some(TlsSettings { certificate: "c".into(), key: "k".into(), client_ca: None });
        limits.body_memory = 500 * 1024;
        assert_eq!(
            MemoryBound::new(&server, &limits).to_string(),
            "memory: peers that have not proved themselves take at most 10 MiB (75 connections of 128 KiB, 250 KiB of \
             bodies), all bodies that are being read at most 500 KiB"
        );
        server.connections = usize::MAX;
        server.unauthenticated_connections = usize::MAX;
        assert_eq!(MemoryBound::new(&server, &limits).unauthenticated(), usize::MAX);
    }
}
