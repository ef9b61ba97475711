//! `--field` and `--refused-field`: values at a place in a hook's body.

use std::str::FromStr;

use wcs_hooks_protocol::{Edits, HookName, Object, write_string};

use crate::secrets;

/// `[HOOK:]PATH=TEXT`, `[HOOK:]PATH:=JSON` or `[HOOK:]PATH=@FILE`. Its value may be secret: it does not print.
#[derive(Clone)]
pub(crate) struct FieldAt {
    pub(crate) hook: HookName,
    /// Names from the outside in, parted by dots.
    pub(crate) path: String,
    json: String,
}

impl FromStr for FieldAt {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (place, value) = text.split_once('=').ok_or("write PATH=VALUE, such as custom.token=abc")?;
        let (place, is_json) = place.strip_suffix(':').map_or((place, false), |place| (place, true));
        let (hook, path) = match place.split_once(':') {
            Some((hook, path)) => (hook.parse().map_err(|_| format!("no hook has the name {hook:?}"))?, path),
            None => (HookName::Connect, place),
        };
        if path.split('.').any(str::is_empty) {
            return Err("a name of the path is empty".to_owned());
        }
        let json = if is_json { checked(value)? } else { quoted(&secrets::text(value)?) };
        Ok(Self { hook, path: path.to_owned(), json })
    }
}

impl std::fmt::Debug for FieldAt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.hook, self.path)
    }
}

impl FieldAt {
    /// The body with the value in it.
    pub(crate) fn put_into(&self, body: &str) -> String {
        set(body, &self.path, &self.json)
    }
}

fn checked(json: &str) -> Result<String, String> {
    let value = serde_json::from_str::<serde::de::IgnoredAny>(json);
    value.map_err(|error| format!("what stands behind := is not JSON: {error}"))?;
    Ok(json.to_owned())
}

/// A text as JSON.
pub(crate) fn quoted(text: &str) -> String {
    let mut json = String::new();
    write_string(text, &mut json);
    json
}

/// An object with a value at a path; objects on the way are made where there are none.
pub(crate) fn set(object: &str, path: &str, json: &str) -> String {
    let Ok(parsed) = Object::parse(object) else {
        return set("{}", path, json);
    };
    let (name, value) = match path.split_once('.') {
        Some((name, rest)) => (name, set(parsed.get(name).unwrap_or("{}"), rest, json)),
        None => (path, json.to_owned()),
    };
    let mut edits = Edits::new();
    edits.set(name.to_owned(), value);
    parsed.edited(&edits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_put_at_its_place() {
        for (field, body, expected) in [
            ("a=1", "{}", r#"{"a":"1"}"#),
            ("a:=1", r#"{"a":2,"b":3}"#, r#"{"a":1,"b":3}"#),
            ("custom.token=x=y", r#"{"custom":{"z":1}}"#, r#"{"custom":{"z":1,"token":"x=y"}}"#),
            ("custom.a.b:={}", r#"{"custom":1}"#, r#"{"custom":{"a":{"b":{}}}}"#),
        ] {
            assert_eq!(field.parse::<FieldAt>().unwrap().put_into(body), expected);
        }
    }

    #[test]
    fn a_hook_is_named_before_the_path() {
        let hook = HookName::PublishStream;
        let field: FieldAt = format!("{hook}:name=x").parse().unwrap();
        assert_eq!((field.hook, &*field.path), (hook, "name"));
        assert_eq!("name=x".parse::<FieldAt>().unwrap().hook, HookName::Connect);
    }

    #[test]
    fn what_is_wrong_is_said_and_no_value_is_printed() {
        for (field, problem) in [
            ("a", "write PATH=VALUE, such as custom.token=abc"),
            ("a..b=1", "a name of the path is empty"),
            ("nobody:a=1", r#"no hook has the name "nobody""#),
            ("a:=x", "what stands behind := is not JSON: expected value at line 1 column 1"),
        ] {
            assert_eq!(field.parse::<FieldAt>().unwrap_err(), problem);
        }
        assert!(!format!("{:?}", "custom.token=abc".parse::<FieldAt>().unwrap()).contains("abc"));
    }
}
