//! A gateway in this process: clients over memory, a backend that is a function.

#[allow(dead_code, clippy::unwrap_used, reason = "shared by tests")]
mod support;

mod connect;
mod flows;
