//! How many files may be open: [`allow_connections`].

use std::io;

use rlimit::Resource;

use crate::output::remark;

/// Beside connections: standard streams, the runtime's own.
const OTHERS: u64 = 64;

/// Raises the limit of open files for as many connections at once. Gives as many as it allows, and says so if those are fewer.
///
/// # Errors
/// If that cannot be said.
pub(crate) fn allow_connections(wanted: u32) -> io::Result<u32> {
    let files = u64::from(wanted) + OTHERS;
    let before = Resource::NOFILE.get_soft().unwrap_or(files);
    if before >= files {
        return Ok(wanted);
    }
    let allowed = rlimit::increase_nofile_limit(files).unwrap_or(before);
    let fewer = u32::try_from(allowed.saturating_sub(OTHERS)).unwrap_or(wanted).clamp(1, wanted);
    if fewer < wanted {
        remark(format_args!(
            "the limit of open files (ulimit -n) is {allowed}: {fewer} connections and not {wanted}"
        ))?;
    }
    Ok(fewer)
}
