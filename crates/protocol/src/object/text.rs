//! JSON strings: reading with their escapes, and writing.

use std::{borrow::Cow, fmt::Write};

use super::plain::{behind_long_plain, is_plain};

/// The text of a JSON string, borrowed where it has no escapes; `None` if the JSON is another kind of value.
///
/// Half a surrogate pair, which JSON's grammar allows and Java can write, is read as U+FFFD.
///
/// ```
/// # use wcs_hooks_protocol::read_string;
/// assert_eq!(read_string(r#""a\/b""#).as_deref(), Some("a/b"));
/// assert_eq!(read_string("5060"), None);
/// ```
#[must_use]
pub fn read_string(json: &str) -> Option<Cow<'_, str>> {
    let inner = json.strip_prefix('"')?.strip_suffix('"')?;
    Some(if inner.contains('\\') { Cow::Owned(unescape(inner)) } else { Cow::Borrowed(inner) })
}

/// A text as a JSON string, quotes included.
///
/// ```
/// assert_eq!(wcs_hooks_protocol::quoted("say \"hi\"\n"), r#""say \"hi\"\n""#);
/// ```
#[must_use]
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    write_string(text, &mut out);
    out
}

/// Writes a text as a JSON string, quotes included.
///
/// ```
/// # use wcs_hooks_protocol::write_string;
/// let mut out = String::new();
/// write_string("say \"hi\"\n", &mut out);
/// assert_eq!(out, r#""say \"hi\"\n""#);
/// ```
pub fn write_string(text: &str, out: &mut String) {
    out.push('"');
    if text.as_bytes().chunks(32).all(is_plain) {
        out.push_str(text);
    } else {
        write_escaped(text, out);
    }
    out.push('"');
}

fn write_escaped(text: &str, out: &mut String) {
    let mut plain_from = 0;
    for (at, byte) in text.bytes().enumerate() {
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0..0x20 => "",
            _ => continue,
        };
        out.push_str(&text[plain_from..at]);
        plain_from = at + 1;
        if escape.is_empty() {
            // Writing to a String cannot fail.
            let _ = write!(out, "\\u{byte:04x}");
        } else {
            out.push_str(escape);
        }
    }
    out.push_str(&text[plain_from..]);
}

/// Resolves the escapes of a string's inside.
pub(super) fn unescape(inner: &str) -> String {
    let mut out = String::with_capacity(inner.len());
    let mut rest = inner;
    while !rest.is_empty() {
        let plain = rest.len() - behind_long_plain(rest.as_bytes()).len();
        out.push_str(&rest[..plain]);
        rest = resolve(&rest[plain..], &mut out);
    }
    out
}

/// Resolves what a string's plain part has ended at; gives what comes after it.
#[inline]
fn resolve<'a>(rest: &'a str, out: &mut String) -> &'a str {
    match rest.as_bytes() {
        // How a line ends, as it does in an SDP.
        [b'\\', b'r', b'\\', b'n', ..] => {
            out.push_str("\r\n");
            &rest[4..]
        }
        [b'\\', ..] => resolve_escape(&rest[1..], out),
        // What nobody has scanned may have quotes and control characters, which stand for themselves.
        _ => resolve_other(rest, out),
    }
}

/// Resolves one escape, its backslash already gone; gives what comes after it.
fn resolve_escape<'a>(escape: &'a str, out: &mut String) -> &'a str {
    let resolved = match escape.as_bytes() {
        [b'b', ..] => "\u{8}",
        [b'f', ..] => "\u{c}",
        [b'n', ..] => "\n",
        [b'r', ..] => "\r",
        [b't', ..] => "\t",
        [b'u', ..] => return resolve_unicode(escape, out),
        _ => return resolve_other(escape, out),
    };
    out.push_str(resolved);
    &escape[1..]
}

/// A character that stands for itself.
fn resolve_other<'a>(escape: &'a str, out: &mut String) -> &'a str {
    let mut chars = escape.chars();
    out.extend(chars.next());
    chars.as_str()
}

fn resolve_unicode<'a>(escape: &'a str, out: &mut String) -> &'a str {
    let (first, rest) = (code_unit(escape), escape.get(5..).unwrap_or_default());
    let second = rest.strip_prefix('\\').filter(|next| next.starts_with('u')).map(code_unit);
    let units = [first, second.unwrap_or_default()];
    let is_pair =
        (0xd800..0xdc00).contains(&first) && second.is_some_and(|low| (0xdc00..0xe000).contains(&low));
    if is_pair {
        out.extend(char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)));
        return rest.get(6..).unwrap_or_default();
    }
    out.push(char::from_u32(u32::from(first)).unwrap_or(char::REPLACEMENT_CHARACTER));
    rest
}

/// The number of `uXXXX`.
fn code_unit(escape: &str) -> u16 {
    escape.get(1..5).and_then(|digits| u16::from_str_radix(digits, 16).ok()).unwrap_or_default()
}
