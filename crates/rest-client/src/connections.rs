//! Clients' sessions: `/connection/…`. Spec §10.

use wcs_hooks_protocol::payloads::Connection;

use crate::{ConnectionFilter, Error, Listed, Node, Outcome, criteria::Criteria};

/// The sessions of a node: [`Node::connections`].
///
/// ```no_run
/// # use wcs_hooks_rest_client::RestClient;
/// use wcs_hooks_rest_client::ConnectionFilter;
///
/// # async fn example(wcs: RestClient) -> Result<(), wcs_hooks_rest_client::Error> {
/// let node = wcs.node("Hw47CFMBEchVOpBMDr29IxjudnJ1sjOY@192.168.1.101")?;
/// let members = node.connections().find(&ConnectionFilter::app("roomApp")).await?;
/// let report = wcs.send_to_all(members.iter().map(|member| &member.context), "1", &"closing soon").await;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Connections<'a>(&'a Node);

impl Node {
    /// Its clients' sessions: `/connection/…`.
    #[must_use]
    pub fn connections(&self) -> Connections<'_> {
        Connections(self)
    }
}

impl Connections<'_> {
    /// Those that the filter names; none is an empty list.
    ///
    /// # Errors
    /// If a part of the filter is empty, there was no answer in time, its status is neither 2xx nor 404, or it cannot be read.
    pub async fn find(&self, filter: &ConnectionFilter) -> Result<Vec<Listed<Connection>>, Error> {
        self.0.list("/connection/find", &filter.0).await
    }

    /// All of the node.
    ///
    /// # Errors
    /// As [`Connections::find`].
    pub async fn all(&self) -> Result<Vec<Listed<Connection>>, Error> {
        self.0.list_all("/connection/find_all").await
    }

    /// Disconnects a client.
    ///
    /// # Errors
    /// If the id is empty, there was no answer in time, or its status is neither 2xx nor 404.
    pub async fn terminate(&self, session_id: &str) -> Result<Outcome, Error> {
        self.0.ask_by("/connection/terminate", "sessionId", session_id).await
    }

    /// Sets how much WCS logs of a session, for example `DEBUG`.
    ///
    /// # Errors
    /// As [`Connections::terminate`].
    pub async fn set_log_level(&self, session_id: &str, log_level: &str) -> Result<Outcome, Error> {
        let request = Criteria::new("sessionId", session_id).with("logLevel", log_level);
        self.0.ask_about("/connection/set_log_level", &request).await
    }
}
