//! Tests that see both sides: the dispatcher calls the framework, in process and over sockets, and each of them meets
//! foreign peers.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod answer_back;
mod attack;
mod every_hook;
mod examples;
mod faults;
mod first_day;
mod observe;
mod outcomes;
#[cfg(feature = "peers")]
mod peers;
mod promises;
mod published;
mod simulator;
mod support;
mod together;
