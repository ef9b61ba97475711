//! What peers do that mean harm and have no secret: each over real sockets, against a server in a process of its own whose memory
//! is measured, while a WCS elsewhere is to be answered as if nothing were.

mod check;
mod http2;
mod memory;
mod places;
