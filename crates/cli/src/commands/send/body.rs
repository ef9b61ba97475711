//! The object of a hook, put together from a file and single fields.

use std::{
    error::Error,
    fs,
    io::{self, Read},
    str::FromStr,
};

use serde_json::{Map, Value};
use wcs_hooks_dispatcher::Object;
use wcs_hooks_protocol::Edits;

use crate::secrets;

/// What the hook carries.
#[derive(clap::Args)]
pub(super) struct Carried {
    /// A file with the object, - for standard input; its fields keep their order and spelling, its nodeId, appKey and
    /// sessionId are used
    #[arg(long, value_name = "FILE")]
    json_body: Option<String>,
    /// A field over that: the value is JSON, or else a text, or =@FILE; dots in the name lead into objects, as in a.b=1
    #[arg(long = "field", value_name = "NAME=VALUE")]
    fields: Vec<Field>,
    /// A text that the page or player gave, short for --field custom.KEY="VALUE"
    #[arg(long = "custom", value_name = "KEY=VALUE")]
    custom: Vec<Custom>,
}

/// `a.b=value`
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Field {
    path: Vec<String>,
    value: Value,
}

#[derive(Debug, Clone)]
struct Custom(Field);

impl FromStr for Field {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) = text.split_once('=').ok_or("must be NAME=VALUE")?;
        let path: Vec<_> = name.split('.').map(str::to_owned).collect();
        if path.iter().any(String::is_empty) {
            return Err("must have a name before the = and between dots".to_owned());
        }
        let text = secrets::text(value)?;
        let json = if value.starts_with('@') { None } else { serde_json::from_str(value).ok() };
        Ok(Self { path, value: json.unwrap_or_else(|| text.into()) })
    }
}

impl FromStr for Custom {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (key, value) = text.split_once('=').ok_or("must be KEY=VALUE")?;
        let path = vec!["custom".to_owned(), key.to_owned()];
        Ok(Self(Field { path, value: secrets::text(value)?.into() }))
    }
}

impl Carried {
    /// The object as JSON.
    ///
    /// # Errors
    /// If the file cannot be read or holds no object, or a field leads into something that is no object.
    pub(super) fn read(&self) -> Result<String, Box<dyn Error>> {
        let text = match self.json_body.as_deref() {
            None => "{}".to_owned(),
            Some("-") => {
                let mut text = String::new();
                io::stdin().read_to_string(&mut text)?;
                text
            }
            Some(file) => fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?,
        };
        let custom = self.custom.iter().map(|custom| custom.0.clone());
        let fields: Vec<_> = self.fields.iter().cloned().chain(custom).collect();
        let name = self.json_body.as_deref().unwrap_or_default();
        with_fields(&text, &fields)
            .map_err(|error| format!("{name}: {error}").trim_start_matches(": ").into())
    }
}

/// An object with fields over it. What is not named stays as it is written.
///
/// # Errors
/// If the text is no object, or a field leads into something that is none.
pub(crate) fn with_fields(text: &str, fields: &[Field]) -> Result<String, Box<dyn Error>> {
    let object = Object::parse(text)?;
    let mut edits = Edits::new();
    for Field { path, value } in fields {
        let [name, inner @ ..] = &**path else { continue };
        let before = edits.get(name).or_else(|| object.get(name)).map(serde_json::from_str::<Value>);
        let mut whole = before.transpose()?.unwrap_or_else(|| Value::Object(Map::new()));
        put(&mut whole, inner, value).map_err(|place| format!("{}: {place} is no object", path.join(".")))?;
        edits.set(name.clone(), whole.to_string());
    }
    Ok(object.edited(&edits))
}

/// Puts a value into a value, and makes the objects on the way; the error is what is in the way.
fn put(place: &mut Value, path: &[String], value: &Value) -> Result<(), String> {
    let [name, inner @ ..] = path else {
        *place = value.clone();
        return Ok(());
    };
    let Value::Object(members) = place else {
        return Err(format!("what {name} is to stand in"));
    };
    put(members.entry(name.clone()).or_insert_with(|| Value::Object(Map::new())), inner, value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put_together(text: &str, fields: &[&str]) -> Result<String, String> {
        let fields: Result<Vec<Field>, String> = fields.iter().map(|field| field.parse()).collect();
        with_fields(text, &fields?).map_err(|error| error.to_string())
    }

    #[test]
    fn fields_go_into_objects_and_leave_the_rest_as_written() {
        for (text, fields, expected) in [
            ("{}", &["name=b4e7", "record=true", "n=1"][..], r#"{"name":"b4e7","record":true,"n":1}"#),
            ("{}", &[r#"name="1""#, "empty="], r#"{"name":"1","empty":""}"#),
            ("{}", &["a.b.c=1", "a.d=x=y"], r#"{"a":{"b":{"c":1},"d":"x=y"}}"#),
            (r#"{"z": 1e3, "a":{"b":1}}"#, &["a.c=2"], r#"{"z": 1e3, "a":{"b":1,"c":2}}"#),
            ("{}", &["a={}", "a.b=[1]"], r#"{"a":{"b":[1]}}"#),
        ] {
            assert_eq!(put_together(text, fields).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn what_stands_in_a_file_is_a_text() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("token");
        fs::write(&file, "123\n").unwrap();
        let at = file.display();
        let field = format!("a=@{at}");
        assert_eq!(put_together("{}", &[&*field]).as_deref(), Ok(r#"{"a":"123"}"#));
        let Custom(custom) = format!("token=@{at}").parse().unwrap();
        assert_eq!(with_fields("{}", &[custom]).unwrap(), r#"{"custom":{"token":"123"}}"#);
        assert!("a=@/nowhere".parse::<Field>().unwrap_err().starts_with("/nowhere: "));
    }

    #[test]
    fn what_cannot_be_put_together_is_said() {
        for (text, fields, expected) in [
            ("{}", "name", "must be NAME=VALUE"),
            ("{}", "a..b=1", "must have a name before the = and between dots"),
            ("{}", "=1", "must have a name before the = and between dots"),
            (r#"{"a":1}"#, "a.b=1", "a.b: what b is to stand in is no object"),
            ("[]", "a=1", "not a JSON object: expected an object at byte 0"),
        ] {
            assert_eq!(put_together(text, &[fields]), Err(expected.to_owned()));
        }
    }
}
