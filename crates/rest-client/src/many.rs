//! Data for many sessions on many nodes: [`RestClient::send_to_all`].

use std::{
    collections::BTreeMap,
    slice::Chunks,
    sync::{Mutex, OnceLock, PoisonError},
};

use futures_util::{StreamExt, future::join_all, stream};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use wcs_hooks_protocol::HookContext;

use crate::{
    Delivery, Error, Node, RestClient,
    client::Limits,
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
    /// How many sessions were named by commands that WCS has carried out. If it does so for a command of which it knows some
    /// sessions only, the others are counted too: it does not say which they are.
    /// [One session per command](crate::RestClientBuilder::sessions_per_command) makes it exact.
    pub delivered: usize,
    /// Sessions that WCS does not know, or not any more: most often their clients have just left.
    pub gone: Vec<Recipient>,
    /// Sessions for which it is not known, or known not to have been taken, and why.
    pub failures: Vec<(Recipient, Error)>,
}

impl Report {
    fn add(&mut self, node_id: &str, sessions: &[String], outcome: Result<Delivery, Error>) {
        let recipients = sessions
            .iter()
            .map(|session_id| Recipient { node_id: node_id.to_owned(), session_id: session_id.clone() });
        match outcome {
            Ok(Delivery::Delivered) => self.delivered += sessions.len(),
            Ok(Delivery::NoSuchSession) => self.gone.extend(recipients),
            Err(error) => self.failures.extend(recipients.map(|recipient| (recipient, error.clone()))),
        }
    }

    fn merge(&mut self, other: Self) {
        self.delivered += other.delivered;
        self.gone.extend(other.gone);
        self.failures.extend(other.failures);
    }
}

impl RestClient {
    /// Sends data to any number of sessions: the members of a room, all who are connected.
    ///
    /// Each node gets [some sessions](crate::RestClientBuilder::sessions_per_command) by one command, and
    /// [some commands](crate::RestClientBuilder::concurrency_per_node) at once. Once a node cannot be reached or does not answer
    /// in time, what is left of its sessions is reported without being tried. The others are not held up by it.
    ///
    /// It is not documented what WCS does if it knows some of a command's sessions and others not. If it answers 404 to a
    /// command for more than one, they are sent to one by one with the same `operation_id`, so that nobody misses it; a WCS
    /// that had sent it to the others sends it to them twice.
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
        let payload = to_raw_value(payload)
            .map_err(|error| Error::new(Asked::command("/data/send", "all"), Problem::unsendable(&error)));
        let nodes = by_node(recipients.into_iter().map(Into::into));
        let sending = nodes.into_iter().map(|(node_id, sessions)| {
            let message = payload.as_deref().map_err(Clone::clone).and_then(|payload| {
                Ok(Message { node: self.node(&node_id)?, operation_id, payload, silence: OnceLock::new() })
            });
            async move { send_to_node(message, &node_id, &sessions).await }
        });
        let mut reports = stream::iter(sending).buffer_unordered(self.shared.limits.concurrency);
        let mut report = Report::default();
        while let Some(of_node) = reports.next().await {
            report.merge(of_node);
        }
        report
    }
}

fn by_node(recipients: impl Iterator<Item = Recipient>) -> BTreeMap<String, Vec<String>> {
    let mut nodes = BTreeMap::<String, Vec<String>>::new();
    for Recipient { node_id, session_id } in recipients {
        nodes.entry(node_id).or_default().push(session_id);
    }
    nodes
}

async fn send_to_node(message: Result<Message<'_>, Error>, node_id: &str, sessions: &[String]) -> Report {
    let mut report = Report::default();
    let message = match message {
        Ok(message) => message,
        Err(error) => {
            report.add(node_id, sessions, Err(error));
            return report;
        }
    };
    for (sessions, outcome) in message.send_to(sessions).await {
        report.add(node_id, sessions, outcome);
    }
    report
}

/// What came of a command, and the sessions that it was about.
type Sent<'s> = (&'s [String], Result<Delivery, Error>);

/// What is sent to the sessions of a node.
struct Message<'a> {
    node: Node,
    operation_id: &'a str,
    payload: &'a RawValue,
    /// Why the node is not asked any more.
    silence: OnceLock<Error>,
}

impl Message<'_> {
    async fn send_to<'s>(&self, sessions: &'s [String]) -> Vec<Sent<'s>> {
        let Limits { sessions_per_command, concurrency_per_node, .. } = &self.node.client.shared.limits;
        let parts = sessions.chunks(*sessions_per_command);
        let workers = parts.len().min(*concurrency_per_node);
        let parts = Mutex::new(parts);
        let sent = join_all((0..workers).map(|_| self.send_parts(&parts))).await;
        sent.into_iter().flatten().collect()
    }

    /// Sends part after part until none is left: what waits is a slice, not a command.
    async fn send_parts<'s>(&self, parts: &Mutex<Chunks<'s, String>>) -> Vec<Sent<'s>> {
        let mut sent = Vec::new();
        while let Some(part) = next(parts) {
            match self.send(part).await {
                Ok(Delivery::NoSuchSession) if part.len() > 1 => {
                    for session in part.chunks(1) {
                        sent.push((session, self.send(session).await));
                    }
                }
                outcome => sent.push((part, outcome)),
            }
        }
        sent
    }

    async fn send(&self, sessions: &[String]) -> Result<Delivery, Error> {
        if let Some(error) = self.silence.get() {
            return Err(error.clone());
        }
        let sessions: Vec<&str> = sessions.iter().map(String::as_str).collect();
        let outcome = self.node.send_data_to(&sessions, self.operation_id, self.payload).await;
        if let Err(error) = &outcome
            && error.is_silence()
        {
            let _ = self.silence.set(error.clone());
        }
        outcome
    }
}

fn next<'s>(parts: &Mutex<Chunks<'s, String>>) -> Option<&'s [String]> {
    parts.lock().unwrap_or_else(PoisonError::into_inner).next()
}

#[cfg(test)]
mod tests;
