//! The file that `record` writes and `replay` reads: lines of JSON. docs/recording.md describes it.

mod body;
mod masks;
mod read;

use serde::{Deserialize, Serialize};
use wcs_hooks_protocol::is_json_type;

pub(crate) use body::Body;
pub(crate) use masks::{MARK, Masks};
pub(crate) use read::{Place, Recording};

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

impl Answer {
    /// Whether its content type says that it is JSON.
    pub(crate) fn is_json(&self) -> bool {
        let content_type = self.headers.iter().find(|(name, _)| name == "content-type");
        content_type.is_some_and(|(_, value)| is_json_type(value))
    }
}

impl Exchange {
    /// When it ended, in microseconds from the start.
    pub(crate) const fn end_us(&self) -> u64 {
        self.at_us.saturating_add(self.took_us)
    }
}
