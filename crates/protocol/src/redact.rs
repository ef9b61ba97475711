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

/// A text in which the secret parameters of URLs, and their `user:password@`, are hidden.
///
/// ```
/// # use wcs_hooks_protocol::redact;
/// assert_eq!(redact::url("rtsp://me:pw@host/s?token=1"), "rtsp://[hidden]@host/s?token=[hidden]");
/// ```
#[must_use]
pub fn url(text: &str) -> String {
    let words = text.split_inclusive(char::is_whitespace);
    words.map(|word| without_secret_parameters(&without_users(word))).collect()
}

/// Parameters stand behind `?`, `&`, `;` and `#`.
fn without_secret_parameters(word: &str) -> String {
    let is_delimiter = |char| matches!(char, '?' | '&' | ';' | '#');
    let mut out = String::with_capacity(word.len());
    for part in word.split_inclusive(is_delimiter) {
        let pair = part.trim_end_matches(|char: char| is_delimiter(char) || char.is_whitespace());
        match pair.split_once('=') {
            Some((name, _)) if is_secret(name) => out.extend([name, "=", HIDDEN]),
            _ => out.push_str(pair),
        }
        out.push_str(&part[pair.len()..]);
    }
    out
}

fn without_users(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    let mut rest = word;
    while let Some(at) = rest.find("://") {
        let (scheme, address) = rest.split_at(at + "://".len());
        let next = address.find("://").unwrap_or(address.len());
        let user = user_length(&address[..next]);
        out.push_str(scheme);
        out.push_str(if user > 0 { HIDDEN } else { "" });
        rest = &address[user..];
    }
    out.push_str(rest);
    out
}

/// How much of an address is `user:password`. A password may have a `/` or `?` in it that ought to be escaped: what stands
/// behind the colon is then no port.
fn user_length(address: &str) -> usize {
    let authority = &address[..address.find(['/', '?', '#']).unwrap_or(address.len())];
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    let has_password = authority.rsplit_once(':').is_some_and(|(_, port)| !is_port(port));
    let end = authority.rfind('@').or_else(|| address.rfind('@').filter(|_| has_password));
    end.unwrap_or(0)
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

    #[test]
    fn urls_are_printed_without_their_secrets_wherever_they_stand() {
        for (text, printed) in [
            ("rtsp://h:554/a@v1?x=1", "rtsp://h:554/a@v1?x=1"),
            ("rtsp://[::1]:554/s", "rtsp://[::1]:554/s"),
            ("rtsp://me:p/w@h/s", "rtsp://[hidden]@h/s"),
            ("rtsp://me:p?w@h/s", "rtsp://[hidden]@h/s"),
            ("rtsp://me:S@h", "rtsp://[hidden]@h"),
            ("http://h/#token=S", "http://h/#token=[hidden]"),
            ("http://h/?a=1;token=S;b=2", "http://h/?a=1;token=[hidden];b=2"),
            ("x rtsp://h\nand http://b:S@d/ y", "x rtsp://h\nand http://[hidden]@d/ y"),
            ("a://u:S@h,b://u:S@h?jwt=S", "a://[hidden]@h,b://[hidden]@h?jwt=[hidden]"),
            ("token=S\n", "token=[hidden]\n"),
            ("??&=;#", "??&=;#"),
        ] {
            assert_eq!(url(text), printed);
            assert_eq!(url(printed), printed, "once is enough");
        }
    }
}
