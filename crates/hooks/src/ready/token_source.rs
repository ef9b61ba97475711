//! Where the token stands in what WCS sends: [`TokenSource`].

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};
use wcs_hooks_protocol::{
    Secret,
    payloads::{Connection, HlsPlay, RtspPlay, Stream},
};

/// Where the token stands in what WCS sends. The first place that has a text counts, even if it is not a good token.
///
/// | hook | places, in this order |
/// |---|---|
/// | `connect` | the keys of `custom`, then `authToken` if it is allowed |
/// | `publishStream`, `playStream` and the like | the keys of `custom` |
/// | `playHLS` | `token` (first generation), the keys of `custom`, then the access key of `custom` |
/// | `playRTSP` | the keys of `custom`, the access key of `custom`, then the URL's parameters of the same names |
///
/// By default there is one key, `token`; the access key is `aclAuth`. Spec §3.4.
///
/// ```
/// use wcs_hooks::{payloads::Connection, ready::TokenSource};
///
/// let source = TokenSource::custom(["jwt", "token"]).or_auth_token();
/// let connection = Connection { auth_token: Some("t1".into()), ..Connection::default() };
/// assert_eq!(source.of_connection(&connection), Some("t1"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenSource {
    custom_keys: Vec<String>,
    takes_auth_token: bool,
    access_key: String,
}

impl Default for TokenSource {
    fn default() -> Self {
        Self::custom(["token"])
    }
}

impl TokenSource {
    /// These keys of `custom`, in this order.
    ///
    /// ```
    /// use wcs_hooks::{payloads::Connection, ready::TokenSource};
    ///
    /// let mut connection = Connection::default();
    /// connection.custom.insert("jwt".into(), "t1".into());
    /// assert_eq!(TokenSource::custom(["token", "jwt"]).of_connection(&connection), Some("t1"));
    /// ```
    #[must_use]
    pub fn custom<S: Into<String>>(keys: impl IntoIterator<Item = S>) -> Self {
        Self {
            custom_keys: keys.into_iter().map(Into::into).collect(),
            takes_auth_token: false,
            access_key: "aclAuth".to_owned(),
        }
    }

    /// Behind them `authToken`. Older builds put the session's id there, which then counts as a bad token. Spec §3.4.
    #[must_use]
    pub fn or_auth_token(mut self) -> Self {
        self.takes_auth_token = true;
        self
    }

    /// The name that `client_acl_property_name` of `flashphoner.properties` gives to the parameter that carries the token
    /// of HLS and RTSP players. Default: `aclAuth`. Spec §1.3.
    ///
    /// ```
    /// use wcs_hooks::{payloads::RtspPlay, ready::TokenSource};
    ///
    /// let source = TokenSource::default().access_key("key");
    /// let play = RtspPlay { name: "rtsp://wcs:5554/b4e7?key=t1".into(), ..RtspPlay::default() };
    /// assert_eq!(source.of_rtsp(&play).as_deref(), Some("t1"));
    /// ```
    #[must_use]
    pub fn access_key(mut self, name: impl Into<String>) -> Self {
        self.access_key = name.into();
        self
    }

    /// The token of a `connect`.
    #[must_use]
    pub fn of_connection<'a>(&self, connection: &'a Connection) -> Option<&'a str> {
        let auth_token = connection
            .auth_token
            .as_ref()
            .filter(|_| self.takes_auth_token)
            .map(Secret::expose)
            .filter(|token| !token.is_empty());
        self.in_custom(&connection.custom).or(auth_token)
    }

    /// The token that a stream carries itself.
    #[must_use]
    pub fn of_stream<'a>(&self, stream: &'a Stream) -> Option<&'a str> {
        self.in_custom(&stream.custom)
    }

    /// The token of a `playHLS`, in any generation of it.
    #[must_use]
    pub fn of_hls<'a>(&self, play: &'a HlsPlay) -> Option<&'a str> {
        let token = play.token.as_ref().map(Secret::expose);
        token
            .filter(|token| !token.is_empty())
            .or_else(|| self.in_custom(&play.custom))
            .or_else(|| text(&play.custom, &self.access_key))
    }

    /// The token of a `playRTSP`, in any generation of it.
    #[must_use]
    pub fn of_rtsp<'a>(&self, play: &'a RtspPlay) -> Option<Cow<'a, str>> {
        let given = self.in_custom(&play.custom).or_else(|| text(&play.custom, &self.access_key));
        given.map(Cow::Borrowed).or_else(|| self.in_url(play.url()))
    }

    fn in_custom<'a>(&self, custom: &'a Map<String, Value>) -> Option<&'a str> {
        self.custom_keys.iter().find_map(|key| text(custom, key))
    }

    fn in_url<'a>(&self, url: &'a str) -> Option<Cow<'a, str>> {
        let (_, query) = url.split_once('?')?;
        let names = self.custom_keys.iter().chain([&self.access_key]);
        names.into_iter().find_map(|name| parameter(query, name))
    }
}

/// A member that is a text and has something in it.
fn text<'a>(custom: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    custom.get(key)?.as_str().filter(|text| !text.is_empty())
}

/// A parameter's value. Some players put the name of a track behind the parameters: `?token=…/trackID=1`.
fn parameter<'a>(query: &'a str, name: &str) -> Option<Cow<'a, str>> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.into_iter().find(|(key, value)| *key == name && !value.is_empty())?;
    let (value, _) = value.split_once('/').unwrap_or((value, ""));
    percent_decode_str(value).decode_utf8().ok()
}

#[cfg(test)]
mod tests;
