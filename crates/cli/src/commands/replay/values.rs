//! What stands for masked values: [`Values`].

use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
    fs,
    path::Path,
    str::FromStr,
};

use wcs_hooks::{Secret, redact};

use crate::recording::{Body, Exchange, MARK, Request};

/// `***1=value`
#[derive(Debug, Clone)]
pub(super) struct Given {
    number: u64,
    value: Secret,
}

impl FromStr for Given {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "write ***1=value, with a name that stands in the recording";
        let (name, value) = text.split_once('=').ok_or(wrong)?;
        let number = name.strip_prefix(MARK).and_then(|number| number.parse().ok()).ok_or(wrong)?;
        Ok(Self { number, value: value.into() })
    }
}

/// Values by the number in their names.
#[derive(Debug, Default)]
pub(super) struct Values {
    given: BTreeMap<u64, Secret>,
    /// Numbers that stand in requests. They are sent as they are unless a value is given.
    in_requests: BTreeSet<u64>,
}

impl Values {
    /// Those that are given, and those on the lines of a file.
    pub(super) fn read(given: Vec<Given>, file: Option<&Path>) -> Result<Self, Box<dyn Error>> {
        let given = given.into_iter().map(|Given { number, value }| (number, value)).collect();
        let mut values = Self { given, ..Self::default() };
        let Some(file) = file else { return Ok(values) };
        let name = file.display();
        let text = fs::read_to_string(file).map_err(|error| format!("{name}: {error}"))?;
        for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
            let Given { number, value } =
                line.parse().map_err(|problem| format!("{name}:{number}: {problem}"))?;
            values.given.insert(number, value);
        }
        Ok(values)
    }

    /// Remembers the names in a request.
    pub(super) fn note(&mut self, exchange: &Exchange) {
        let Request { path, headers, body, .. } = &exchange.request;
        self.note_text(path);
        for (_, value) in headers {
            self.note_text(value);
        }
        if let Some(body) = body.as_ref().and_then(Body::bytes) {
            self.note_text(&String::from_utf8_lossy(&body));
        }
    }

    /// Whether the value of a name is given.
    pub(super) fn has(&self, name: &str) -> bool {
        names(name).all(|(_, number, _)| self.given.contains_key(&number))
    }

    pub(super) fn note_text(&mut self, text: &str) {
        self.in_requests.extend(names(text).map(|(_, number, _)| number));
    }

    /// How many names stand in requests and have no value.
    pub(super) fn missing(&self) -> usize {
        self.in_requests.iter().filter(|number| !self.given.contains_key(number)).count()
    }

    /// The text with the values that are given.
    pub(super) fn put_into(&self, text: &str) -> String {
        self.replaced(text, |value, out| out.push_str(value))
    }

    /// The same for JSON: the values stand in strings.
    pub(super) fn put_into_json(&self, text: &str) -> String {
        self.replaced(text, |value, out| {
            let quoted = serde_json::Value::from(value).to_string();
            out.push_str(&quoted[1..quoted.len() - 1]);
        })
    }

    fn replaced(&self, text: &str, put: impl Fn(&str, &mut String)) -> String {
        let mut out = String::with_capacity(text.len());
        let mut done = 0;
        for (start, number, end) in names(text) {
            let Some(value) = self.given.get(&number) else { continue };
            out.push_str(&text[done..start]);
            put(value.expose(), &mut out);
            done = end;
        }
        out + &text[done..]
    }

    /// Whether a text of an answer has a name whose value nobody knows: the backend made it, and makes another one now.
    pub(super) fn is_anything(&self, text: &str) -> bool {
        names(text)
            .any(|(_, number, _)| !self.given.contains_key(&number) && !self.in_requests.contains(&number))
    }

    /// A text without the values that are given.
    pub(super) fn hidden(&self, text: &str) -> String {
        let values = self.given.values().map(Secret::expose).filter(|value| !value.is_empty());
        values.fold(text.to_owned(), |text, value| text.replace(value, redact::HIDDEN))
    }
}

/// The names in a text: where each starts, its number, where it ends.
fn names(text: &str) -> impl Iterator<Item = (usize, u64, usize)> {
    text.match_indices(MARK).filter_map(|(start, _)| {
        let digits = &text[start + MARK.len()..];
        let length = digits.bytes().take_while(u8::is_ascii_digit).count();
        let number = digits[..length].parse().ok()?;
        Some((start, number, start + MARK.len() + length))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(given: &[&str]) -> Values {
        let given = given.iter().map(|text| text.parse().unwrap()).collect();
        Values::read(given, None).unwrap()
    }

    #[test]
    fn given_values_take_the_places_of_their_names() {
        let values = values(&["***1=a\"b", "***12=c=d"]);
        let text = r#"{"token":"***1","url":"h?t=***12&u=***2","x":"*** ***x"}"#;
        assert_eq!(values.put_into_json(text), r#"{"token":"a\"b","url":"h?t=c=d&u=***2","x":"*** ***x"}"#);
        assert_eq!(values.put_into("/connect?t=***1"), "/connect?t=a\"b");
        assert_eq!(values.hidden("x c=d"), "x [hidden]");
        assert!(!format!("{values:?}").contains("c=d"));
    }

    #[test]
    fn a_name_that_was_not_sent_stands_for_anything() {
        let mut values = values(&["***1=a"]);
        values.note_text(r#"{"a":"***1","b":"***2"}"#);
        assert_eq!(values.missing(), 1);
        for (text, is_anything) in [("***1", false), ("***2", false), ("x***3", true), ("x", false)] {
            assert_eq!(values.is_anything(text), is_anything, "{text}");
        }
    }

    #[test]
    fn a_file_has_a_value_on_each_line() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("values");
        fs::write(&file, "***1=a\n\n***2=S3cret\n").unwrap();
        let values = Values::read(vec![], Some(&file)).unwrap();
        assert_eq!(values.put_into("***1 ***2"), "a S3cret");
        fs::write(&file, "***1=a\nS3cret\n").unwrap();
        let error = Values::read(vec![], Some(&file)).unwrap_err().to_string();
        assert!(
            error.ends_with("values:2: write ***1=value, with a name that stands in the recording"),
            "{error}"
        );
        assert!("1=a".parse::<Given>().is_err());
    }
}
