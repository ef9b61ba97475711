//! Why something is refused: the text is for the client.

use std::fmt;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    NoName,
    NameTooLong,
    TextTooLong,
    OtherLogin,
    TooManyRooms,
    TooManySessions,
    InTooManyRooms,
    RoomIsFull,
    RoomIsBusy,
    NotInRoom,
    NoSuchParticipant,
    NoSuchStream,
    TooManyStreams,
}

impl Refused {
    /// Whether it may work later.
    pub(crate) fn is_for_now(self) -> bool {
        matches!(self, Self::TooManyRooms | Self::TooManySessions | Self::RoomIsFull | Self::RoomIsBusy)
    }

    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::NoName => "a name is missing",
            Self::NameTooLong => "the name is too long",
            Self::TextTooLong => "the text is too long",
            Self::OtherLogin => "this session has another login",
            Self::TooManyRooms => "there are too many rooms",
            Self::TooManySessions => "there are too many participants",
            Self::InTooManyRooms => "you are in too many rooms",
            Self::RoomIsFull => "the room is full",
            Self::RoomIsBusy => "the room is busy",
            Self::NotInRoom => "you are not in this room",
            Self::NoSuchParticipant => "no such participant",
            Self::NoSuchStream => "no such stream",
            Self::TooManyStreams => "you publish too many streams",
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}
