//! The file that `record` writes and `replay` reads: lines of JSON. docs/recording.md describes it.

mod body;
mod masks;

use serde::{Deserialize, Serialize};

pub(crate) use body::Body;
pub(crate) use masks::Masks;

/// What is written; others are not read.
pub(crate) const VERSION: u32 = 1;

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Head {
    #[serde(rename = "wcsHooksRecording")]
    pub(crate) version: u32,
    /// Milliseconds since 1970.
    #[serde(rename = "startedMs")]
    pub(crate) started: u64,
    /// The backend's URL.
    pub(crate) to: String,
}

/// A line for each exchange, in the order in which they ended.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Exchange {
    /// When the request came, in microseconds from the start.
    pub(crate) at_us: u64,
    /// Until the answer had been passed on, in microseconds.
    pub(crate) took_us: u64,
    /// The last segment of the path.
    pub(crate) hook: String,
    pub(crate) request: Request,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) answer: Option<Answer>,
    /// Why there is no answer, or not all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) failure: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// With its query, as it came to the recorder.
    pub(crate) path: String,
    /// The scheme of the `Authorization` header, if there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) authorization: Option<String>,
    pub(crate) headers: Vec<(String, String)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) body: Option<Body>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) reason: String,
    pub(crate) headers: Vec<(String, String)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) body: Option<Body>,
}

/// A line where exchanges are missing.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Dropped {
    /// How many could not be written fast enough since the last such line.
    pub(crate) dropped: u64,
}

impl Exchange {
    /// When it ended, in microseconds from the start.
    #[allow(dead_code, reason = "replay will use it")]
    pub(crate) const fn end_us(&self) -> u64 {
        self.at_us.saturating_add(self.took_us)
    }
}
