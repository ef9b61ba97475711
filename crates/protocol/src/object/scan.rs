//! One pass over a JSON text: is it an object, and where are its members?
//!
//! What is left of the text is passed by value, so that it stays in registers; where and why scanning stopped is written
//! down aside.

use super::{
    JsonError,
    plain::{behind_long_plain, behind_plain},
};

/// Containers inside containers; the same limit as `serde_json`'s, so that whatever is accepted here can be read there.
const MAX_DEPTH: u32 = 127;

/// Where a member of the object stands in the text. The key is without its quotes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Member {
    pub(super) key: (u32, u32),
    pub(super) value: (u32, u32),
    pub(super) key_has_escapes: bool,
    /// The value is a string without escapes.
    pub(super) value_is_plain: bool,
}

/// Checks that `text` is one JSON object and finds its members.
pub(super) fn members(text: &str) -> Result<Vec<Member>, JsonError> {
    if u32::try_from(text.len()).is_err() {
        return Err(JsonError { problem: "text is longer than 4 GiB", at: 0 });
    }
    let mut scan = Scan { length: text.len(), stopped: JsonError { problem: "", at: 0 } };
    scan.text(text.as_bytes()).ok_or(scan.stopped)
}

struct Scan {
    length: usize,
    stopped: JsonError,
}

impl Scan {
    fn text(&mut self, text: &[u8]) -> Option<Vec<Member>> {
        let mut members = Vec::with_capacity(32);
        let rest = match behind_blanks(text) {
            [b'{', rest @ ..] => self.members(rest, &mut members)?,
            rest => return self.stop(rest, "expected an object"),
        };
        match behind_blanks(rest) {
            [] => Some(members),
            rest => self.stop(rest, "text after the object"),
        }
    }

