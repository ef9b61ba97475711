//! Whether there are enough file descriptors for the connections.

use rustix::process::{Resource, getrlimit};

use super::ServerSettings;

/// What else a process has open: listeners, operations, files, the connections of handlers.
const RESERVE: u64 = 128;

/// Says so in the log.
pub(super) fn warn_if_few(settings: &ServerSettings) {
    let nofile = getrlimit(Resource::Nofile).current;
    if let Some(needed) = lacking(nofile, settings.connections) {
        tracing::warn!(
            nofile,
            needed,
            connections = settings.connections,
            "there are fewer file descriptors than server.connections and {RESERVE} more: raise LimitNOFILE (ulimit -n), or lower \
             server.connections"
        );
    }
}

/// How many are needed, if that is more than there are; `None` is without limit.
fn lacking(nofile: Option<u64>, connections: usize) -> Option<u64> {
    let needed = RESERVE.saturating_add(connections as u64);
    nofile.filter(|nofile| *nofile < needed).map(|_| needed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_and_a_reserve_are_needed() {
        for (nofile, connections, needed) in [
            (Some(1024), 20_000, Some(20_128)),
            (Some(20_127), 20_000, Some(20_128)),
            (Some(20_128), 20_000, None),
            (Some(1024), 800, None),
            (None, usize::MAX, None),
            (Some(1024), usize::MAX, Some(u64::MAX)),
        ] {
            assert_eq!(lacking(nofile, connections), needed, "{nofile:?} {connections}");
        }
    }
}
