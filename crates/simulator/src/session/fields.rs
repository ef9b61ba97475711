//! Objects that are changed while they are passed on.

use wcs_hooks_protocol::{Edits, Object, quoted};

/// A copy of an object with fields set and fields added where there are none.
pub(super) struct Fields<'a> {
    object: &'a Object<'a>,
    edits: Edits,
}

impl<'a> Fields<'a> {
    pub(super) fn of(object: &'a Object<'a>) -> Self {
        Self { object, edits: Edits::new() }
    }

    /// Sets a field to a value, given as JSON.
    pub(super) fn set(mut self, name: &'static str, json: impl Into<String>) -> Self {
        self.edits.set(name, json.into());
        self
    }

    /// Sets a field to a text.
    pub(super) fn text(self, name: &'static str, text: &str) -> Self {
        self.set(name, quoted(text))
    }

    /// Removes a field.
    pub(super) fn without(mut self, name: &'static str) -> Self {
        self.edits.remove(name);
        self
    }

    /// Adds a field, unless the object has it.
    pub(super) fn default(self, name: &'static str, json: impl Into<String>) -> Self {
        let is_there = self.object.get(name).is_some_and(|json| json != "null");
        if is_there { self } else { self.set(name, json) }
    }

    pub(super) fn json(&self) -> String {
        self.object.edited(&self.edits)
    }
}

/// An object from names and JSON.
pub(crate) fn object<'a>(members: impl IntoIterator<Item = (&'a str, String)>) -> String {
    let members = members.into_iter().map(|(name, json)| format!("{}:{json}", quoted(name)));
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}

/// What a field says that is true or false, as a word or a text; clients write both.
pub(super) fn is(object: &Object<'_>, name: &str) -> Option<bool> {
    match object.get(name)?.trim_matches('"') {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}
