//! `--field` and its like: values at a place in a hook's object.

use std::{fmt, str::FromStr};

use wcs_hooks_protocol::{Edits, Object, quoted};

use crate::secrets;

/// The most names in a path.
const DEEPEST: usize = 32;

/// `PATH=TEXT`, `PATH:=JSON` or `PATH=@FILE`. Its value may be secret: it does not print.
#[derive(Clone)]
pub(crate) struct Field {
    /// Names from the outside in, parted by dots.
    path: String,
    json: String,
}

impl FromStr for Field {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (place, value) = text.split_once('=').ok_or("write PATH=VALUE, such as custom.token=abc")?;
        let (path, json) = match place.strip_suffix(':') {
            Some(path) => (path, checked(value)?),
            None => (place, quoted(&secrets::text(value)?)),
        };
        if path.split('.').any(str::is_empty) {
            return Err("a name of the path is empty".to_owned());
        }
        if path.split('.').count() > DEEPEST {
            return Err(format!("the path has more than {DEEPEST} names"));
        }
        Ok(Self { path: path.to_owned(), json })
    }
}

impl fmt::Debug for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)
    }
}

impl Field {
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// An object with the value in it.
    pub(crate) fn put_into(&self, object: &str) -> String {
        set(object, &self.path, &self.json)
    }
}

/// `--custom`: the path begins in `custom`.
pub(crate) fn custom(text: &str) -> Result<Field, String> {
    format!("custom.{text}").parse()
}

/// An object with fields over it, the last one on top. What is not named stays as it is written.
pub(crate) fn with_fields(object: &str, fields: &[Field]) -> String {
    fields.iter().fold(object.to_owned(), |object, field| field.put_into(&object))
}

fn checked(json: &str) -> Result<String, String> {
    let value = serde_json::from_str::<serde::de::IgnoredAny>(json);
    value.map_err(|error| format!("what stands behind := is not JSON: {error}"))?;
    // Wherever a path leads to, an object with the value in it can be read again.
    let deep = format!("{{\"\":{}{json}{}}}", "[".repeat(DEEPEST), "]".repeat(DEEPEST));
    Object::parse(&deep).map_err(|_| "what stands behind := is nested too deeply")?;
    Ok(json.trim().to_owned())
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

    fn put_together(object: &str, fields: &[&str]) -> Result<String, String> {
        let fields: Result<Vec<Field>, String> = fields.iter().map(|field| field.parse()).collect();
        Ok(with_fields(object, &fields?))
    }

    #[test]
    fn fields_go_into_objects_and_leave_the_rest_as_written() {
        for (object, fields, expected) in [
            ("{}", &["name=b4e7", "record:=true", "n:=1e0"][..], r#"{"name":"b4e7","record":true,"n":1e0}"#),
            ("{}", &["pin=1234", "empty=", "sure=true"], r#"{"pin":"1234","empty":"","sure":"true"}"#),
            ("{}", &["a.b.c:=1", "a.d=x=y"], r#"{"a":{"b":{"c":1},"d":"x=y"}}"#),
            (r#"{"z": 1e3, "a":{"b":1}}"#, &["a.c:=2"], r#"{"z": 1e3, "a":{"b":1,"c":2}}"#),
            ("{}", &["a:={}", "a.b:= [1] "], r#"{"a":{"b":[1]}}"#),
            (r#"{"a":2,"b":3}"#, &["a:=1", "a:=4"], r#"{"a":4,"b":3}"#),
            (r#"{"custom":1}"#, &["custom.a.b:={}"], r#"{"custom":{"a":{"b":{}}}}"#),
        ] {
            assert_eq!(put_together(object, fields).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn what_stands_in_a_file_is_a_text() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("token");
        std::fs::write(&file, "123\n").unwrap();
        let at = file.display();
        assert_eq!(put_together("{}", &[&*format!("a=@{at}")]).as_deref(), Ok(r#"{"a":"123"}"#));
        let field = custom(&format!("token=@{at}")).unwrap();
        assert_eq!(with_fields("{}", &[field]), r#"{"custom":{"token":"123"}}"#);
        assert!("a=@/nowhere".parse::<Field>().unwrap_err().starts_with("/nowhere: "));
    }

    #[test]
    fn what_is_wrong_is_said_and_no_value_is_printed() {
        let deep = format!("{}a=1", "a.".repeat(DEEPEST));
        let nested = format!("a:={}{}", "[".repeat(100), "]".repeat(100));
        for (field, problem) in [
            ("a", "write PATH=VALUE, such as custom.token=abc"),
            ("a..b=1", "a name of the path is empty"),
            ("=1", "a name of the path is empty"),
            ("a:=x", "what stands behind := is not JSON: expected value at line 1 column 1"),
            (&*deep, "the path has more than 32 names"),
            (&*nested, "what stands behind := is nested too deeply"),
        ] {
            assert_eq!(field.parse::<Field>().unwrap_err(), problem);
        }
        assert!(custom("=1").is_err());
        assert!(!format!("{:?}", "custom.token=abc".parse::<Field>().unwrap()).contains("abc"));
    }
}
