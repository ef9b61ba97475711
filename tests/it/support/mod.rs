//! What the tests share.

mod ends;
mod logs;
mod server;
mod wire;

pub(crate) use ends::{Recorder, app, context, dispatcher, everything_on, open, session};
pub(crate) use logs::{Lines, Logs, listen_everywhere};
pub(crate) use server::{KEY, Server};
#[cfg(feature = "peers")]
pub(crate) use server::{PASSWORD, USER};
pub(crate) use wire::{Act, WireServer};

use serde_json::{Map, Value};

/// An object from its text.
pub(crate) fn object(json: &str) -> Map<String, Value> {
    serde_json::from_str(json).unwrap()
}
