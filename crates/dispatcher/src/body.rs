//! The bodies of hooks: compact JSON, the context first, nulls left out. Spec §1.1.

use bytes::Bytes;
use wcs_hooks_protocol::{Edits, HookContext, Object, Payload};

/// Space for a body without an SDP.
const USUAL_LENGTH: usize = 1024;

/// A context, written once as the start of every body.
pub(crate) struct Context {
    pub(crate) fields: HookContext,
    opened: String,
}

impl From<HookContext> for Context {
    fn from(fields: HookContext) -> Self {
        let mut opened = String::new();
        fields.open_object(&mut opened);
        Self { fields, opened }
    }
}

/// The object of a hook, from its payload.
pub(crate) fn typed<P: Payload>(context: &Context, mut payload: P) -> Bytes {
    payload.extra_mut().retain(|name, value| !value.is_null() && !HookContext::has_field(name));
    let mut out = String::with_capacity(USUAL_LENGTH);
    out.push_str(&context.opened);
    payload.write_members(&mut out);
    out.push('}');
    out.into()
}

/// The object of a hook, from any object: the context's fields replace those that are there.
pub(crate) fn raw(context: &Context, object: &Object<'_>) -> Bytes {
    let mut out = String::with_capacity(object.text().len() + USUAL_LENGTH / 4);
    out.push_str(&context.opened);
    for (name, json) in object.members() {
        if json != "null" && !HookContext::has_field(&name) {
            out.push_str(if out.ends_with('{') { "" } else { "," });
            wcs_hooks_protocol::write_string(&name, &mut out);
            out.push(':');
            push_compact(json, &mut out);
        }
    }
    out.push('}');
    out.into()
}

/// The object without these fields, as `restExclude` asks. The context always stays: nothing says that it can be
/// excluded, and no backend can do without.
pub(crate) fn without(object: &Bytes, excluded: &[String]) -> Bytes {
    let mut edits = Edits::new();
    for name in excluded.iter().filter(|name| !HookContext::has_field(name)) {
        edits.remove(name.clone());
    }
    edited(object, &edits)
}

/// The object as the client gets it: without what `clientExclude` names, and without the context, which clients are not
/// sent. Spec §3.3.
pub(crate) fn for_client(object: &Bytes, excluded: &[String]) -> String {
    let Ok(object) = Object::from_slice(object) else {
        return String::new();
    };
    let mut edits = Edits::new();
    for (name, _) in object.members() {
        if HookContext::has_field(&name) || excluded.iter().any(|excluded| *excluded == name) {
            edits.remove(name.into_owned());
        }
    }
    object.edited(&edits)
}

/// The object with edits made; the same bytes if there are none, or if it is no object.
pub(crate) fn edited(object: &Bytes, edits: &Edits) -> Bytes {
    if edits.is_empty() {
        return object.clone();
    }
    Object::from_slice(object).map_or_else(|_| object.clone(), |object| object.edited(edits).into())
}

/// The text of bytes that were written as text.
pub(crate) fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}

/// Appends JSON without the blanks between its parts. Only objects and arrays have parts.
fn push_compact(json: &str, out: &mut String) {
    if !json.starts_with(['{', '[']) {
        return out.push_str(json);
    }
    let (mut in_string, mut is_escaped) = (false, false);
    for char in json.chars() {
        if in_string || !char.is_ascii_whitespace() {
            out.push(char);
        }
        in_string = match char {
            '"' if !is_escaped => !in_string,
            _ => in_string,
        };
        is_escaped = char == '\\' && !is_escaped;
    }
}

#[cfg(test)]
mod tests;
