//! A gateway in this process: clients over memory, a backend that is a function.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

#[allow(dead_code, reason = "shared by tests")]
mod support;

mod calls;
mod calls_at_random;
mod connect;
mod control;
mod flows;
mod limits;
mod messages;
mod objects;
mod players;
mod rest;
mod sessions;
mod tls;
