//! What attackers and accidents try from outside, each over real sockets and most against a process of its own.

mod demo;
mod log;
mod operations;
mod program;
mod reload;
