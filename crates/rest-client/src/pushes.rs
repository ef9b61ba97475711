//! Streams that are pushed to RTMP servers: `/push/…`. Spec §10.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    Error, Node, Outcome, PushFilter, criteria::Criteria, listed::printable, nulls::null_is_default,
};

/// The streams that a node pushes to RTMP servers: [`Node::pushes`].
///
/// ```no_run
/// # use wcs_hooks_rest_client::{Error, Node};
/// # async fn example(node: Node) -> Result<(), Error> {
/// let push = node.pushes().start("b4e7", "rtmp://localhost:1935/live").await?;
/// let outcome = node.pushes().mute(&push.media_session_id).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Pushes<'a>(&'a Node);

impl Node {
    /// The streams that it pushes to RTMP servers: `/push/…`.
    #[must_use]
    pub fn pushes(&self) -> Pushes<'_> {
        Pushes(self)
    }
}

impl Pushes<'_> {
    /// Pushes a stream of the node to an RTMP server. WCS calls it `rtmp_` and the stream's name there.
    ///
    /// # Errors
    /// If a text is empty, there was no answer in time, its status is not 2xx, or it cannot be read. A 409 says, most
    /// likely, that it is being pushed.
    pub async fn start(&self, stream_name: &str, rtmp_url: &str) -> Result<Push, Error> {
        self.start_with(stream_name, rtmp_url, Map::new()).await
    }

    /// [`Pushes::start`] with more members: `rtmpTransponderFullUrl` (the URL holds the name already), `options`
    /// (`{"action":"mute"}`, `{"action":"sound_on","soundFile":"sample.wav"}`).
    ///
    /// # Errors
    /// As [`Pushes::start`].
    pub async fn start_with(
        &self,
        stream_name: &str,
        rtmp_url: &str,
        more: Map<String, Value>,
    ) -> Result<Push, Error> {
        let request = Criteria::new("streamName", stream_name).with("rtmpUrl", rtmp_url).with_all(more);
        self.0.ask_about("/push/startup", &request).await
    }

    /// Those that the filter names; none is an empty list.
    ///
    /// # Errors
    /// If a part of the filter is empty, there was no answer in time, its status is neither 2xx nor 404, or it cannot be read.
    pub async fn find(&self, filter: &PushFilter) -> Result<Vec<Push>, Error> {
        self.0.ask_about("/push/find", &filter.0).await
    }

    /// All of the node.
    ///
    /// # Errors
    /// As [`Pushes::find`].
    pub async fn all(&self) -> Result<Vec<Push>, Error> {
        self.0.ask("/push/find_all", &Map::new()).await
    }

    /// Ends one.
    ///
    /// # Errors
    /// If the id is empty, there was no answer in time, or its status is neither 2xx nor 404.
    pub async fn terminate(&self, media_session_id: &str) -> Result<Outcome, Error> {
        self.0.ask_by("/push/terminate", "mediaSessionId", media_session_id).await
    }

    /// Sends silence instead of the stream's audio.
    ///
    /// # Errors
    /// As [`Pushes::terminate`].
    pub async fn mute(&self, media_session_id: &str) -> Result<Outcome, Error> {
        self.0.ask_by("/push/mute", "mediaSessionId", media_session_id).await
    }

    /// Ends [`Pushes::mute`].
    ///
    /// # Errors
    /// As [`Pushes::terminate`].
    pub async fn unmute(&self, media_session_id: &str) -> Result<Outcome, Error> {
        self.0.ask_by("/push/unmute", "mediaSessionId", media_session_id).await
    }

    /// Plays a file that lies on the node into what is pushed, once or over and over.
    ///
    /// # Errors
    /// As [`Pushes::terminate`].
    pub async fn sound_on(
        &self,
        media_session_id: &str,
        sound_file: &str,
        looped: bool,
    ) -> Result<Outcome, Error> {
        let request = Criteria::new("mediaSessionId", media_session_id);
        let request = request.with("soundFile", sound_file).with("loop", looped);
        self.0.ask_about("/push/sound_on", &request).await
    }

    /// Ends [`Pushes::sound_on`].
    ///
    /// # Errors
    /// As [`Pushes::terminate`].
    pub async fn sound_off(&self, media_session_id: &str) -> Result<Outcome, Error> {
        self.0.ask_by("/push/sound_off", "mediaSessionId", media_session_id).await
    }
}

/// A stream that is pushed to an RTMP server. Printing with `{:?}` hides secrets.
///
/// ```
/// use wcs_hooks_rest_client::Push;
///
/// let push = Push { rtmp_url: "rtmp://me:secret@localhost/live".into(), ..Push::default() };
/// assert!(!format!("{push:?}").contains("secret"));
/// ```
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Push {
    /// `mediaSessionId`: its id.
    #[serde(deserialize_with = "null_is_default")]
    pub media_session_id: String,
    /// `streamName`: its name, which begins with `rtmp_`.
    #[serde(deserialize_with = "null_is_default")]
    pub stream_name: String,
    /// `rtmpUrl`: where it is pushed.
    #[serde(deserialize_with = "null_is_default")]
    pub rtmp_url: String,
    /// `width`: in pixels.
    pub width: Option<i64>,
    /// `height`: in pixels.
    pub height: Option<i64>,
    /// `muted`: whether silence is sent.
    pub muted: Option<bool>,
    /// `soundEnabled`: whether a file is played into it.
    pub sound_enabled: Option<bool>,
    /// `options`: those that it was started with.
    #[serde(deserialize_with = "null_is_default")]
    pub options: Map<String, Value>,
    /// What came beside the fields that this version knows.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl fmt::Debug for Push {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Push {}", printable(self))
    }
}

#[cfg(test)]
mod tests;
