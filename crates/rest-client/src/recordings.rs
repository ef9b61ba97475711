//! Recordings: `/recorder/…`. Spec §10.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Error, Node, Outcome, criteria::Criteria, listed::printable, nulls::null_is_default};

/// The recordings of a node: [`Node::recordings`].
///
/// ```no_run
/// # use wcs_hooks_rest_client::{Error, Node};
/// use wcs_hooks_rest_client::RecordingConfig;
///
/// # async fn example(node: Node) -> Result<(), Error> {
/// let config = RecordingConfig { rotation: Some("20M".into()), ..RecordingConfig::default() };
/// let outcome = node.recordings().start("5a072377-73c1-4caf-abd3", &config).await?;
/// for recording in node.recordings().all().await? {
///     println!("{} is written to {}", recording.media_session_id, recording.file_name);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Recordings<'a>(&'a Node);

impl Node {
    /// Its recordings: `/recorder/…`. Older builds have `/stream/startRecording` and `/stream/stopRecording` instead: ask
    /// them by [`Node::post`].
    #[must_use]
    pub fn recordings(&self) -> Recordings<'_> {
        Recordings(self)
    }
}

impl Recordings<'_> {
    /// Records a stream that is published.
    ///
    /// # Errors
    /// If the id is empty, there was no answer in time, or its status is neither 2xx nor 404.
    pub async fn start(&self, media_session_id: &str, config: &RecordingConfig) -> Result<Outcome, Error> {
        let mut request = Criteria::new("mediaSessionId", media_session_id);
        let config = config.members();
        if !config.is_empty() {
            request = request.with("config", config);
        }
        self.0.ask_about("/recorder/startup", &request).await
    }

    /// Ends the recording of a stream.
    ///
    /// # Errors
    /// As [`Recordings::start`].
    pub async fn stop(&self, media_session_id: &str) -> Result<Outcome, Error> {
        self.0.ask_by("/recorder/terminate", "mediaSessionId", media_session_id).await
    }

    /// What is being recorded.
    ///
    /// # Errors
    /// If there was no answer in time, its status is neither 2xx nor 404, or it cannot be read.
    pub async fn all(&self) -> Result<Vec<RecordingFile>, Error> {
        self.0.ask("/recorder/find_all", &Map::new()).await
    }
}

/// How a stream is recorded. What is `None` is left to WCS's settings.
///
/// ```
/// use wcs_hooks_rest_client::RecordingConfig;
///
/// let file_template = Some("{streamName}-{startTime}-{endTime}".into());
/// let config = RecordingConfig { file_template, ..RecordingConfig::default() };
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RecordingConfig {
    /// `fileTemplate`: the file's name, in which WCS puts values for `{streamName}`, `{startTime}`, `{endTime}`.
    pub file_template: Option<String>,
    /// `rotation`: when a new file is begun, for example `20M`.
    pub rotation: Option<String>,
}

impl RecordingConfig {
    fn members(&self) -> Map<String, Value> {
        let parts = [("fileTemplate", &self.file_template), ("rotation", &self.rotation)];
        let given =
            parts.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.clone()?.into())));
        given.collect()
    }
}

/// A stream that is being recorded.
///
/// ```
/// use wcs_hooks_rest_client::RecordingFile;
///
/// let file = RecordingFile { media_session_id: "5a072377".into(), ..RecordingFile::default() };
/// assert_eq!(file.file_name, "");
/// ```
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RecordingFile {
    /// `fileName`. It may hold `{endTime}`, which is known in the end only.
    #[serde(deserialize_with = "null_is_default")]
    pub file_name: String,
    /// `mediaSessionId` of the stream.
    #[serde(deserialize_with = "null_is_default")]
    pub media_session_id: String,
    /// What came beside the fields that this version knows.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl fmt::Debug for RecordingFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecordingFile {}", printable(self))
    }
}
