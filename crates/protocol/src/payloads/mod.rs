//! The objects that hooks carry. Spec §3.4.
//!
//! A plain `String` is empty where the field is absent; every other type is an `Option`, an empty map or an empty list.

mod call;
mod connection;
mod data;
mod diagnostics;
mod message;
mod player;
mod stream;

pub use call::{Call, Dtmf, Transfer};
pub use connection::Connection;
pub use data::Data;
pub use diagnostics::{BugReport, Logs, Notice, Recording, SessionDebug};
pub use message::{Message, Subscription, Xcap};
pub use player::{HlsPlay, RtspPlay};
pub use stream::{MediaState, Stream};

#[cfg(test)]
mod tests;
