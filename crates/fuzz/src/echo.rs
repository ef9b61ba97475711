//! The body as it came.

use std::{collections::HashSet, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value};
use wcs_hooks_protocol::{Edits, Object};

/// A body is accepted if `serde_json` accepts it, and only if it is JSON for it; its members are what `serde_json` finds;
/// an echo is the same bytes; an edit changes nothing else; a key that appears twice is found if `serde_json` finds it.
///
/// # Panics
/// If that does not hold.
pub fn echo(bytes: &[u8]) {
    let theirs = serde_json::from_slice::<Map<String, Value>>(bytes);
    let Ok(object) = Object::from_slice(bytes) else {
        assert!(theirs.is_err(), "serde_json accepts it");
        return;
    };
    // Numbers beyond `f64` and halves of surrogate pairs are JSON, though no `Value`.
    assert!(serde_json::from_slice::<IgnoredAny>(bytes).is_ok(), "serde_json does not take it for JSON");
    assert_eq!(object.edited(&Edits::new()).as_bytes(), bytes);
    if let Ok(HasTwin(has_twin)) = serde_json::from_slice(bytes) {
        assert_eq!(object.duplicate_key().is_some(), has_twin);
    }
    if let Ok(theirs) = theirs {
        same_members(&object, &theirs);
    }
    for (key, value) in object.members() {
        edit(&object, &key, value);
    }
}

fn same_members(object: &Object<'_>, theirs: &Map<String, Value>) {
    for (key, value) in theirs {
        let ours = object.get(key).expect("a member that serde_json found");
        assert_eq!(serde_json::from_str::<Value>(ours).expect("JSON"), *value);
    }
}

/// Setting a member to what it is changes nothing; removing it leaves the others.
fn edit(object: &Object<'_>, key: &str, value: &str) {
    let others: Vec<_> = object.members().filter(|(other, _)| other != key).collect();
    if others.len() + 1 == object.members().count() {
        let mut same = Edits::new();
        same.set(key.to_owned(), value.to_owned());
        assert_eq!(object.edited(&same), object.text());
    }
    let mut removal = Edits::new();
    removal.remove(key.to_owned());
    let without = object.edited(&removal);
    let without = Object::parse(&without).expect("an object");
    assert_eq!(without.members().collect::<Vec<_>>(), others);
}

/// Whether a key appears twice in an object at any depth.
struct HasTwin(bool);

impl<'de> Deserialize<'de> for HasTwin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Twins).map(Self)
    }
}

struct Twins;

impl<'de> Visitor<'de> for Twins {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_unit<E>(self) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_bool<E>(self, _: bool) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_u64<E>(self, _: u64) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_i64<E>(self, _: i64) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_f64<E>(self, _: f64) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_str<E>(self, _: &str) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<bool, A::Error> {
        let mut has_twin = false;
        while let Some(HasTwin(has)) = elements.next_element()? {
            has_twin |= has;
        }
        Ok(has_twin)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<bool, A::Error> {
        let (mut keys, mut has_twin) = (HashSet::new(), false);
        while let Some((key, HasTwin(has))) = members.next_entry::<String, _>()? {
            has_twin |= has | !keys.insert(key);
        }
        Ok(has_twin)
    }
}
