//! What attackers and accidents try, each over real sockets.

mod demo;
mod operations;
mod program;
mod reload;
