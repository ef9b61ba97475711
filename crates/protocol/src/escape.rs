//! Text that is printed to people, in which nothing can act on a terminal or look like another line: [`escaped`].

use std::fmt::{self, Write};

/// A text with all characters escaped that would not be shown as themselves: control characters (a new line too), those
/// that change the direction of writing, and separators of lines and paragraphs. Everything else stays as it is.
///
/// ```
/// use wcs_hooks_protocol::escaped;
///
/// assert_eq!(escaped("no such\nstream \u{1b}[2J").to_string(), r"no such\nstream \u{1b}[2J");
/// assert_eq!(escaped("gpj.\u{202e}").to_string(), r"gpj.\u{202e}");
/// assert_eq!(escaped("café ☕").to_string(), "café ☕");
/// ```
#[must_use]
pub const fn escaped(text: &str) -> Escaped<'_> {
    Escaped { text, write: write_for_people }
}

/// The same for a text that is JSON: inside its strings the escapes are those of JSON, and what it says stays the same.
///
/// ```
/// use wcs_hooks_protocol::escaped_json;
///
/// let shown = escaped_json("{\"name\":\"\u{9b}2J\"}").to_string();
/// assert_eq!(shown, r#"{"name":"\u009b2J"}"#);
/// ```
#[must_use]
pub const fn escaped_json(json: &str) -> Escaped<'_> {
    Escaped { text: json, write: write_for_json }
}

/// What [`escaped`] and [`escaped_json`] give: it is printed escaped.
#[derive(Clone, Copy)]
pub struct Escaped<'a> {
    text: &'a str,
    write: fn(char, &mut fmt::Formatter<'_>) -> fmt::Result,
}

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.text;
        while let Some((at, char)) = rest.char_indices().find(|(_, char)| acts(*char)) {
            f.write_str(&rest[..at])?;
            (self.write)(char, f)?;
            rest = &rest[at + char.len_utf8()..];
        }
        f.write_str(rest)
    }
}

impl fmt::Debug for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Escaped({self})")
    }
}

/// Whether a character does something where it is printed, in place of being seen.
const fn acts(char: char) -> bool {
    matches!(
        char,
        // Control characters: C0, and DEL with C1.
        '\0'..='\x1f' | '\x7f'..='\u{9f}'
        // Which way is written.
        | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        // New lines of Unicode.
        | '\u{2028}' | '\u{2029}'
    )
}

fn write_for_people(char: char, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match char {
        '\n' => f.write_str("\\n"),
        '\r' => f.write_str("\\r"),
        '\t' => f.write_str("\\t"),
        char => write!(f, "{}", char.escape_unicode()),
    }
}

/// White space between the values of JSON may stay, and is no string's.
fn write_for_json(char: char, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match char {
        '\n' | '\r' | '\t' => f.write_char(' '),
        // None of these is beyond the basic plane.
        char => write!(f, "\\u{:04x}", u32::from(char)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_is_escaped_and_nothing_else() {
        for (text, shown) in [
            ("", ""),
            ("a\nb\r\n", r"a\nb\r\n"),
            ("\x1b]0;title\x07", r"\u{1b}]0;title\u{7}"),
            ("\u{9b}2J\u{85}", r"\u{9b}2J\u{85}"),
            ("\x7f\t\0", r"\u{7f}\t\u{0}"),
            ("\u{202e}\u{2066}\u{200f}\u{61c}", r"\u{202e}\u{2066}\u{200f}\u{61c}"),
            ("\u{2028}\u{2029}", r"\u{2028}\u{2029}"),
            ("naïve 日本語 👩‍💻 \u{a0}ي", "naïve 日本語 👩‍💻 \u{a0}ي"),
        ] {
            assert_eq!(escaped(text).to_string(), shown);
        }
    }

    #[test]
    fn no_control_character_is_left_whatever_the_text() {
        let all: String = (0..=0x2_ffff).filter_map(char::from_u32).collect();
        for shown in [escaped(&all).to_string(), escaped_json(&all).to_string()] {
            assert!(!shown.chars().any(|char| char.is_control() || acts(char)));
        }
    }

    #[test]
    fn json_says_the_same() {
        let all: String = (0..=0x2_ffff).filter_map(char::from_u32).collect();
        let value = serde_json::json!({ "text": all, "more": [1, "\u{202e}"] });
        for json in [serde_json::to_string(&value).unwrap(), serde_json::to_string_pretty(&value).unwrap()] {
            let shown = escaped_json(&json).to_string();
            assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), value);
        }
    }
}
