//! How a field's value is read, leniently, and written, properly: [`FieldValue`].

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::{
    object::{Edits, Object, quoted, read_string, write_string},
    payload::map_changes,
};

/// What kind of value a field holds. Spec §3.4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FieldKind {
    /// A string.
    Text,
    /// A string that must not be printed.
    Secret,
    /// A boolean; `"true"` and `"false"` are read too.
    Bool,
    /// A whole number; `"5060"` is read too.
    Integer,
    /// An object.
    Object,
    /// An array.
    Array,
    /// Any JSON.
    Any,
}

/// A type that a payload's field can have.
///
/// WCS and its clients write numbers and booleans as strings at times (spec §4.2), so reading takes both; a field that
/// was not changed is echoed as it came.
pub trait FieldValue: Default + PartialEq {
    /// The kind of value.
    const KIND: FieldKind;

    /// The texts that are known to stand here, if they are a list; a newer WCS may add to it.
    const WORDS: &'static [&'static str] = &[];

    /// Reads a value that is not `null`; `None` if it is of a kind this field cannot have.
    fn read(json: &str) -> Option<Self>;

    /// [`FieldValue::read`] of a string, given its text: for who has found out what that is.
    fn read_text(text: &str) -> Option<Self> {
        Self::read(&quoted(text))
    }

    /// Writes the value, if there is one.
    fn write(&self, out: &mut String);

    /// Writes the value in the place of `json`. What of an object has not changed stays as it is spelled there.
    fn write_over(&self, json: &str, out: &mut String) {
        let _ = json;
        self.write(out);
    }

    /// Whether there is no value: the field is left out when written.
    fn is_absent(&self) -> bool {
        *self == Self::default()
    }

    /// Whether this is what `json` says. `None` and `null` say that there is no value.
    fn is(&self, json: Option<&str>) -> bool {
        match json {
            None | Some("null") => self.is_absent(),
            Some(json) => Self::read(json).unwrap_or_default() == *self,
        }
    }
}

impl FieldValue for String {
    const KIND: FieldKind = FieldKind::Text;

    /// Numbers and booleans are read as their spelling.
    fn read(json: &str) -> Option<Self> {
        read_scalar(json).map(Cow::into_owned)
    }

    fn read_text(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }

    fn write(&self, out: &mut String) {
        write_string(self, out);
    }

    fn is(&self, json: Option<&str>) -> bool {
        match json {
            None | Some("null") => self.is_empty(),
            Some(json) => read_scalar(json).unwrap_or_default() == *self,
        }
    }
}

impl FieldValue for bool {
    const KIND: FieldKind = FieldKind::Bool;

    #[inline]
    fn read(json: &str) -> Option<Self> {
        match json {
            "true" => Some(true),
            "false" => Some(false),
            _ => read_spelled(json),
        }
    }

    fn read_text(text: &str) -> Option<Self> {
        text.trim().parse().ok()
    }

    fn write(&self, out: &mut String) {
        out.push_str(if *self { "true" } else { "false" });
    }
}

impl FieldValue for i64 {
    const KIND: FieldKind = FieldKind::Integer;

    /// Most numbers are one digit: 0 where nothing is set.
    #[inline]
    fn read(json: &str) -> Option<Self> {
        if let [digit @ b'0'..=b'9'] = json.as_bytes() {
            return Some((digit - b'0').into());
        }
        read_number(json)
    }

    fn read_text(text: &str) -> Option<Self> {
        let text = text.trim();
        text.parse().ok().or_else(|| whole(text.parse().ok()?))
    }

    fn write(&self, out: &mut String) {
        match u8::try_from(*self) {
            Ok(digit @ 0..10) => out.push(char::from(b'0' + digit)),
            _ => out.push_str(&self.to_string()),
        }
    }
}

/// A number that was spelled with a fraction or an exponent but is whole, as `5060.0` and `1e3` are.
fn whole(number: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    #[allow(clippy::cast_possible_truncation)]
    (number.fract() == 0.0 && number.abs() <= EXACT).then_some(number as i64)
}

impl<T: FieldValue> FieldValue for Option<T> {
    const KIND: FieldKind = T::KIND;
    const WORDS: &'static [&'static str] = T::WORDS;

    fn read(json: &str) -> Option<Self> {
        T::read(json).map(Some)
    }

    fn read_text(text: &str) -> Option<Self> {
        T::read_text(text).map(Some)
    }

    fn write(&self, out: &mut String) {
        match self {
            Some(value) => value.write(out),
            None => out.push_str("null"),
        }
    }

    fn write_over(&self, json: &str, out: &mut String) {
        match self {
            Some(value) => value.write_over(json, out),
            None => self.write(out),
        }
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }

    fn is(&self, json: Option<&str>) -> bool {
        match (self, json) {
            (None, None | Some("null")) => true,
            (None, Some(json)) => T::read(json).is_none(),
            (Some(_), None | Some("null")) => false,
            (Some(value), Some(json)) => T::read(json).is_some_and(|read| read == *value),
        }
    }
}

