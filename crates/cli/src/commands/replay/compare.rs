//! Whether two answers say the same: pure.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::value::RawValue;
use wcs_hooks::redact::{self, Mask};
use wcs_hooks_protocol::{Object, read_string};

use super::values::Values;

/// The most differences of an exchange that are told.
const MOST: usize = 50;
/// The longest value that is told, in characters.
const LONGEST: usize = 200;

/// What differs. What stands in no body is called by a name with a blank in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Difference {
    /// Where: `custom.login`, `list[2]`, `HTTP status`.
    pub(super) path: String,
    /// JSON, or nothing if it is not there.
    pub(super) recorded: Option<String>,
    pub(super) now: Option<String>,
}

/// Compares the answers to one request.
pub(super) struct Comparison<'a> {
    values: &'a Values,
    ignored: &'a BTreeSet<String>,
    pub(super) differences: Vec<Difference>,
}

impl<'a> Comparison<'a> {
    /// `ignored` are paths without indices, or names at any depth.
    pub(super) fn new(values: &'a Values, ignored: &'a BTreeSet<String>) -> Self {
        Self { values, ignored, differences: Vec::new() }
    }

    /// Two texts that stand in no body.
    pub(super) fn texts(&mut self, what: &str, recorded: Option<&str>, now: Option<&str>) {
        let expected = recorded.map(|text| self.values.put_into(text));
        if recorded.is_some_and(|text| self.values.is_anything(text)) || expected.as_deref() == now {
            return;
        }
        let [recorded, now] = [recorded, now].map(|text| text.map(redact::url));
        self.add(what, recorded, now);
    }

    /// Two bodies. JSON is compared member by member, whatever their order; numbers by their spelling.
    pub(super) fn bodies(&mut self, recorded: &str, now: &str) {
        if is_json(recorded) && is_json(now) {
            return self.json("", recorded.trim(), now.trim());
        }
        let length = |body: &str| {
            Some(format!("{} bytes, {}", body.len(), if is_json(body) { "JSON" } else { "not JSON" }))
        };
        if self.values.put_into(recorded) != now {
            self.add("the body", length(recorded), length(now));
        }
    }

    fn json(&mut self, path: &str, recorded: &str, now: &str) {
        if self.is_ignored(path) {
            return;
        }
        if let (Ok(recorded), Ok(now)) = (Object::parse(recorded), Object::parse(now)) {
            return self.objects(path, &recorded, &now);
        }
        if let (Some(recorded), Some(now)) = (elements(recorded), elements(now)) {
            return self.arrays(path, &recorded, &now);
        }
        if !self.are_same(recorded, now) {
            self.tell(path, Some(recorded), Some(now));
        }
    }

    /// A masked number is a text in the recording.
    fn are_same(&self, recorded: &str, now: &str) -> bool {
        let Some(text) = read_string(recorded) else { return recorded == now };
        let expected = self.values.put_into(&text);
        let now = read_string(now);
        self.values.is_anything(&text) || now.is_some_and(|now| now == expected)
    }

    fn objects(&mut self, path: &str, recorded: &Object<'_>, now: &Object<'_>) {
        let mut told = BTreeSet::new();
        for (name, _) in recorded.members().chain(now.members()) {
            if told.contains(&name) {
                continue;
            }
            let path = if path.is_empty() { name.clone().into_owned() } else { format!("{path}.{name}") };
            match (recorded.get(&name), now.get(&name)) {
                (Some(recorded), Some(now)) => self.json(&path, recorded, now),
                (recorded, now) => self.one_of(&path, recorded, now),
            }
            told.insert(name);
        }
    }

    fn arrays(&mut self, path: &str, recorded: &[&RawValue], now: &[&RawValue]) {
        for index in 0..recorded.len().max(now.len()) {
            let path = format!("{path}[{index}]");
            let [recorded, now] = [recorded, now].map(|array| array.get(index).map(|element| element.get()));
            match (recorded, now) {
                (Some(recorded), Some(now)) => self.json(&path, recorded, now),
                (recorded, now) => self.one_of(&path, recorded, now),
            }
        }
    }

    fn one_of(&mut self, path: &str, recorded: Option<&str>, now: Option<&str>) {
        if !self.is_ignored(path) {
            self.tell(path, recorded, now);
        }
    }

    fn is_ignored(&self, path: &str) -> bool {
        let names = || path.split('.').map(|name| name.split('[').next().unwrap_or_default());
        let whole = names().collect::<Vec<_>>().join(".");
        self.ignored.contains(&whole) || names().any(|name| self.ignored.contains(name))
    }

    fn tell(&mut self, path: &str, recorded: Option<&str>, now: Option<&str>) {
        let is_secret = path.split(['.', '[']).any(redact::is_secret);
        let shown = |json: &str| {
            if is_secret && !json.contains("***") { redact::HIDDEN.to_owned() } else { printable(json) }
        };
        let now = now.map(shown);
        self.add(path, recorded.map(shown), now);
    }

