//! What a command is about, by name and value: [`Criteria`], and the filters that are made of it.

use serde::Serialize;
use serde_json::{Map, Value};
use wcs_hooks_protocol::{Payload, redact, status::StreamStatus};

/// Members of a request, of which there is at least one.
#[derive(Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub(crate) struct Criteria(Map<String, Value>);

impl Criteria {
    pub(crate) fn new(name: &str, value: impl Into<Value>) -> Self {
        Self(Map::from_iter([(name.to_owned(), value.into())]))
    }

    /// The members of a payload.
    pub(crate) fn of_payload(payload: &impl Payload) -> Self {
        Self(serde_json::from_str(&payload.to_json()).unwrap_or_default())
    }

    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    pub(crate) fn with_all(mut self, members: impl IntoIterator<Item = (String, Value)>) -> Self {
        self.0.extend(members);
        self
    }

    pub(crate) fn and(self, other: Self) -> Self {
        self.with_all(other.0)
    }

    /// What WCS might take for no filter at all.
    pub(crate) fn emptiness(&self) -> Option<String> {
        let is_empty = |value: &Value| match value {
            Value::String(text) => text.is_empty(),
            Value::Array(values) => values.is_empty() || values.iter().any(|value| value == ""),
            value => value.is_null(),
        };
        match self.0.iter().find(|(_, value)| is_empty(value)) {
            Some((name, _)) => Some(format!("{name} is empty")),
            None => self.0.is_empty().then(|| "nothing says what it is about".to_owned()),
        }
    }

    pub(crate) fn printable(&self) -> String {
        redact::json(&Value::from(self.0.clone()).to_string())
    }
}

/// Declares filters: `function = "wireName";` for each text that one can ask for.
macro_rules! filters {
    ($(
        $(#[$docs:meta])*
        $Name:ident { $( $(#[$part_docs:meta])* $part:ident = $wire:literal; )* }
    )*) => { $(
        $(#[$docs])*
        ///
        /// There is no filter that filters nothing. A command whose filter has an empty part, such as an empty name, is not
        /// sent, since WCS might take it for no filter.
        #[derive(Clone, PartialEq)]
        #[must_use]
        pub struct $Name(pub(crate) Criteria);

        impl $Name {
            $(
                $(#[$part_docs])*
                pub fn $part(value: impl Into<String>) -> Self {
                    Self(Criteria::new($wire, value.into()))
                }
            )*

            /// What both of the two say. Where both name the same thing, `other` counts.
            pub fn and(self, other: Self) -> Self {
                Self(self.0.and(other.0))
            }
        }

        impl std::fmt::Debug for $Name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{} {}", stringify!($Name), self.0.printable())
            }
        }
    )* };
}

filters! {
    /// Which streams a command is about. Spec §10.
    ///
    /// WCS's older `sessionId` is left out on purpose: a build that does not know it would see no filter, and end every stream.
    ///
    /// ```
    /// use wcs_hooks_rest_client::StreamFilter;
    ///
    /// let players = StreamFilter::named("b4e7").and(StreamFilter::published(false));
    /// assert_eq!(format!("{players:?}"), r#"StreamFilter {"name":"b4e7","published":false}"#);
    /// ```
    StreamFilter {
        /// The publisher and the players of a name.
        named = "name";
        /// The one of this `mediaSessionId`.
        media_session = "mediaSessionId";
    }

    /// Which sessions a command is about. Spec §10.
    ///
    /// ```
    /// use wcs_hooks_rest_client::ConnectionFilter;
    ///
    /// let rooms = ConnectionFilter::app("roomApp").and(ConnectionFilter::client_version("2.0"));
    /// ```
    ConnectionFilter {
        /// Those of an app, by its `appKey`.
        app = "appKey";
        /// The one of this `sessionId`.
        session = "sessionId";
        /// Those whose client has this version.
        client_version = "clientVersion";
    }

    /// Which streams that are pushed to RTMP servers a command is about. Spec §10.
    ///
    /// ```
    /// use wcs_hooks_rest_client::PushFilter;
    ///
    /// let push = PushFilter::stream("rtmp_b4e7").and(PushFilter::rtmp_url("rtmp://localhost:1935/live"));
    /// ```
    PushFilter {
        /// Those of this name, which WCS puts `rtmp_` before.
        stream = "streamName";
        /// Those to this URL.
        rtmp_url = "rtmpUrl";
    }

    /// Which streams that are pulled from RTSP sources a command is about. Spec §10.
    ///
    /// ```
    /// use wcs_hooks_rest_client::RtspFilter;
    ///
    /// let camera = RtspFilter::uri("rtsp://camera-1/live").and(RtspFilter::status("PLAYING"));
    /// ```
    RtspFilter {
        /// The one of this source.
        uri = "uri";
        /// Those in this status.
        status = "status";
    }
}

impl StreamFilter {
    /// Those of any of these `mediaSessionId`s. Newer builds: one that does not know `mediaSessionIds` sees no filter.
    pub fn media_sessions(ids: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let ids: Vec<Value> = ids.into_iter().map(|id| Value::from(id.into())).collect();
        Self(Criteria::new("mediaSessionIds", ids))
    }

    /// Those that clients publish (`true`) or play (`false`): all of the server, unless another part narrows it.
    pub fn published(published: bool) -> Self {
        Self(Criteria::new("published", published))
    }

    /// Those in a status.
    pub fn status(status: &StreamStatus) -> Self {
        Self(Criteria::new("status", status.as_str()))
    }
}

#[cfg(test)]
mod tests;
