//! What must hold for any bytes, as functions that panic when it does not.
//!
//! `cargo test -p wcs-hooks-fuzz` runs each over its corpus and mutations of it, on stable; `cargo fuzz run` lets
//! libFuzzer search. `docs/contributing.md` tells how.

mod backend;
mod echo;
mod payloads;
mod policy;
mod properties;
mod signature;
mod tokens;

pub use echo::echo;
pub use payloads::payloads;
pub use policy::policy;
pub use properties::properties;
pub use signature::signature;
pub use tokens::tokens;

/// Something that must hold for any bytes; panics if it does not.
pub type Target = fn(&[u8]);

/// All of them, by name: that of the corpus's folder and of cargo-fuzz's program.
pub const TARGETS: [(&str, Target); 6] = [
    ("echo", echo),
    ("payloads", payloads),
    ("policy", policy),
    ("properties", properties),
    ("signature", signature),
    ("tokens", tokens),
];

/// The bytes up to a line's end, and what follows it.
fn first_line(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n');
    end.map_or((bytes, &[]), |end| (&bytes[..end], &bytes[end + 1..]))
}
