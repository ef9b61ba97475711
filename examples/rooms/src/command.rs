//! What a client of the SDK's room API asks.

use serde::Deserialize;
use wcs_hooks::payloads::Stream;

#[derive(Deserialize)]
#[serde(tag = "command", content = "options", rename_all = "camelCase")]
pub(crate) enum Command {
    Join(Room),
    Leave(Room),
    SendMessage {
        #[serde(rename = "roomConfig")]
        room: Room,
        /// One participant; all others if it is left out.
        to: Option<String>,
        text: String,
    },
}

#[derive(Deserialize)]
pub(crate) struct Room {
    name: String,
}

impl Room {
    /// The room that the SDK says a stream belongs to.
    pub(crate) fn of_stream(stream: &Stream) -> Option<&str> {
        stream.custom.get("name")?.as_str()
    }
}

impl Command {
    pub(crate) fn room(&self) -> &str {
        let (Self::Join(room) | Self::Leave(room) | Self::SendMessage { room, .. }) = self;
        &room.name
    }

    pub(crate) fn to(&self) -> Option<&str> {
        match self {
            Self::SendMessage { to, .. } => to.as_deref().filter(|to| !to.is_empty()),
            _ => None,
        }
    }

    /// Whether the vendor's tests wait for a refusal.
    pub(crate) fn is_refused_to(&self, login: &str) -> bool {
        match self {
            Self::Join(_) => login == "throw_join_exception",
            Self::SendMessage { .. } => login == "throw_message_exception",
            Self::Leave(_) => false,
        }
    }
}
