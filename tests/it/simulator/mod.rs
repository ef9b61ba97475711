//! Browsers, as far as their WebSockets go, through the simulator to a backend, and back by the REST API.

mod client;
mod rooms;
