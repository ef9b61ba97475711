//! What attackers and accidents try from outside, each over real sockets and most against a process of its own.

mod check;
mod demo;
mod http2;
mod log;
mod memory;
mod operations;
mod places;
mod program;
mod reload;
