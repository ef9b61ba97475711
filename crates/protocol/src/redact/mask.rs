//! Secrets found in JSON and in URLs, and replaced by whatever a [`Mask`] gives for each.

use serde_json::value::RawValue;

use super::is_secret;
use crate::object::{Object, quoted, read_string};

/// What stands in place of secrets where [`HIDDEN`](super::HIDDEN) will not do: a name for each, say.
///
/// ```
/// use wcs_hooks_protocol::redact::{self, Mask};
///
/// struct Numbered(Vec<String>);
///
/// impl Mask for Numbered {
///     fn mask(&mut self, secret: &str) -> Option<String> {
///         self.0.push(secret.to_owned());
///         Some(format!("#{}", self.0.len()))
///     }
/// }
///
/// let mut mask = Numbered(Vec::new());
/// let body = redact::json_with(r#"{"x": 1.0, "custom":{"token":"key1"}}"#, &mut mask);
/// assert_eq!(body.as_deref(), Some(r##"{"x": 1.0, "custom":{"token":"#1"}}"##));
/// assert_eq!(redact::url_with("http://me:pw@host/", &mut mask), "http://#2@host/");
/// assert_eq!(mask.0, ["key1", "me:pw"]);
/// ```
pub trait Mask {
    /// Whether the value of a field or parameter of this name is a secret. [`is_secret`] says, unless it is overridden.
    fn is_secret(&self, name: &str) -> bool {
        is_secret(name)
    }

    /// What stands in place of a secret; `None` leaves it. A string is given as what it says, anything else as JSON.
    fn mask(&mut self, secret: &str) -> Option<String>;
}

/// A JSON text with its secrets replaced, at any depth, in the parameters of URLs and in strings that hold JSON
/// themselves. What is not replaced stays as it is, byte for byte. `None` if the text is not JSON.
#[must_use]
pub fn json_with(text: &str, mask: &mut impl Mask) -> Option<String> {
    serde_json::from_str::<&RawValue>(text).ok()?;
    Some(value(text, mask).unwrap_or_else(|| text.to_owned()))
}

/// A text in which the secret parameters of URLs, and their `user:password@`, are replaced.
#[must_use]
pub fn url_with(text: &str, mask: &mut impl Mask) -> String {
    let words = text.split_inclusive(char::is_whitespace);
    words.map(|word| without_secret_parameters(&without_users(word, mask), mask)).collect()
}

/// The value with what is secret in it replaced; `None` if nothing is.
fn value(json: &str, mask: &mut impl Mask) -> Option<String> {
    match json.trim_start().as_bytes().first()? {
        b'"' => string(&read_string(json.trim())?, mask),
        b'{' => {
            // Nested more deeply than is looked into.
            let Ok(object) = Object::parse(json) else {
                return mask.mask(json).map(|masked| quoted(&masked));
            };
            let parts = object.members().map(|(name, json)| (name.into_owned(), json)).collect::<Vec<_>>();
            spliced(json, parts, mask, |(name, json), mask| (json, member(&name, json, mask)))
        }
        b'[' => {
            let elements: Vec<&RawValue> = serde_json::from_str(json).unwrap_or_default();
            spliced(json, elements, mask, |element, mask| (element.get(), value(element.get(), mask)))
        }
        _ => None,
    }
}

/// The text with the parts that a function replaces. They are slices of the text, in their order.
fn spliced<'a, P, M: Mask>(
    text: &'a str,
    parts: Vec<P>,
    mask: &mut M,
    replace: impl Fn(P, &mut M) -> (&'a str, Option<String>),
) -> Option<String> {
    let mut out = String::new();
    let mut done = 0;
    for part in parts {
        let (old, new) = replace(part, mask);
        let Some(new) = new else { continue };
        let start = old.as_ptr().addr() - text.as_ptr().addr();
        out.extend([&text[done..start], &new]);
        done = start + old.len();
    }
    (done > 0).then(|| out + &text[done..])
}

fn member(name: &str, json: &str, mask: &mut impl Mask) -> Option<String> {
    if !mask.is_secret(name) {
        return value(json, mask);
    }
    if json == "null" {
        return None;
    }
    let text = read_string(json);
    mask.mask(text.as_deref().unwrap_or(json)).map(|masked| quoted(&masked))
}

fn string(text: &str, mask: &mut impl Mask) -> Option<String> {
    if text.trim_start().starts_with(['{', '[', '"']) && serde_json::from_str::<&RawValue>(text).is_ok() {
        return value(text, mask).map(|masked| quoted(&masked));
    }
    let masked = url_with(text, mask);
    (masked != *text).then(|| quoted(&masked))
}

/// Parameters stand behind `?`, `&`, `;` and `#`.
fn without_secret_parameters(word: &str, mask: &mut impl Mask) -> String {
    let is_delimiter = |char| matches!(char, '?' | '&' | ';' | '#');
    let mut out = String::with_capacity(word.len());
    for part in word.split_inclusive(is_delimiter) {
        let pair = part.trim_end_matches(|char: char| is_delimiter(char) || char.is_whitespace());
        let secret = pair.split_once('=').filter(|(name, _)| mask.is_secret(name));
        match secret.and_then(|(name, secret)| Some((name, mask.mask(secret)?))) {
            Some((name, masked)) => out.extend([name, "=", &masked]),
            None => out.push_str(pair),
        }
        out.push_str(&part[pair.len()..]);
    }
    out
}

fn without_users(word: &str, mask: &mut impl Mask) -> String {
    let mut out = String::with_capacity(word.len());
    let mut rest = word;
    while let Some(at) = rest.find("://") {
        let (scheme, address) = rest.split_at(at + "://".len());
        let next = address.find("://").unwrap_or(address.len());
        let (user, behind) = address.split_at(user_length(&address[..next]));
        let masked = if user.is_empty() { None } else { mask.mask(user) };
        out.extend([scheme, masked.as_deref().unwrap_or(user)]);
        rest = behind;
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
