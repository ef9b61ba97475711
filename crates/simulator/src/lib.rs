//! A gateway that browsers with Flashphoner's WebSDK connect to, and that sends hooks as WCS does.
//!
//! It is signalling only: streams get their statuses, and there is no media behind them. Only of a call does the media flow,
//! from browser to browser by two ports of the gateway, which passes it on as it is. What a client does goes to the
//! backend as the hook that WCS would send, by `wcs-hooks-dispatcher`; what the backend answers takes effect, and the
//! client is told what WCS would tell it. What `Spec §…` in the docs points to is in `docs/sources.md`.

mod control;
pub mod faults;
mod frame;
mod gateway;
mod hosts;
mod hub;
mod keep_alive;
mod limits;
mod millis;
mod origins;
mod outbox;
mod players;
mod relay;
mod rest;
mod restart;
mod session;
mod socket;
pub mod storm;
mod tls;
mod virtual_client;

pub use gateway::{BuildError, Builder, Gateway};
pub use limits::Limits;
pub use rest::RestApi;
pub use restart::Restart;
pub use wcs_hooks_dispatcher as dispatcher;
pub use wcs_hooks_host_guard::public_name;
