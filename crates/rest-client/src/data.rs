//! Data for clients: `/data/send` and `/stream/event/send`. Spec §10.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::{Error, Node};

/// What came of sending data to a session.
///
/// ```
/// use wcs_hooks_rest_client::{Delivery, Error, Session};
///
/// async fn is_there(session: &Session) -> Result<bool, Error> {
///     Ok(session.send_data("ping", &()).await? == Delivery::Delivered)
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Delivery {
    /// WCS has taken it for the session. Whether the client has, `DataStatusEvent` tells.
    Delivered,
    /// WCS knows no such session, or not any more.
    NoSuchSession,
}

/// The body of `/data/send`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DataSend<'a, P: Serialize + ?Sized> {
    #[serde(skip_serializing_if = "Option::is_none")]
    node_id: Option<&'a str>,
    operation_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    session_ids: &'a [&'a str],
    payload: &'a P,
}

impl Node {
    /// Sends data to a client: any JSON, which its page gets as `APP_DATA`.
    ///
    /// `operation_id` stands in the client's acknowledgement, which comes back as `DataStatusEvent`; a UUID, or a word of
    /// your application.
    ///
    /// # Errors
    /// If the payload cannot be written as JSON, there was no answer in time, or its status is neither 2xx nor 404.
    pub async fn send_data(
        &self,
        session_id: &str,
        operation_id: &str,
        payload: &(impl Serialize + ?Sized),
    ) -> Result<Delivery, Error> {
        let (node_id, session_id) = (self.id.as_deref(), Some(session_id));
        self.ask("/data/send", &DataSend { node_id, operation_id, session_id, session_ids: &[], payload })
            .await
    }

    /// [`Node::send_data`] for some sessions by one command. One of them alone is sent as `sessionId`, which all builds of
    /// WCS know.
    pub(crate) async fn send_data_to(
        &self,
        sessions: &[&str],
        operation_id: &str,
        payload: &RawValue,
    ) -> Result<Delivery, Error> {
        if let [session_id] = sessions {
            return self.send_data(session_id, operation_id, payload).await;
        }
        let node_id = self.id.as_deref();
        let request = DataSend { node_id, operation_id, session_id: None, session_ids: sessions, payload };
        self.ask("/data/send", &request).await
    }
}

#[cfg(test)]
mod tests;