    fn members<'t>(&mut self, rest: &'t [u8], members: &mut Vec<Member>) -> Option<&'t [u8]> {
        let mut key = match behind_blanks(rest) {
            [b'}', rest @ ..] => return Some(rest),
            rest => self.behind_quote(rest)?,
        };
        loop {
            let (member, rest) = self.member(key)?;
            members.push(member);
            key = match rest {
                [b',', b'"', key @ ..] => key,
                _ => match behind_blanks(rest) {
                    [b',', rest @ ..] => self.behind_quote(behind_blanks(rest))?,
                    [b'}', rest @ ..] => return Some(rest),
                    rest => return self.stop(rest, "expected `,` or `}`"),
                },
            };
        }
    }

    fn behind_quote<'t>(&mut self, key: &'t [u8]) -> Option<&'t [u8]> {
        match key {
            [b'"', inside @ ..] => Some(inside),
            _ => self.stop(key, "expected a key in quotes"),
        }
    }

    /// From behind the quote that opens the key.
    #[inline]
    fn member<'t>(&mut self, key: &'t [u8]) -> Option<(Member, &'t [u8])> {
        let (behind_key, key_has_escapes) = self.behind_string(key)?;
        let value = match behind_key {
            [b':', (b'!'..=u8::MAX), ..] => &behind_key[1..],
            _ => self.behind_colon(behind_key)?,
        };
        let (rest, value_is_plain) = self.top_value(value)?;
        let key = (self.offset(key), self.offset(behind_key) - 1);
        let value = (self.offset(value), self.offset(rest));
        Some((Member { key, value, key_has_escapes, value_is_plain }, rest))
    }

    /// A value of the object itself, and whether it is a string without escapes. What most values are is seen at a glance.
    #[inline]
    fn top_value<'t>(&mut self, value: &'t [u8]) -> Option<(&'t [u8], bool)> {
        let rest = match value {
            [b'"', inside @ ..] => {
                return self.behind_string(inside).map(|(rest, has_escapes)| (rest, !has_escapes));
            }
            [(b'0'..=b'9'), b',', ..] => &value[1..],
            _ if value.starts_with(b"false") => &value[5..],
            _ if value.starts_with(b"true") => &value[4..],
            _ => self.value(value, 1)?,
        };
        Some((rest, false))
    }

    /// From behind the opening quote to behind the closing one; and whether there are escapes between them.
    #[inline]
    fn behind_string<'t>(&mut self, inside: &'t [u8]) -> Option<(&'t [u8], bool)> {
        match behind_plain(inside) {
            [b'"', rest @ ..] => Some((rest, false)),
            rest => Some((self.rest_of_string(rest)?, true)),
        }
    }

    fn behind_colon<'t>(&mut self, rest: &'t [u8]) -> Option<&'t [u8]> {
        match behind_blanks(rest) {
            [b':', rest @ ..] => Some(behind_blanks(rest)),
            rest => self.stop(rest, "expected `:`"),
        }
    }

    fn value<'t>(&mut self, rest: &'t [u8], depth: u32) -> Option<&'t [u8]> {
        match rest {
            [b'"', ..] => self.string(rest, "expected a string"),
            [b'-' | (b'0'..=b'9'), ..] => self.number(rest),
            [b't', b'r', b'u', b'e', rest @ ..]
            | [b'f', b'a', b'l', b's', b'e', rest @ ..]
            | [b'n', b'u', b'l', b'l', rest @ ..] => Some(rest),
            [b'{' | b'[', ..] if depth >= MAX_DEPTH => self.stop(rest, "nested too deeply"),
            [b'{', inside @ ..] => self.nested_object(inside, depth + 1),
            [b'[', inside @ ..] => self.array(inside, depth + 1),
            _ => self.stop(rest, "expected a value"),
        }
    }

    fn nested_object<'t>(&mut self, rest: &'t [u8], depth: u32) -> Option<&'t [u8]> {
        let mut rest = behind_blanks(rest);
        if let [b'}', rest @ ..] = rest {
            return Some(rest);
        }
        loop {
            let behind_key = self.string(rest, "expected a key in quotes")?;
            let value = self.behind_colon(behind_key)?;
            rest = match behind_blanks(self.value(value, depth)?) {
                [b',', rest @ ..] => behind_blanks(rest),
                [b'}', rest @ ..] => return Some(rest),
                rest => return self.stop(rest, "expected `,` or `}`"),
            };
        }
    }

    fn array<'t>(&mut self, rest: &'t [u8], depth: u32) -> Option<&'t [u8]> {
        let mut rest = behind_blanks(rest);
        if let [b']', rest @ ..] = rest {
            return Some(rest);
        }
        loop {
            rest = match behind_blanks(self.value(rest, depth)?) {
                [b',', rest @ ..] => behind_blanks(rest),
                [b']', rest @ ..] => return Some(rest),
                rest => return self.stop(rest, "expected `,` or `]`"),
            };
        }
    }

    #[inline]
    fn string<'t>(&mut self, rest: &'t [u8], expected: &'static str) -> Option<&'t [u8]> {
        let [b'"', inside @ ..] = rest else { return self.stop(rest, expected) };
        self.rest_of_string(behind_plain(inside))
    }

    /// From the first thing in a string that is not plain.
    fn rest_of_string<'t>(&mut self, mut rest: &'t [u8]) -> Option<&'t [u8]> {
        loop {
            rest = match rest {
                [b'"', rest @ ..] => return Some(rest),
                [b'\\', escape @ ..] => match self.behind_escape(escape)? {
                    next @ [b'\\' | b'"', ..] => next,
                    rest => behind_long_plain(rest),
                },
                [] => return self.stop(rest, "unfinished string"),
                _ => return self.stop(rest, "control character in a string"),
            }
        }
    }

    #[inline]
    fn behind_escape<'t>(&mut self, rest: &'t [u8]) -> Option<&'t [u8]> {
        match rest {
            [b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', rest @ ..] => Some(rest),
            [b'u', digits @ ..] if has_four_hex_digits(digits) => Some(&digits[4..]),
            _ => self.stop(rest, "invalid escape"),
        }
    }

    fn number<'t>(&mut self, rest: &'t [u8]) -> Option<&'t [u8]> {
        let mut rest = match rest {
            [b'0', rest @ ..] | [b'-', b'0', rest @ ..] => rest,
            [b'-', rest @ ..] | rest => self.behind_digits(rest)?,
        };
        if let [b'.', fraction @ ..] = rest {
            rest = self.behind_digits(fraction)?;
        }
        match rest {
            [b'e' | b'E', b'+' | b'-', exponent @ ..] | [b'e' | b'E', exponent @ ..] => {
                self.behind_digits(exponent)
            }
            _ => Some(rest),
        }
    }

    fn behind_digits<'t>(&mut self, rest: &'t [u8]) -> Option<&'t [u8]> {
        let [(b'0'..=b'9'), rest @ ..] = rest else { return self.stop(rest, "expected a digit") };
        let mut rest = rest;
        while let [(b'0'..=b'9'), behind @ ..] = rest {
            rest = behind;
        }
        Some(rest)
    }

    #[cold]
    fn stop<T>(&mut self, rest: &[u8], problem: &'static str) -> Option<T> {
        self.stopped = JsonError { problem, at: self.length - rest.len() };
        None
    }

    /// Texts over 4 GiB were turned away at the start.
    #[allow(clippy::cast_possible_truncation)]
    const fn offset(&self, rest: &[u8]) -> u32 {
        (self.length - rest.len()) as u32
    }
}

fn has_four_hex_digits(digits: &[u8]) -> bool {
    digits.first_chunk().is_some_and(|digits: &[u8; 4]| digits.iter().all(u8::is_ascii_hexdigit))
}

#[inline]
pub(super) fn behind_blanks(mut rest: &[u8]) -> &[u8] {
    // One comparison where there are none.
    while let [(..=b' '), ..] = rest {
        let [b' ' | b'\t' | b'\n' | b'\r', behind @ ..] = rest else { break };
        rest = behind;
    }
    rest
}
