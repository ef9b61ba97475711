//! What a backend's handlers say, and what WCS then does: the framework driven by the dispatcher in this process.

mod callers;
mod guards;
mod policies;
mod registry;
mod secrets;
mod sockets;

use wcs_hooks::payloads::Stream;

fn stream(name: &str) -> Stream {
    Stream { media_session_id: "m1".into(), name: name.into(), published: Some(true), ..Stream::default() }
}
