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
mod agents;
mod answer;
mod builder;
mod calls;
mod client;
mod command;
mod connections;
mod criteria;
mod data;
mod error;
mod excerpt;
mod listed;
mod many;
mod node;
mod nulls;
mod pushes;
mod recordings;
mod session;
mod sources;
mod streams;
#[cfg(test)]
mod testing;
mod turns;

pub use agents::Agents;
pub use answer::Outcome;
pub use builder::{BuildError, RestClientBuilder};
pub use calls::{CallStartup, Calls};
pub use client::RestClient;
pub use connections::Connections;
pub use criteria::{ConnectionFilter, PushFilter, RtspFilter, StreamFilter};
pub use data::Delivery;
pub use error::{Error, ErrorKind};
pub use listed::{Entry, Listed};
pub use many::{Recipient, Report};
pub use node::Node;
pub use pushes::{Push, Pushes};
pub use recordings::{RecordingConfig, RecordingFile, Recordings};
pub use session::Session;
pub use sources::{Mixers, Pulls, Rtsp};
pub use streams::Streams;
