//! What WCS takes from an answer, and as what: the merge of `connect` and the fields of `restOverwrite`. Spec §4.2, §4.3.

use std::borrow::Cow;

use wcs_hooks_protocol::{
    Edits, Field, FieldKind, FieldValue, HookContext, Object, RestClientConfig, Taken, quoted,
};

/// What changes, and which fields of the answer could not be taken.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    pub(crate) edits: Edits,
    pub(crate) unreadable: Vec<String>,
}

/// What of the answer changes the client's object.
///
/// Absent fields keep the client's value; so does `null`, and so does a value of a kind that the field cannot have
/// (both are open in the spec). The context cannot be changed.
pub(crate) fn changes(
    object: &Object<'_>,
    answer: &Object<'_>,
    taken: Taken<'_>,
    fields: &[Field],
) -> Changes {
    let mut changes = Changes::default();
    match taken {
        Taken::Nothing => {}
        Taken::Everything => {
            for (name, json) in answer.members().filter(|(name, _)| *name != RestClientConfig::FIELD) {
                changes.take(object, &name, json, fields);
            }
        }
        Taken::Fields(names) => {
            for name in names {
                if let Some(json) = answer.get(name) {
                    changes.take(object, name, json, fields);
                }
            }
        }
    }
    changes
}

impl Changes {
    fn take(&mut self, object: &Object<'_>, name: &str, json: &str, fields: &[Field]) {
        let is_echo = object.get(name) == Some(json);
        if is_echo || json == "null" || HookContext::has_field(name) {
            return;
        }
        let kind = fields.iter().find(|field| field.name == name).map(|field| field.kind);
        match coerced(kind.unwrap_or(FieldKind::Any), json) {
            Some(json) if object.get(name) == Some(&*json) => {}
            Some(json) => self.edits.set(name.to_owned(), json.into_owned()),
            None => self.unreadable.push(name.to_owned()),
        }
    }
}

/// A value as its field's kind: `"true"` and `"5060"` become what they mean, a number in a text field its spelling.
/// `None` if it cannot be that kind.
fn coerced(kind: FieldKind, json: &str) -> Option<Cow<'_, str>> {
    let is_text = json.starts_with('"');
    let is_container = json.starts_with(['{', '[']);
    match kind {
        FieldKind::Text | FieldKind::Secret if is_text => Some(json.into()),
        FieldKind::Text | FieldKind::Secret => (!is_container).then(|| quoted(json).into()),
        FieldKind::Bool => bool::read(json).map(written),
        FieldKind::Integer => i64::read(json).map(written),
        FieldKind::Object => json.starts_with('{').then_some(json.into()),
        FieldKind::Array => json.starts_with('[').then_some(json.into()),
        _ => Some(json.into()),
    }
}

#[allow(clippy::needless_pass_by_value, reason = "it is given to map")]
fn written<T: FieldValue>(value: T) -> Cow<'static, str> {
    let mut out = String::new();
    value.write(&mut out);
    out.into()
}

#[cfg(test)]
mod tests;
