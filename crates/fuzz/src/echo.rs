//! The body as it came.

use serde::de::IgnoredAny;
use serde_json::{Map, Value};
use wcs_hooks_protocol::{Edits, Object};

/// A body is accepted if `serde_json` accepts it, and only if it is JSON for it; its members are what `serde_json` finds;
/// an echo is the same bytes; an edit changes nothing else.
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
