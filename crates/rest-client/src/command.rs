//! The one place that sends a command and takes its answer.

use bytes::{Bytes, BytesMut};
use http::{StatusCode, header::CONTENT_TYPE};
use reqwest::Response;
use serde::Serialize;
use serde_json::Map;
use tokio::time::{Instant, timeout_at};
use wcs_hooks_protocol::Payload;

use crate::{
    Error, ErrorKind, Listed, Node,
    answer::Answer,
    criteria::Criteria,
    error::{Asked, Problem},
    excerpt::excerpt,
};

/// How much of an answer is read that will only be quoted.
const MAX_QUOTED_BYTES: usize = 16 << 10;

impl Node {
    /// Posts a command. `path` begins with a slash and stands behind [`Node::url`].
    pub(crate) async fn ask<A: Answer>(
        &self,
        path: &str,
        request: &(impl Serialize + ?Sized),
    ) -> Result<A, Error> {
        let started = Instant::now();
        let answered = self.answer(path, request, started).await;
        let answer = answered.map_err(|problem| Error::new(Asked::command(path, self.url()), problem));
        tracing::debug!(path, node = self.url(), elapsed = ?started.elapsed(), ok = answer.is_ok(), "asked WCS");
        answer
    }

    /// A command about something, which is not sent if it is not said what.
    pub(crate) async fn ask_about<A: Answer>(&self, path: &str, criteria: &Criteria) -> Result<A, Error> {
        match criteria.emptiness() {
            Some(why) => Err(Error::new(Asked::command(path, self.url()), Problem::empty_filter(&why))),
            None => self.ask(path, criteria).await,
        }
    }

    /// A command about what has this id or name.
    pub(crate) async fn ask_by<A: Answer>(&self, path: &str, name: &str, value: &str) -> Result<A, Error> {
        self.ask_about(path, &Criteria::new(name, value)).await
    }

    /// A command for the objects that it is about.
    pub(crate) async fn list<P: Payload>(
        &self,
        path: &str,
        criteria: &Criteria,
    ) -> Result<Vec<Listed<P>>, Error> {
        self.ask_about(path, criteria).await.map(|listed| self.named(listed))
    }

    /// A command for all objects of a kind.
    pub(crate) async fn list_all<P: Payload>(&self, path: &str) -> Result<Vec<Listed<P>>, Error> {
        self.ask(path, &Map::new()).await.map(|listed| self.named(listed))
    }

    /// WCS leaves the `nodeId` out of its lists.
    fn named<P>(&self, mut listed: Vec<Listed<P>>) -> Vec<Listed<P>> {
        for item in listed.iter_mut().filter(|item| item.context.node_id.is_empty()) {
            item.context.node_id = self.id.clone().unwrap_or_default();
        }
        listed
    }

    async fn answer<A: Answer>(
        &self,
        path: &str,
        request: &(impl Serialize + ?Sized),
        started: Instant,
    ) -> Result<A, Problem> {
        let body = serde_json::to_string(request).map_err(|error| Problem::unsendable(&error))?;
        let limits = &self.client.shared.limits;
        let deadline = started + limits.timeout;
        let turn = timeout_at(deadline, self.client.shared.turns.take(&self.turns)).await;
        let _turn = turn.map_err(|_| Problem::turn_timeout(limits))?;
        let exchange = timeout_at(deadline, self.exchange(path, &body)).await;
        let (status, bytes) = exchange.map_err(|_| Problem::answer_timeout(limits))??;
        let quoted = || excerpt(&bytes, &body, self.address.credentials.as_ref());
        match status {
            _ if status.is_success() => A::read(&bytes).map_err(|why| Problem::unreadable(&why, &quoted())),
            StatusCode::NOT_FOUND => A::none().ok_or_else(|| Problem::status(status, &quoted())),
            _ => Err(Problem::status(status, &quoted())),
        }
    }

    async fn exchange(&self, path: &str, body: &str) -> Result<(StatusCode, Bytes), Problem> {
        let shared = &self.client.shared;
        let mut request =
            shared.http.post(format!("{}{path}", self.url())).header(CONTENT_TYPE, "application/json");
        if let Some(credentials) = &self.address.credentials {
            request = request.basic_auth(&credentials.user, Some(credentials.password.expose()));
        }
        let sent = request.body(body.to_owned()).send().await;
        let response = sent.map_err(|error| Problem::transport(error, &shared.limits))?;
        let status = response.status();
        let bytes = if status.is_success() {
            whole(response, shared.limits.max_answer_bytes).await?
        } else {
            start(response, shared.limits.max_answer_bytes.min(MAX_QUOTED_BYTES)).await
        };
        Ok((status, bytes))
    }
}

/// The body, which is not read further than `limit`.
async fn whole(mut response: Response, limit: usize) -> Result<Bytes, Problem> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(Problem::broken_answer)? {
        if body.len() + chunk.len() > limit {
            return Err(Problem::new(
                ErrorKind::TooLarge,
                format!(
                    "the answer has more than {limit} bytes: RestClientBuilder::max_answer_bytes sets how many it may"
                ),
            ));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// As much of the body as is worth a quote.
async fn start(mut response: Response, limit: usize) -> Bytes {
    let mut body = BytesMut::new();
    while body.len() < limit {
        let Ok(Some(chunk)) = response.chunk().await else { break };
        body.extend_from_slice(&chunk);
    }
    body.truncate(limit);
    body.freeze()
}

#[cfg(test)]
mod tests;
