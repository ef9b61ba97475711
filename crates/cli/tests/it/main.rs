//! The program, as it is run.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod backend;
mod check;
mod completions;
mod docs;
mod load;
mod program;
mod record;
mod replay;
mod schema;
mod send;
mod sign;
mod simulate;
mod wire;