    fn add(&mut self, path: &str, recorded: Option<String>, now: Option<String>) {
        if self.differences.len() < MOST {
            let short = |text: String| self.values.hidden(&text).chars().take(LONGEST).collect();
            let (recorded, now) = (recorded.map(short), now.map(short));
            let path = if path.is_empty() { "the body".to_owned() } else { path.to_owned() };
            self.differences.push(Difference { path, recorded, now });
        }
    }
}

struct Hide;

impl Mask for Hide {
    fn mask(&mut self, secret: &str) -> Option<String> {
        (!secret.starts_with("***")).then(|| redact::HIDDEN.to_owned())
    }
}

fn printable(json: &str) -> String {
    redact::json_with(json, &mut Hide).unwrap_or_else(|| redact::HIDDEN.to_owned())
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<&RawValue>(text).is_ok()
}

fn elements(json: &str) -> Option<Vec<&RawValue>> {
    serde_json::from_str(json).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn differences(recorded: &str, now: &str, ignored: &[&str]) -> Vec<String> {
        let mut values = Values::read(vec!["***1=S3cret".parse().unwrap()], None).unwrap();
        values.note_text("***1 ***2");
        let ignored = ignored.iter().map(ToString::to_string).collect();
        let mut comparison = Comparison::new(&values, &ignored);
        comparison.bodies(recorded, now);
        let shown = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
        comparison
            .differences
            .into_iter()
            .map(|d| format!("{}: {} {}", d.path, shown(d.recorded), shown(d.now)))
            .collect()
    }

    #[test]
    fn what_says_the_same_does_not_differ() {
        for (recorded, now) in [
            (r#"{"a":1,"b":[1,{"c":"x"}]}"#, "{\n \"b\": [1, {\"c\": \"\\u0078\"}],\n \"a\": 1}"),
            (r#"{"token":"***1"}"#, r#"{"token":"S3cret"}"#),
            (r#"{"token":"***2"}"#, r#"{"token":"***2"}"#),
            (r#"{"token":"***9","list":["h?token=***9"]}"#, r#"{"token":7,"list":["another"]}"#),
            ("<p>***1</p>", "<p>S3cret</p>"),
            ("", ""),
        ] {
            assert_eq!(differences(recorded, now, &[]), [""; 0], "{recorded}");
        }
    }

    #[test]
    fn what_differs_is_told_with_its_path() {
        for (recorded, now, told) in [
            (r#"{"a":1}"#, r#"{"a":1.0}"#, "a: 1 1.0"),
            (r#"{"a":1}"#, r#"{"a":"1"}"#, r#"a: 1 "1""#),
            (r#"{"a":null}"#, "{}", "a: null -"),
            ("{}", r#"{"a":{"b":[1]}}"#, r#"a: - {"b":[1]}"#),
            (r#"{"a":{"b":[1,2]}}"#, r#"{"a":{"b":[1]}}"#, "a.b[1]: 2 -"),
            (r#"{"a":[[1]]}"#, r#"{"a":[[2]]}"#, "a[0][0]: 1 2"),
            (r#"{"token":"***2"}"#, r#"{"token":"x"}"#, r#"token: "***2" [hidden]"#),
            (r#"{"token":"***1"}"#, r#"{"token":"x"}"#, r#"token: "***1" [hidden]"#),
            (r#"{"u":"x"}"#, r#"{"u":"http://me:pw@h/S3cret"}"#, r#"u: "x" "http://[hidden]@h/[hidden]""#),
            ("{}", "<p>S</p>", "the body: 2 bytes, JSON 8 bytes, not JSON"),
            ("7", "8", "the body: 7 8"),
        ] {
            assert_eq!(differences(recorded, now, &[]), [told], "{recorded} {now}");
        }
    }

    #[test]
    fn what_is_ignored_is_not_told() {
        let (recorded, now) =
            (r#"{"a":{"time":1,"list":[{"id":1}]},"b":1}"#, r#"{"a":{"time":2,"list":[{"id":2}]}}"#);
        assert_eq!(differences(recorded, now, &["time", "a.list.id", "b"]), [""; 0]);
        assert_eq!(differences(recorded, now, &["a"]), ["b: 1 -"]);
        assert_eq!(differences(recorded, now, &["list.id", "b", "a.time"]), ["a.list[0].id: 1 2"]);
    }

    #[test]
    fn what_is_told_is_bounded() {
        let many: Vec<_> = (0..1000).collect();
        let told = differences("[]", &serde_json::to_string(&many).unwrap(), &[]);
        assert_eq!(told.len(), MOST);
        let long = format!("\"{}\"", "x".repeat(100_000));
        assert!(differences("\"\"", &long, &[])[0].len() < 2 * LONGEST);
    }
}
