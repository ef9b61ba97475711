//! How many connections there may be.

use rlimit::Resource;

/// Beside the connections: listeners, standard streams, the runtime's own.
const OTHER_FILES: u64 = 64;
const MOST_CONNECTIONS: usize = 20_000;

/// A number of connections from a command line.
pub(crate) fn connections(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|number| (1..=MOST_CONNECTIONS).contains(number));
    number.ok_or_else(|| format!("not a number from 1 to {MOST_CONNECTIONS}"))
}

/// Raises the limit of open files, which children inherit; gives as many connections as it allows, and says so if those
/// are fewer.
pub(crate) fn allow_connections(wanted: usize) -> usize {
    let files = wanted as u64 + OTHER_FILES;
    let allowed = rlimit::increase_nofile_limit(files.max(soft_limit())).unwrap_or_else(|_| soft_limit());
    if allowed >= files {
        return wanted;
    }
    let fewer = usize::try_from(allowed.saturating_sub(OTHER_FILES)).unwrap_or(wanted).max(1);
    eprintln!("the hard limit of open files is {allowed}: {fewer} connections instead of {wanted}");
    fewer
}

fn soft_limit() -> u64 {
    Resource::NOFILE.get_soft().unwrap_or(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_connections_is_bounded() {
        assert_eq!(connections("1000"), Ok(1000));
        for text in ["0", "20001", "-1", "many"] {
            assert!(connections(text).is_err(), "{text}");
        }
    }

    #[test]
    fn few_connections_are_always_allowed() {
        assert_eq!(allow_connections(10), 10);
    }
}
