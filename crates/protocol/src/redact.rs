//! What must not be printed, and how a body is printed without it.

use std::{collections::BTreeSet, sync::LazyLock};

use serde_json::Value;

use crate::{HookName, field::FieldKind, object::Object};

/// What stands in place of a secret.
pub const HIDDEN: &str = "[hidden]";

/// Parts of names, in lower case, that mark what a page or a player sends as secret: `custom.token`,
/// `custom.aclAuth`, `?access_key=…`.
pub const SECRET_NAME_PARTS: &[&str] = &[
    "token",
    "passw",
    "secret",
    "auth",
    "credential",
    "jwt",
    "signature",
    "accesskey",
    "access_key",
    "apikey",
    "api_key",
];

/// Fields that are long and hold keys of media encryption.
const SECRET_MEDIA_FIELDS: &[&str] = &["sdp"];

/// Whether the value of a field of this name must not be printed: a field that a payload declares as secret, or a name
/// with one of [`SECRET_NAME_PARTS`] in it.
///
/// ```
/// use wcs_hooks_protocol::redact::is_secret;
///
/// assert!(is_secret("sipPassword") && is_secret("authToken") && is_secret("aclAuth"));
/// assert!(!is_secret("appKey") && !is_secret("name"));
/// ```
#[must_use]
pub fn is_secret(name: &str) -> bool {
    static DECLARED: LazyLock<BTreeSet<&str>> = LazyLock::new(|| {
        let fields = HookName::ALL.iter().flat_map(|hook| hook.info().fields);
        fields.filter(|field| field.kind == FieldKind::Secret).map(|field| field.name).collect()
    });
    let lower_case = name.to_ascii_lowercase();
    DECLARED.contains(name)
        || SECRET_MEDIA_FIELDS.contains(&name)
        || SECRET_NAME_PARTS.iter().any(|part| lower_case.contains(part))
}

/// A JSON text fit to be printed: secrets hidden at any depth, and in the parameters of URLs. What is not JSON is
/// hidden altogether.
///
/// ```
/// use wcs_hooks_protocol::redact;
///
/// let body = r#"{"name":"rtsp://wcs/s?aclAuth=1254789&q=1","custom":{"token":"key1"}}"#;
/// assert_eq!(redact::json(body), r#"{"name":"rtsp://wcs/s?aclAuth=[hidden]&q=1","custom":{"token":"[hidden]"}}"#);
/// ```
#[must_use]
pub fn json(text: &str) -> String {
    let Ok(object) = Object::parse(text) else {
        return HIDDEN.to_owned();
    };
    let mut edits = crate::Edits::new();
    for (name, json) in object.members() {
        if let Some(hidden) = hidden_member(&name, json) {
            edits.set(name.into_owned(), hidden);
        }
    }
    object.edited(&edits)
}

/// The member's value with its secrets hidden; `None` if it can be printed as it is.
fn hidden_member(name: &str, json: &str) -> Option<String> {
    let is_plain = !json.starts_with(['"', '{', '[']);
    if is_secret(name) {
        return (json != "null").then(|| Value::from(HIDDEN).to_string());
    }
    if is_plain {
        return None;
    }
    let Ok(mut value) = serde_json::from_str(json) else {
        return Some(Value::from(HIDDEN).to_string());
    };
    hide(&mut value).then(|| value.to_string())
}

/// Hides what is secret in a value; says whether there was anything.
fn hide(value: &mut Value) -> bool {
    match value {
        Value::String(text) => {
            let hidden = url(text);
            let changed = hidden != *text;
            *text = hidden;
            changed
        }
        Value::Array(values) => values.iter_mut().fold(false, |changed, value| hide(value) | changed),
        Value::Object(members) => members.iter_mut().fold(false, |changed, (name, value)| {
            if is_secret(name) && !value.is_null() {
                *value = HIDDEN.into();
                return true;
            }
            hide(value) | changed
        }),
        _ => false,
    }
}

/// A text in which the secret parameters of a URL, and its `user:password@`, are hidden.
///
/// ```
/// # use wcs_hooks_protocol::redact;
/// assert_eq!(redact::url("rtsp://me:pw@host/s?token=1"), "rtsp://[hidden]@host/s?token=[hidden]");
/// ```
#[must_use]
pub fn url(text: &str) -> String {
    let (address, query) =
        text.split_once('?').map_or((text, None), |(address, query)| (address, Some(query)));
    let mut out = without_user(address);
    for (index, pair) in query.into_iter().flat_map(|query| query.split('&')).enumerate() {
        out.push(if index == 0 { '?' } else { '&' });
        match pair.split_once('=') {
            Some((name, _)) if is_secret(name) => {
                out.push_str(name);
                out.push('=');
                out.push_str(HIDDEN);
            }
            _ => out.push_str(pair),
        }
    }
    out
}

fn without_user(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else {
        return address.to_owned();
    };
    let host_end = rest.find('/').unwrap_or(rest.len());
    match rest[..host_end].rfind('@') {
        Some(at) => format!("{scheme}://{HIDDEN}{}", &rest[at..]),
        None => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_of_a_secret_is_hidden_and_the_rest_stays() {
        let body = r#"{"n": 1e3,"sipPassword":"S","sdp":"S","a":[{"x":{"myToken":"S"}},"http://h/?jwt=S"],"token":null,"u":"a?b"}"#;
        assert_eq!(
            json(body),
            r#"{"n": 1e3,"sipPassword":"[hidden]","sdp":"[hidden]","a":[{"x":{"myToken":"[hidden]"}},"http://h/?jwt=[hidden]"],"token":null,"u":"a?b"}"#,
        );
        assert_eq!(json("S"), HIDDEN);
    }
}
