//! Which values are masked, and the names that stand in their places: [`Masks`].

use std::{
    collections::{HashMap, HashSet},
    hash::{BuildHasher, RandomState},
};

use http::{HeaderMap, HeaderName, header};
use wcs_hooks::redact::{self, Mask};

/// What stands before the number of a masked value.
pub(crate) const MARK: &str = "***";

/// How many values are remembered. Behind them, values get new numbers even if they had one.
const MOST_VALUES: usize = 100_000;

/// Masks secrets: the same value by the same name within a recording, `***1`, `***2`…
///
/// Values are remembered as keyed hashes.
#[derive(Default)]
pub(crate) struct Masks {
    kept: HashSet<String>,
    added: HashSet<String>,
    keeps_unreadable: bool,
    keys: [RandomState; 2],
    names: HashMap<[u64; 2], u64>,
    last: u64,
}

impl Masks {
    /// Masks what [`redact::is_secret`] says but fields of the first names, and fields of the second.
    pub(crate) fn new(
        kept: impl IntoIterator<Item = String>,
        added: impl IntoIterator<Item = String>,
    ) -> Self {
        Self { kept: kept.into_iter().collect(), added: added.into_iter().collect(), ..Self::default() }
    }

    /// Keeps bodies that are not JSON.
    pub(crate) fn keeping_unreadable(self) -> Self {
        Self { keeps_unreadable: true, ..self }
    }

    pub(crate) const fn keeps_unreadable(&self) -> bool {
        self.keeps_unreadable
    }

    /// The name of a value.
    pub(crate) fn name_of(&mut self, value: &[u8]) -> String {
        if self.names.len() >= MOST_VALUES {
            self.names.clear();
        }
        let key = self.keys.each_ref().map(|key| key.hash_one(value));
        let number = self.names.entry(key).or_insert_with(|| {
            self.last += 1;
            self.last
        });
        format!("{MARK}{number}")
    }

    /// Headers as they are written: none that proves who somebody is, cookies and secrets masked.
    pub(crate) fn headers(&mut self, headers: &HeaderMap) -> Vec<(String, String)> {
        let written = headers.iter().filter(|(name, _)| !is_proof(name));
        written.map(|(name, value)| (name.to_string(), self.header(name, value.as_bytes()))).collect()
    }

    fn header(&mut self, name: &HeaderName, value: &[u8]) -> String {
        let is_cookie = *name == header::COOKIE || *name == header::SET_COOKIE;
        if is_cookie || self.is_secret(name.as_str()) {
            return self.name_of(value);
        }
        redact::url_with(&String::from_utf8_lossy(value), self)
    }
}

impl Mask for Masks {
    fn is_secret(&self, name: &str) -> bool {
        self.added.contains(name) || (redact::is_secret(name) && !self.kept.contains(name))
    }

    /// What is empty, and what can only be true or false, tells no secret.
    fn mask(&mut self, secret: &str) -> Option<String> {
        let is_secret = !matches!(secret, "" | "true" | "false");
        is_secret.then(|| self.name_of(secret.as_bytes()))
    }
}

fn is_proof(name: &HeaderName) -> bool {
    *name == header::AUTHORIZATION || *name == header::PROXY_AUTHORIZATION
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_value_has_the_same_name() {
        let mut masks = Masks::default();
        let names = ["a", "b", "a"].map(|value| masks.name_of(value.as_bytes()));
        assert_eq!(names, ["***1", "***2", "***1"]);
        let body = r#"{"pass":"b","n":{"pin":7,"url":"http://a@h/?token=b"},"bypass":"b"}"#;
        let masked = r#"{"pass":"***2","n":{"pin":"***3","url":"http://***1@h/?token=***2"},"bypass":"b"}"#;
        assert_eq!(redact::json_with(body, &mut masks).as_deref(), Some(masked));
    }

    #[test]
    fn how_many_are_remembered_is_bounded() {
        let mut masks = Masks::default();
        for value in 0..=MOST_VALUES {
            masks.name_of(&value.to_ne_bytes());
        }
        assert_eq!(masks.names.len(), 1);
        assert_eq!(masks.name_of(b"another"), format!("***{}", MOST_VALUES + 2));
    }

    #[test]
    fn which_fields_are_masked_can_be_said() {
        let mut masks = Masks::new(["token".to_owned()], ["phone".to_owned()]);
        let body = r#"{"token":"t","phone":"1","authToken":"a","auth":true,"password":""}"#;
        let masked = r#"{"token":"t","phone":"***1","authToken":"***2","auth":true,"password":""}"#;
        assert_eq!(redact::json_with(body, &mut masks).as_deref(), Some(masked));
    }

    #[test]
    fn headers_tell_no_secret() {
        let headers = [
            ("authorization", "WCS 1"),
            ("proxy-authorization", "Basic YTpi"),
            ("cookie", "id=S"),
            ("x-api-key", "S"),
            ("x-phone", "S"),
            ("x-auth-token", "S"),
            ("referer", "http://me:S@h/?token=S"),
            ("accept", "application/json"),
        ];
        let headers: HeaderMap = headers
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .into_iter()
            .collect();
        let written = Masks::new([], ["x-phone".to_owned()]).headers(&headers);
        let text = serde_json::to_string(&written).unwrap();
        assert!(!text.contains('S') && !text.contains("YTpi") && !text.contains("WCS"), "{text}");
        assert_eq!(written.len(), 6);
        assert!(written.contains(&("accept".to_owned(), "application/json".to_owned())));
    }
}
