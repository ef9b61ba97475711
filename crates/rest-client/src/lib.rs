//! Client of the REST API of Flashphoner WCS: what a backend asks of it. Spec §10.
//!
//! A hook says by `nodeId` which server it came from, and that server is where the backend asks back: [`RestClient::node`]
//! finds it, and the commands stand at [`Node`].
//!
//! ```no_run
//! use wcs_hooks_rest_client::RestClient;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let wcs = RestClient::builder().credentials("rest", "the password").build()?;
//! let node = wcs.node("Hw47CFMBEchVOpBMDr29IxjudnJ1sjOY@192.168.1.101")?;
//! node.send_data("/192.168.1.102:4388/192.168.1.101:8443", "1", &serde_json::json!({"message": "hello"})).await?;
//! # Ok(())
//! # }
//! ```

mod address;
mod answer;
mod builder;
mod client;
mod command;
mod data;
mod error;
mod excerpt;
mod many;
mod node;
mod session;
#[cfg(test)]
mod testing;

pub use builder::{BuildError, RestClientBuilder};
pub use client::RestClient;
pub use data::Delivery;
pub use error::{Error, ErrorKind};
pub use many::{Recipient, Report};
pub use node::Node;
pub use session::Session;
