//! A WCS server that can be asked: [`Node`].

use std::{fmt, sync::Arc};

use serde::Serialize;
use serde_json::Value;
use tokio::sync::Semaphore;

use crate::{Error, RestClient, address::Address};

/// One WCS server, found by [`RestClient::node`] or [`RestClient::node_at`]. Cheap to clone.
///
/// A command that acts says whether it found what it was to act on; it is not an error if it did not.
///
/// ```no_run
/// # use wcs_hooks_rest_client::RestClient;
/// # async fn example(wcs: RestClient) -> Result<(), wcs_hooks_rest_client::Error> {
/// let node = wcs.node_at("http://127.0.0.1:8081")?;
/// let delivery = node.send_data("04cfeb85-cf9c-49aa-8144-022dfc0cdd0b", "1", &"hello").await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Node {
    pub(crate) client: RestClient,
    pub(crate) address: Address,
    /// `nodeId`, if it is known.
    pub(crate) id: Option<String>,
    pub(crate) turns: Arc<Semaphore>,
}

impl Node {
    pub(crate) fn new(client: RestClient, address: Address, id: Option<String>) -> Self {
        let turns = client.shared.turns.of_node(&address.url);
        Self { client, address, id, turns }
    }

    /// The URL of its REST API, without credentials.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.address.url
    }

    /// Any command, for those that have no function here; its path stands behind [`Node::url`]. Gives the answer as JSON: `null` if it was empty, a string if
    /// it was not JSON.
    ///
    /// ```no_run
    /// # use wcs_hooks_rest_client::{Error, Node};
    /// # async fn example(node: Node) -> Result<(), Error> {
    /// let answer = node.post("/stream/startRecording", &serde_json::json!({"mediaSessionId": "56141d10"})).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If there was no answer in time, or its status is not 2xx: [`Error::status`] tells a 404.
    pub async fn post(&self, path: &str, request: &(impl Serialize + ?Sized)) -> Result<Value, Error> {
        self.ask(&format!("/{}", path.trim_start_matches('/')), request).await
    }
}

/// Without credentials.
impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Node").field("url", &self.url()).field("id", &self.id).finish_non_exhaustive()
    }
}
