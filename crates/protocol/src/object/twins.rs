//! A key that appears twice in one object, at any depth, in a text that has been scanned.

use std::borrow::Cow;

use super::{plain::behind_plain, scan::behind_blanks, text::unescape};

/// Up to here, a key is compared with those before it one by one, which takes no memory.
const FEW: usize = 16;

/// The keys of one object so far. Many are sorted in the end: nobody can choose keys that make that slow.
struct Keys<'a> {
    few: [&'a str; FEW],
    length: usize,
    /// All of them, if they are many or have escapes.
    many: Vec<Cow<'a, str>>,
}

impl<'a> Keys<'a> {
    const fn new() -> Self {
        Self { few: [""; FEW], length: 0, many: Vec::new() }
    }

    /// Gives the key back if it is one of the few that there are.
    fn insert(&mut self, key: Cow<'a, str>) -> Result<(), Cow<'a, str>> {
        match key {
            Cow::Borrowed(key) if self.many.is_empty() && self.length < FEW => self.insert_few(key),
            key => {
                self.insert_many(key);
                Ok(())
            }
        }
    }

    fn insert_few(&mut self, key: &'a str) -> Result<(), Cow<'a, str>> {
        let (few, free) = self.few.split_at_mut(self.length);
        if few.contains(&key) {
            return Err(Cow::Borrowed(key));
        }
        if let Some(place) = free.first_mut() {
            *place = key;
            self.length += 1;
        }
        Ok(())
    }

    fn insert_many(&mut self, key: Cow<'a, str>) {
        if self.many.is_empty() {
            self.many.extend(self.few[..self.length].iter().copied().map(Cow::Borrowed));
        }
        self.many.push(key);
    }

    /// Gives a key that appears twice among many.
    fn end(&mut self) -> Result<(), Cow<'a, str>> {
        self.many.sort_unstable();
        let twins = self.many.windows(2).find(|keys| keys[0] == keys[1]);
        twins.map_or(Ok(()), |twins| Err(twins[0].clone()))
    }
}

/// A key that appears twice among these.
pub(super) fn among<'a>(mut keys: impl Iterator<Item = Cow<'a, str>>) -> Option<Cow<'a, str>> {
    let mut seen = Keys::new();
    keys.try_for_each(|key| seen.insert(key)).and_then(|()| seen.end()).err()
}

/// A key that appears twice in this value, if that is an object, or in one inside of it.
#[inline(never)]
pub(super) fn inside(json: &str) -> Option<Cow<'_, str>> {
    // Where there is one member only, as is usual.
    if !json.as_bytes().contains(&b',') {
        return None;
    }
    Walk { text: json }.value(json.as_bytes()).err()
}

/// What is behind a value, or the key that appears twice in it.
type Behind<'a> = Result<&'a [u8], Cow<'a, str>>;

/// The text is known to be JSON, so nothing is checked but the keys.
#[derive(Clone, Copy)]
struct Walk<'a> {
    text: &'a str,
}

impl<'a> Walk<'a> {
    fn value(self, rest: &'a [u8]) -> Behind<'a> {
        match rest {
            [b'{', inside @ ..] => self.object(inside),
            [b'[', inside @ ..] => self.array(inside),
            [b'"', inside @ ..] => Ok(behind_string(inside).0),
            _ => Ok(behind_scalar(rest)),
        }
    }

    fn object(self, mut rest: &'a [u8]) -> Behind<'a> {
        let mut keys = Keys::new();
        loop {
            rest = match behind_blanks(rest) {
                [b'"', inside @ ..] => {
                    let (behind_key, has_escapes) = behind_string(inside);
                    keys.insert(self.key(inside, behind_key, has_escapes))?;
                    match behind_blanks(behind_key) {
                        [b':', value @ ..] => self.value(behind_blanks(value))?,
                        rest => rest,
                    }
                }
                [b',', rest @ ..] => rest,
                [] => return Ok(&[]),
                [_, rest @ ..] => return keys.end().map(|()| rest),
            };
        }
    }

    fn array(self, mut rest: &'a [u8]) -> Behind<'a> {
        loop {
            rest = match behind_blanks(rest) {
                [b',', rest @ ..] => rest,
                [b']', rest @ ..] => return Ok(rest),
                [] => return Ok(&[]),
                value => self.value(value)?,
            };
        }
    }

    fn key(self, inside: &'a [u8], behind: &'a [u8], has_escapes: bool) -> Cow<'a, str> {
        let (start, end) = (self.text.len() - inside.len(), self.text.len() - behind.len());
        let key = self.text.get(start..end.saturating_sub(1)).unwrap_or_default();
        if has_escapes { Cow::Owned(unescape(key)) } else { Cow::Borrowed(key) }
    }
}

/// From behind the opening quote to behind the closing one; and whether there are escapes between them.
fn behind_string(mut rest: &[u8]) -> (&[u8], bool) {
    let mut has_escapes = false;
    loop {
        rest = match behind_plain(rest) {
            [b'\\', _, rest @ ..] => {
                has_escapes = true;
                rest
            }
            [_, rest @ ..] => return (rest, has_escapes),
            [] => return (&[], has_escapes),
        };
    }
}

/// A number or a word ends where something else begins; what is no value is passed over.
fn behind_scalar(rest: &[u8]) -> &[u8] {
    let is_end = |byte: &u8| matches!(byte, b',' | b']' | b'}' | b' ' | b'\t' | b'\n' | b'\r');
    let length = rest.iter().position(is_end).unwrap_or(rest.len());
    &rest[length..]
}
