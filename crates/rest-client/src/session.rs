//! A client's session on its node: [`Session`].

use serde::Serialize;

use crate::{Delivery, Error, Node, Outcome};

/// One session on its node, made by [`RestClient::session`](crate::RestClient::session).
///
/// ```no_run
/// # use wcs_hooks_rest_client::RestClient;
/// use wcs_hooks_protocol::HookContext;
///
/// # async fn example(wcs: RestClient, ctx: HookContext) -> Result<(), wcs_hooks_rest_client::Error> {
/// let session = wcs.session(&ctx)?;
/// session.send_data("greeting", &serde_json::json!({"text": "welcome"})).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Session {
    node: Node,
    session_id: String,
}

impl Session {
    pub(crate) fn new(node: Node, session_id: String) -> Self {
        Self { node, session_id }
    }

    /// The node that it is on.
    #[must_use]
    pub fn node(&self) -> &Node {
        &self.node
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.session_id
    }

    /// [`Node::send_data`] to this session.
    ///
    /// # Errors
    /// As [`Node::send_data`].
    pub async fn send_data(
        &self,
        operation_id: &str,
        payload: &(impl Serialize + ?Sized),
    ) -> Result<Delivery, Error> {
        self.node.send_data(&self.session_id, operation_id, payload).await
    }

    /// Disconnects the client: [`Connections::terminate`](crate::Connections::terminate).
    ///
    /// # Errors
    /// As [`Connections::terminate`](crate::Connections::terminate).
    pub async fn terminate(&self) -> Result<Outcome, Error> {
        self.node.connections().terminate(&self.session_id).await
    }
}
