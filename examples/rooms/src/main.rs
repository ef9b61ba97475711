//! A chat, and rooms with streams.

mod rooms;

fn main() {}
