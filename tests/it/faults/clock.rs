//! The wall clock may be set: forth, back, by years. What lasts so long is measured by the monotonic clock.
//!
//! The wall clock is read where a date is compared that came from elsewhere: the `exp` and `nbf` of tokens, the end of a
//! certificate. A step of it ends rights early or late, as it should. The registry tells people since when something is live,
//! and metrics since when a configuration is in force. Everything else (deadlines, timeouts, windows, overlaps, limits) has
//! `Instant`s, which no step reaches. No test can set the clock of the machine, so this one looks at who reads it.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Who may read the wall clock: tokens, the rights that end with them, certificates, and what people are told.
const READERS: [&str; 10] = [
    "hooks/src/program/reload.rs",
    "hooks/src/ready/jwt/claims.rs",
    "hooks/src/ready/jwt/mod.rs",
    "hooks/src/ready/streams/sessions.rs",
    "hooks/src/ready/streams/tokens.rs",
    "hooks/src/registry/change.rs",
    "hooks/src/registry/record.rs",
    "hooks/src/server/listening.rs",
    "hooks/src/server/metrics.rs",
    "hooks/src/server/validity.rs",
];
const CLOCKS: [&str; 4] = ["SystemTime", "UNIX_EPOCH", "chrono::", "OffsetDateTime"];

fn sources(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("tests") {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
            found.push(path);
        }
    }
}

#[test]
fn nothing_that_lasts_is_measured_by_the_wall_clock() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates");
    let mut readers = Vec::new();
    for name in ["protocol", "hooks", "dispatcher", "metrics"] {
        let mut found = Vec::new();
        sources(&crates.join(name).join("src"), &mut found);
        found.retain(|path| {
            let text = fs::read_to_string(path).unwrap();
            CLOCKS.iter().any(|clock| text.contains(clock))
        });
        readers.extend(found.iter().map(|path| path.strip_prefix(&crates).unwrap().to_owned()));
    }
    readers.sort();
    let mut expected = READERS.map(PathBuf::from);
    expected.sort();
    assert_eq!(readers, expected);
}
