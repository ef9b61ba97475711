//! Data for many sessions on many nodes: [`RestClient::send_to_all`].

use std::collections::BTreeMap;

use futures_util::{StreamExt, stream};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use wcs_hooks_protocol::HookContext;

use crate::{
    Delivery, Error, Node, RestClient,
    error::{Asked, Problem},
};

/// A session and the node that it is on: what to remember of a client in order to send to it.
///
/// ```
/// use wcs_hooks_protocol::HookContext;
/// use wcs_hooks_rest_client::Recipient;
///
/// let ctx = HookContext { node_id: "n@10.0.0.1".into(), session_id: "s".into(), ..HookContext::default() };
/// assert_eq!(Recipient::from(&ctx).session_id, "s");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Recipient {
    /// `nodeId` of its hooks.
    pub node_id: String,
    /// `sessionId` of its hooks.
    pub session_id: String,
}

/// A handler's `Context` of `wcs-hooks` can be given as `&*ctx`.
impl From<&HookContext> for Recipient {
    fn from(context: &HookContext) -> Self {
        Self { node_id: context.node_id.clone(), session_id: context.session_id.clone() }
    }
}

/// What came of [`RestClient::send_to_all`]. Every recipient is counted or named once.
#[derive(Debug, Default)]
#[must_use]
pub struct Report {
    /// How many sessions WCS has taken the data for.
    pub delivered: usize,
    /// Sessions that WCS does not know, or not any more: most often their clients have just left.
    pub gone: Vec<Recipient>,
    /// Sessions for which it is not known, or known not to have been taken, and why.
    pub failures: Vec<(Recipient, Error)>,
}

impl Report {
    fn add(&mut self, part: Part, outcome: Result<Delivery, Error>) {
        let Part { node_id, sessions } = part;
        let recipients =
            sessions.into_iter().map(|session_id| Recipient { node_id: node_id.clone(), session_id });
        match outcome {
            Ok(Delivery::Delivered) => self.delivered += recipients.len(),
            Ok(Delivery::NoSuchSession) => self.gone.extend(recipients),
            Err(error) => self.failures.extend(recipients.map(|recipient| (recipient, error.clone()))),
        }
    }
}

/// What one command is about.
struct Part {
    node_id: String,
    sessions: Vec<String>,
}

impl RestClient {
    /// Sends data to any number of sessions: the members of a room, all who are connected.
    ///
    /// Each node gets [some sessions](crate::RestClientBuilder::sessions_per_command) by one command, and
    /// [some commands](crate::RestClientBuilder::concurrency) are under way at once. It is not documented what WCS does if it
    /// knows some of a command's sessions and others not. If it answers 404 to a command for more than one, they are sent
    /// to one by one with the same `operation_id`, so that nobody misses it; a WCS that had sent it to the others sends
    /// it to them twice.
    ///
    /// ```no_run
    /// # use wcs_hooks_rest_client::{Recipient, RestClient};
    /// # async fn example(wcs: RestClient, room: Vec<Recipient>) {
    /// let report = wcs.send_to_all(room, "1", &serde_json::json!({"text": "hello all"})).await;
    /// for (recipient, error) in &report.failures {
    ///     eprintln!("{}: {error}", recipient.session_id);
    /// }
    /// # }
    /// ```
    pub async fn send_to_all(
        &self,
        recipients: impl IntoIterator<Item = impl Into<Recipient>>,
        operation_id: &str,
        payload: &(impl Serialize + ?Sized),
    ) -> Report {
        let parts = parts(recipients.into_iter().map(Into::into), self.shared.limits.sessions_per_command);
        let payload = to_raw_value(payload);
        let payload = payload
            .as_deref()
            .map_err(|error| Error::new(Asked::command("/data/send", "all"), Problem::unsendable(error)));
        let sending = parts.into_iter().map(|part| {
            let payload = payload.clone();
            async move {
                match payload {
                    Ok(payload) => self.send_part(part, operation_id, payload).await,
                    Err(error) => vec![(part, Err(error))],
                }
            }
        });
        let mut sending = stream::iter(sending).buffer_unordered(self.shared.limits.concurrency);
        let mut report = Report::default();
        while let Some(outcomes) = sending.next().await {
            for (part, outcome) in outcomes {
                report.add(part, outcome);
            }
        }
        report
    }

    async fn send_part(
        &self,
        part: Part,
        operation_id: &str,
        payload: &RawValue,
    ) -> Vec<(Part, Result<Delivery, Error>)> {
        let node = match self.node(&part.node_id) {
            Ok(node) => node,
            Err(error) => return vec![(part, Err(error))],
        };
        let sessions: Vec<&str> = part.sessions.iter().map(String::as_str).collect();
        match node.send_data_to(&sessions, operation_id, payload).await {
            Ok(Delivery::NoSuchSession) if sessions.len() > 1 => {
                one_by_one(&node, part, operation_id, payload).await
            }
            outcome => vec![(part, outcome)],
        }
    }
}

/// Once the node does not answer any more, the others are not tried: they would take its time one after the other.
async fn one_by_one(
    node: &Node,
    part: Part,
    operation_id: &str,
    payload: &RawValue,
) -> Vec<(Part, Result<Delivery, Error>)> {
    let Part { node_id, sessions } = part;
    let mut silent: Option<Error> = None;
    let mut outcomes = Vec::with_capacity(sessions.len());
    for session_id in sessions {
        let outcome = match &silent {
            Some(error) => Err(error.clone()),
            None => node.send_data(&session_id, operation_id, payload).await,
        };
        silent = outcome.as_ref().err().filter(|error| error.status().is_none()).cloned();
        outcomes.push((Part { node_id: node_id.clone(), sessions: vec![session_id] }, outcome));
    }
    outcomes
}

/// One part of each node by turns, so that a node that does not answer holds up its own.
fn parts(recipients: impl Iterator<Item = Recipient>, size: usize) -> Vec<Part> {
    let mut nodes = BTreeMap::<String, Vec<String>>::new();
    for Recipient { node_id, session_id } in recipients {
        nodes.entry(node_id).or_default().push(session_id);
    }
    let mut parts = Vec::new();
    for (node_id, sessions) in nodes {
        let chunks = sessions.chunks(size).enumerate();
        parts.extend(
            chunks.map(|(turn, chunk)| (turn, Part { node_id: node_id.clone(), sessions: chunk.to_vec() })),
        );
    }
    parts.sort_by_key(|(turn, _)| *turn);
    parts.into_iter().map(|(_, part)| part).collect()
}

#[cfg(test)]
mod tests;
