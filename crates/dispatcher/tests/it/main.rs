//! The dispatcher against backends: in process, and over sockets.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod backend;
mod faults;
mod flow;
mod logging;
mod metrics;
mod order;
mod sending;
mod tls;
mod verdicts;
