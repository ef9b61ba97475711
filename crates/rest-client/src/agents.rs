//! Sessions and calls that a node makes by itself, and the routes of a CDN: `/api/…`, `/cdn/…`. Spec §10.

use serde_json::{Map, Value};
use wcs_hooks_protocol::payloads::{Call, Connection};

use crate::{Entry, Error, Node, Outcome, criteria::Criteria};

/// Sessions that a node opens at SIP servers by itself: [`Node::agents`]. What their answers hold is not documented.
///
/// ```no_run
/// # use wcs_hooks_rest_client::{Error, Node};
/// use wcs_hooks_protocol::payloads::Connection;
///
/// # async fn example(node: Node) -> Result<(), Error> {
/// let account = Connection { sip_login: Some("1001".into()), ..Connection::default() };
/// let answer = node.agents().create_session(&account).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Agents<'a>(&'a Node);

impl Node {
    /// Sessions that it opens by itself: `/api/…`.
    #[must_use]
    pub fn agents(&self) -> Agents<'_> {
        Agents(self)
    }

    /// The routes of a CDN: `/cdn/show_routes`. The answer is not documented. Access lists are asked by [`Node::post`]:
    /// `/cdn/stream/access_list/add`, `remove`, `delete`, `print`.
    ///
    /// # Errors
    /// If there was no answer in time, or its status is neither 2xx nor 404.
    pub async fn cdn_routes(&self) -> Result<Option<Value>, Error> {
        self.ask("/cdn/show_routes", &Map::new()).await
    }
}

impl Agents<'_> {
    /// Opens a session.
    ///
    /// # Errors
    /// If there was no answer in time, or its status is not 2xx.
    pub async fn create_session(&self, connection: &Connection) -> Result<Value, Error> {
        self.0.ask("/api/create-session", &Criteria::of_payload(connection)).await
    }

    /// All of the node.
    ///
    /// # Errors
    /// If there was no answer in time, its status is neither 2xx nor 404, or it cannot be read.
    pub async fn all(&self) -> Result<Vec<Entry>, Error> {
        self.0.ask("/api/find_all", &Map::new()).await
    }

    /// Ends a session.
    ///
    /// # Errors
    /// If the connection says nothing, there was no answer in time, or its status is neither 2xx nor 404.
    pub async fn terminate(&self, connection: &Connection) -> Result<Outcome, Error> {
        self.0.ask_about("/api/terminate", &Criteria::of_payload(connection)).await
    }

    /// Calls somebody.
    ///
    /// # Errors
    /// If there was no answer in time, or its status is not 2xx.
    pub async fn call(&self, call: &Call) -> Result<Value, Error> {
        self.0.ask("/api/call", &Criteria::of_payload(call)).await
    }

    /// Hangs up.
    ///
    /// # Errors
    /// If the call says nothing, there was no answer in time, or its status is neither 2xx nor 404.
    pub async fn hangup(&self, call: &Call) -> Result<Outcome, Error> {
        self.0.ask_about("/api/hangup", &Criteria::of_payload(call)).await
    }
}