impl<T: FieldValue> FieldValue for Vec<T> {
    const KIND: FieldKind = FieldKind::Array;
    const WORDS: &'static [&'static str] = T::WORDS;

    fn read(json: &str) -> Option<Self> {
        let values: Vec<Value> = serde_json::from_str(json).ok()?;
        values.iter().map(|value| T::read(&value.to_string())).collect()
    }

    fn write(&self, out: &mut String) {
        out.push('[');
        for (index, value) in self.iter().enumerate() {
            out.push_str(if index == 0 { "" } else { "," });
            value.write(out);
        }
        out.push(']');
    }
}

impl FieldValue for Value {
    const KIND: FieldKind = FieldKind::Any;

    fn read(json: &str) -> Option<Self> {
        serde_json::from_str(json).ok()
    }

    fn write(&self, out: &mut String) {
        out.push_str(&self.to_string());
    }

    fn write_over(&self, json: &str, out: &mut String) {
        match self {
            Self::Object(members) => members.write_over(json, out),
            _ => self.write(out),
        }
    }
}

impl FieldValue for Map<String, Value> {
    const KIND: FieldKind = FieldKind::Object;

    fn read(json: &str) -> Option<Self> {
        serde_json::from_str(json).ok()
    }

    fn write(&self, out: &mut String) {
        out.push_str(&serde_json::to_string(self).unwrap_or_default());
    }

    fn write_over(&self, json: &str, out: &mut String) {
        let Ok(object) = Object::parse(json) else {
            return self.write(out);
        };
        let mut edits = Edits::new();
        map_changes(self, object.members(), &mut edits);
        out.push_str(&object.edited(&edits));
    }
}

/// A number of several digits, or one in another spelling.
#[inline(never)]
fn read_number(json: &str) -> Option<i64> {
    json.parse().ok().or_else(|| read_spelled(json))
}

/// Out of line, since most values are read before it comes to this.
#[cold]
fn read_spelled<T: FieldValue>(json: &str) -> Option<T> {
    T::read_text(&read_scalar(json)?)
}

/// The text of a string, or the spelling of a number or boolean.
fn read_scalar(json: &str) -> Option<Cow<'_, str>> {
    match json.as_bytes().first()? {
        b'"' => read_string(json),
        b'{' | b'[' | b'n' => None,
        _ => Some(Cow::Borrowed(json)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_what_they_mean() {
        assert_eq!(bool::read(r#""true""#), Some(true));
        assert_eq!(bool::read("1"), None);
        for json in ["5060", r#""5060""#, r#"" 5060 ""#, "5060.0", "5.06e3"] {
            assert_eq!(i64::read(json), Some(5060), "{json}");
        }
        for json in ["5060.5", "true", "{}", r#""""#, "1e300"] {
            assert_eq!(i64::read(json), None, "{json}");
        }
        assert_eq!(String::read("5").as_deref(), Some("5"));
        assert_eq!(String::read("{}"), None);
        assert_eq!(Vec::<String>::read(r#"["a",1]"#), Some(vec!["a".into(), "1".into()]));
    }

    /// What has changed in an object, and that object before and after.
    type Change = (fn(&mut Map<String, Value>), &'static str, &'static str);

    #[test]
    fn what_has_not_changed_in_an_object_stays_as_it_came() {
        let before = r#"{"z": 1e3, "id":12345678901234567890123,"in":{"b":1.0,"a":null},"l":[1.0]}"#;
        let changes: [Change; 4] = [
            (|map| drop(map.insert("x".into(), 1.into())), "]}", r#"],"x":1}"#),
            (|map| drop(map.remove("z")), r#""z": 1e3, "#, ""),
            (|map| map["in"]["a"] = true.into(), "null", "true"),
            (|map| map["in"] = "text".into(), r#"{"b":1.0,"a":null}"#, r#""text""#),
        ];
        for (change, from, to) in changes {
            let mut map = Map::read(before).unwrap();
            change(&mut map);
            let mut after = String::new();
            map.write_over(before, &mut after);
            assert_eq!(after, before.replace(from, to));
        }
        let mut after = String::new();
        Value::from(7).write_over("{}", &mut after);
        assert_eq!(after, "7");
    }

    #[test]
    fn what_cannot_be_read_is_not_a_change() {
        assert!(None::<bool>.is(Some("7")));
        assert!(String::new().is(Some("{}")));
        assert!(!Some(true).is(Some("7")));
        assert!(Some(5060).is(Some(r#""5060""#)));
    }
}
