//! What must not bring the server down, lose an answer or leave something behind, each over real sockets: slow, endless and
//! broken requests, floods, resets, handlers that panic or never end, full disks, mistaken certificates, changed settings and
//! the end of the process under load.
//!
//! [`server::Served`] is a server in this process: its connections and tasks are counted. [`child::Child`] is one in a process
//! of its own: its file descriptors and its memory are counted, it gets signals and has an exit code.

pub(crate) mod certificates;
pub(crate) mod child;
mod clock;
mod descriptors;
mod disk_full;
mod flood;
mod handlers;
mod idle;
mod malformed;
mod pipelining;
pub(crate) mod raw;
mod reload;
mod resend;
mod resets;
pub(crate) mod server;
mod sigterm;
mod slow;
mod tls;
