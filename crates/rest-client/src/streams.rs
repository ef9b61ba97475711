//! Streams: `/stream/…`. Spec §10.

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use serde::Serialize;
use serde_json::{Map, json};
use wcs_hooks_protocol::payloads::Stream;

use crate::{Error, Listed, Node, Outcome, StreamFilter, answer::Answer};

/// The streams of a node: [`Node::streams`].
///
/// ```no_run
/// # use wcs_hooks_rest_client::{Error, Node};
/// use wcs_hooks_rest_client::{Outcome, StreamFilter};
///
/// # async fn example(node: Node) -> Result<(), Error> {
/// let publisher = StreamFilter::named("b4e7").and(StreamFilter::published(true));
/// for stream in node.streams().find(&publisher).await? {
///     println!("{} has {:?} pixels a line", stream.name, stream.width);
/// }
/// if node.streams().terminate(&publisher).await? == Outcome::NotFound {
///     println!("it had ended by itself");
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Streams<'a>(&'a Node);

impl Node {
    /// Its streams: `/stream/…`.
    #[must_use]
    pub fn streams(&self) -> Streams<'_> {
        Streams(self)
    }
}

impl Streams<'_> {
    /// Those that the filter names; none is an empty list.
    ///
    /// # Errors
    /// If a part of the filter is empty, there was no answer in time, its status is neither 2xx nor 404, or it cannot be read.
    pub async fn find(&self, filter: &StreamFilter) -> Result<Vec<Listed<Stream>>, Error> {
        self.0.list("/stream/find", &filter.0).await
    }

    /// [`Streams::find`] with what WCS measures of each, as `extra["metrics"]`.
    ///
    /// # Errors
    /// As [`Streams::find`].
    pub async fn find_with_metrics(&self, filter: &StreamFilter) -> Result<Vec<Listed<Stream>>, Error> {
        self.0.list("/stream/find", &filter.0.clone().with("display", json!(["metrics"]))).await
    }

    /// All of the node.
    ///
    /// # Errors
    /// As [`Streams::find`].
    pub async fn all(&self) -> Result<Vec<Listed<Stream>>, Error> {
        self.0.list_all("/stream/find_all").await
    }

    /// Ends those that the filter names.
    ///
    /// # Errors
    /// If a part of the filter is empty, there was no answer in time, or its status is neither 2xx nor 404.
    pub async fn terminate(&self, filter: &StreamFilter) -> Result<Outcome, Error> {
        self.0.ask_about("/stream/terminate", &filter.0).await
    }

    /// Ends every stream of every app on the server: `/stream/terminate` without a filter.
    ///
    /// # Errors
    /// If there was no answer in time, or its status is neither 2xx nor 404.
    pub async fn terminate_every_stream_of_the_server(&self) -> Result<Outcome, Error> {
        self.0.ask("/stream/terminate", &Map::new()).await
    }

    /// Sends data to all who play a stream.
    ///
    /// # Errors
    /// If the payload cannot be written as JSON, there was no answer in time, or its status is neither 2xx nor 404.
    pub async fn send_event(
        &self,
        stream_name: &str,
        payload: &(impl Serialize + ?Sized),
    ) -> Result<Outcome, Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct EventSend<'a, P: Serialize + ?Sized> {
            stream_name: &'a str,
            payload: &'a P,
        }
        self.0.ask("/stream/event/send", &EventSend { stream_name, payload }).await
    }

    /// A picture of a stream as it is now, most likely a PNG; `None` if there is no such stream.
    ///
    /// # Errors
    /// If the name is empty, there was no answer in time, its status is neither 2xx nor 404, or it is not Base64.
    pub async fn snapshot(&self, stream_name: &str) -> Result<Option<Bytes>, Error> {
        let snapshot: Option<Snapshot> = self.0.ask_by("/stream/snapshot", "streamName", stream_name).await?;
        Ok(snapshot.map(|Snapshot(bytes)| bytes))
    }
}

/// Base64, as a text or a JSON string.
#[derive(Debug)]
struct Snapshot(Bytes);

impl Answer for Snapshot {
    fn read(body: &[u8]) -> Result<Self, String> {
        let text =
            serde_json::from_slice(body).unwrap_or_else(|_| String::from_utf8_lossy(body).into_owned());
        let encoded = text.split_once(";base64,").map_or(&*text, |(_, encoded)| encoded);
        let encoded: String = encoded.split_whitespace().collect();
        if encoded.is_empty() {
            return Err("no Base64: it is empty".to_owned());
        }
        let bytes = BASE64_STANDARD.decode(encoded).map_err(|error| format!("no Base64: {error}"))?;
        Ok(Self(bytes.into()))
    }
}

#[cfg(test)]
mod tests;
