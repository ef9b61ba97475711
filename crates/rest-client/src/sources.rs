//! Streams from elsewhere: `/rtsp/…`, `/pull/…`, `/mixer/…`. Spec §10.

use serde_json::Map;

use crate::{Entry, Error, Node, Outcome, RtspFilter, criteria::Criteria};

/// The streams that a node pulls from RTSP sources: [`Node::rtsp`].
///
/// ```no_run
/// # use wcs_hooks_rest_client::{Error, Node};
/// use wcs_hooks_rest_client::RtspFilter;
///
/// # async fn example(node: Node) -> Result<(), Error> {
/// node.rtsp().start("rtsp://camera-1/live").await?;
/// let outcome = node.rtsp().terminate(&RtspFilter::uri("rtsp://camera-1/live")).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Rtsp<'a>(&'a Node);

/// The streams that a node pulls from other nodes or pushes to them: [`Node::pulls`].
///
/// ```no_run
/// # use wcs_hooks_rest_client::{Error, Node};
/// # async fn example(node: Node) -> Result<(), Error> {
/// node.pulls().pull("wss://wcs-2.example.com:8443/websocket", "copy", "b4e7").await?;
/// let outcome = node.pulls().terminate("copy", Some("b4e7")).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Pulls<'a>(&'a Node);

/// The mixers of a node: [`Node::mixers`].
///
/// ```no_run
/// # use wcs_hooks_rest_client::{Error, Node};
/// # async fn example(node: Node) -> Result<(), Error> {
/// node.mixers().start("mixer://conference", "conference").await?;
/// let outcome = node.mixers().add("mixer://conference", "b4e7").await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Mixers<'a>(&'a Node);

impl Node {
    /// The streams that it pulls from RTSP sources: `/rtsp/…`.
    #[must_use]
    pub fn rtsp(&self) -> Rtsp<'_> {
        Rtsp(self)
    }

    /// The streams that it pulls from other nodes or pushes to them: `/pull/…`.
    #[must_use]
    pub fn pulls(&self) -> Pulls<'_> {
        Pulls(self)
    }

    /// Its mixers: `/mixer/…`.
    #[must_use]
    pub fn mixers(&self) -> Mixers<'_> {
        Mixers(self)
    }
}

impl Rtsp<'_> {
    /// Pulls a stream.
    ///
    /// # Errors
    /// If the URI is empty, there was no answer in time, or its status is not 2xx.
    pub async fn start(&self, uri: &str) -> Result<(), Error> {
        self.0.ask_by("/rtsp/startup", "uri", uri).await
    }

    /// Those that the filter names; none is an empty list.
    ///
    /// # Errors
    /// If a part of the filter is empty, there was no answer in time, its status is neither 2xx nor 404, or it cannot be read.
    pub async fn find(&self, filter: &RtspFilter) -> Result<Vec<Entry>, Error> {
        self.0.ask_about("/rtsp/find", &filter.0).await
    }

    /// All of the node.
    ///
    /// # Errors
    /// As [`Rtsp::find`].
    pub async fn all(&self) -> Result<Vec<Entry>, Error> {
        self.0.ask("/rtsp/find_all", &Map::new()).await
    }

    /// Ends those that the filter names.
    ///
    /// # Errors
    /// If a part of the filter is empty, there was no answer in time, or its status is neither 2xx nor 404.
    pub async fn terminate(&self, filter: &RtspFilter) -> Result<Outcome, Error> {
        self.0.ask_about("/rtsp/terminate", &filter.0).await
    }
}

impl Pulls<'_> {
    /// Pulls a stream of another node, which is called `remote_name` there, and `local_name` here.
    ///
    /// # Errors
    /// If a text is empty, there was no answer in time, or its status is not 2xx.
    pub async fn pull(&self, uri: &str, local_name: &str, remote_name: &str) -> Result<(), Error> {
        self.0.ask_about("/pull/pull", &between_nodes(uri, local_name, remote_name)).await
    }

    /// Pushes a stream, which is called `local_name` here, to another node, where it is called `remote_name`.
    ///
    /// # Errors
    /// As [`Pulls::pull`].
    pub async fn push(&self, uri: &str, local_name: &str, remote_name: &str) -> Result<(), Error> {
        self.0.ask_about("/pull/push", &between_nodes(uri, local_name, remote_name)).await
    }

    /// Ends one, by its names. The one that it has elsewhere is needed for a stream that is pushed.
    ///
    /// # Errors
    /// If a name is empty, there was no answer in time, or its status is neither 2xx nor 404.
    pub async fn terminate(&self, local_name: &str, remote_name: Option<&str>) -> Result<Outcome, Error> {
        let mut request = Criteria::new("localStreamName", local_name);
        if let Some(remote_name) = remote_name {
            request = request.with("remoteStreamName", remote_name);
        }
        self.0.ask_about("/pull/terminate", &request).await
    }

    /// All of the node.
    ///
    /// # Errors
    /// If there was no answer in time, its status is neither 2xx nor 404, or it cannot be read.
    pub async fn all(&self) -> Result<Vec<Entry>, Error> {
        self.0.ask("/pull/find_all", &Map::new()).await
    }
}

fn between_nodes(uri: &str, local_name: &str, remote_name: &str) -> Criteria {
    Criteria::new("uri", uri).with("localStreamName", local_name).with("remoteStreamName", remote_name)
}

impl Mixers<'_> {
    /// Starts a mixer, whose `uri` begins with `mixer://`; `stream_name` is the stream that comes out of it.
    ///
    /// # Errors
    /// If a text is empty, there was no answer in time, or its status is not 2xx.
    pub async fn start(&self, uri: &str, stream_name: &str) -> Result<(), Error> {
        let request = Criteria::new("uri", uri).with("localStreamName", stream_name);
        self.0.ask_about("/mixer/startup", &request).await
    }

    /// Adds a stream to a mixer.
    ///
    /// # Errors
    /// If a text is empty, there was no answer in time, or its status is neither 2xx nor 404.
    pub async fn add(&self, uri: &str, stream_name: &str) -> Result<Outcome, Error> {
        self.0.ask_about("/mixer/add", &Criteria::new("uri", uri).with("remoteStreamName", stream_name)).await
    }

    /// Takes a stream out of a mixer.
    ///
    /// # Errors
    /// As [`Mixers::add`].
    pub async fn remove(&self, uri: &str, stream_name: &str) -> Result<Outcome, Error> {
        self.0
            .ask_about("/mixer/remove", &Criteria::new("uri", uri).with("remoteStreamName", stream_name))
            .await
    }

    /// Ends a mixer.
    ///
    /// # Errors
    /// As [`Mixers::add`].
    pub async fn terminate(&self, uri: &str) -> Result<Outcome, Error> {
        self.0.ask_by("/mixer/terminate", "uri", uri).await
    }

    /// All of the node.
    ///
    /// # Errors
    /// If there was no answer in time, its status is neither 2xx nor 404, or it cannot be read.
    pub async fn all(&self) -> Result<Vec<Entry>, Error> {
        self.0.ask("/mixer/find_all", &Map::new()).await
    }
}
