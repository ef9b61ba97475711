//! What a command is about: [`Filter`].

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

use wcs_hooks_protocol::Object;

/// Fields that have to be as given. None is everything: on WCS, `{}` terminates all streams.
pub(crate) struct Filter<'a> {
    fields: HashMap<Cow<'a, str>, Cow<'a, str>>,
    /// A list of ids, and the field that must be one of them.
    any_of: HashMap<&'static str, HashSet<String>>,
}

/// Lists, and the field that each is about.
const LISTS: [(&str, &str); 3] =
    [("mediaSessionIds", "mediaSessionId"), ("sessionIds", "sessionId"), ("callIds", "callId")];

impl<'a> Filter<'a> {
    /// Every member of a command but `display`, which says what is to be shown.
    pub(crate) fn of(command: &Object<'a>) -> Self {
        let mut filter = Self { fields: HashMap::new(), any_of: HashMap::new() };
        for (name, json) in command.members().filter(|(_, json)| *json != "null") {
            match LISTS.into_iter().find(|(list, _)| *list == name) {
                Some((_, field)) => filter.is_one_of(field, || super::command::texts(command, &name)),
                None if name == "display" => {}
                None => drop(filter.fields.insert(name, scalar(json))),
            }
        }
        filter
    }

    fn is_one_of(&mut self, field: &'static str, ids: impl FnOnce() -> Vec<String>) {
        self.any_of.entry(field).or_insert_with(|| ids().into_iter().collect());
    }

    /// Whether an object, given as JSON, has these fields. `"true"` is as good as `true`, and `5060` as `"5060"`.
    pub(crate) fn takes(&self, json: &str) -> bool {
        let Ok(object) = Object::parse(json) else { return false };
        let value = |name: &str| object.get(name).map(scalar);
        self.fields.iter().all(|(name, wanted)| value(name).is_some_and(|value| value == *wanted))
            && self
                .any_of
                .iter()
                .all(|(name, wanted)| value(name).is_some_and(|value| wanted.contains(&*value)))
    }
}

/// The text of a string, and what is written of anything else.
fn scalar(json: &str) -> Cow<'_, str> {
    if json.starts_with('"') {
        serde_json::from_str::<String>(json).map_or(Cow::Borrowed(json), Cow::Owned)
    } else {
        Cow::Borrowed(json)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_compared_as_they_are_written() {
        let stream =
            r#"{"mediaSessionId":"1","name":"b4e7","published":true,"status":"PUBLISHING","width":0}"#;
        for (command, is_taken) in [
            ("{}", true),
            (r#"{"name":"b4e7"}"#, true),
            (r#"{"name":"b4e8"}"#, false),
            (r#"{"name":"b4e7","published":true}"#, true),
            (r#"{"name":"b4e7","published":"true"}"#, true),
            (r#"{"published":false}"#, false),
            (r#"{"status":"PUBLISHING","name":null}"#, true),
            (r#"{"mediaSessionId":"1"}"#, true),
            (r#"{"mediaSessionIds":["2","1"]}"#, true),
            (r#"{"mediaSessionIds":["2"]}"#, false),
            (r#"{"mediaSessionIds":[]}"#, false),
            (r#"{"mediaSessionIds":["1"],"published":false}"#, false),
            (r#"{"width":"0"}"#, true),
            (r#"{"sessionId":"7"}"#, false),
            (r#"{"name":"b4e7","display":["metrics"]}"#, true),
            (r#"{"mediaSessionIds":"1"}"#, false),
            (r#"{"published":true,"published":true}"#, true),
        ] {
            let command = Object::parse(command).unwrap();
            assert_eq!(Filter::of(&command).takes(stream), is_taken, "{}", command.text());
        }
    }
}
