//! One pass over a JSON text: is it an object, and where are its members?

use super::JsonError;

/// Containers inside containers; the same limit as `serde_json`'s, so that whatever is accepted here can be read there.
const MAX_DEPTH: u32 = 127;

/// Where a member of the object stands in the text. The key is without its quotes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Member {
    pub(super) key: (u32, u32),
    pub(super) value: (u32, u32),
    pub(super) key_has_escapes: bool,
}

/// Checks that `text` is one JSON object and finds its members.
pub(super) fn members(text: &str) -> Result<Vec<Member>, JsonError> {
    let mut scan = Scan { text: text.as_bytes(), at: 0 };
    if u32::try_from(text.len()).is_err() {
        return Err(scan.error("text is longer than 4 GiB"));
    }
    scan.skip_blanks();
    if scan.peek() != Some(b'{') {
        return Err(scan.error("expected an object"));
    }
    let members = scan.object()?;
    scan.skip_blanks();
    if scan.at < scan.text.len() {
        return Err(scan.error("text after the object"));
    }
    Ok(members)
}

struct Scan<'a> {
    text: &'a [u8],
    at: usize,
}

impl Scan<'_> {
    fn object(&mut self) -> Result<Vec<Member>, JsonError> {
        let mut members = Vec::with_capacity(32);
        self.at += 1;
        self.skip_blanks();
        if self.eat(b'}') {
            return Ok(members);
        }
        loop {
            members.push(self.member()?);
            self.skip_blanks();
            if self.eat(b'}') {
                return Ok(members);
            }
            self.expect(b',', "expected `,` or `}`")?;
            self.skip_blanks();
        }
    }

    fn member(&mut self) -> Result<Member, JsonError> {
        let key_start = self.at + 1;
        let key_has_escapes = self.string("expected a key in quotes")?;
        let key = (offset(key_start), offset(self.at - 1));
        self.skip_blanks();
        self.expect(b':', "expected `:`")?;
        self.skip_blanks();
        let start = self.at;
        self.value(1)?;
        Ok(Member { key, value: (offset(start), offset(self.at)), key_has_escapes })
    }

    fn value(&mut self, depth: u32) -> Result<(), JsonError> {
        match self.peek() {
            Some(b'"') => self.string("expected a string").map(drop),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true"),
            Some(b'f') => self.word("false"),
            Some(b'n') => self.word("null"),
            Some(b'{' | b'[') if depth >= MAX_DEPTH => Err(self.error("nested too deeply")),
            Some(b'{') => self.nested_object(depth + 1),
            Some(b'[') => self.array(depth + 1),
            _ => Err(self.error("expected a value")),
        }
    }

    fn nested_object(&mut self, depth: u32) -> Result<(), JsonError> {
        self.at += 1;
        self.skip_blanks();
        if self.eat(b'}') {
            return Ok(());
        }
        loop {
            self.string("expected a key in quotes")?;
            self.skip_blanks();
            self.expect(b':', "expected `:`")?;
            self.skip_blanks();
            self.value(depth)?;
            self.skip_blanks();
            if self.eat(b'}') {
                return Ok(());
            }
            self.expect(b',', "expected `,` or `}`")?;
            self.skip_blanks();
        }
    }

    fn array(&mut self, depth: u32) -> Result<(), JsonError> {
        self.at += 1;
        self.skip_blanks();
        if self.eat(b']') {
            return Ok(());
        }
        loop {
            self.value(depth)?;
            self.skip_blanks();
            if self.eat(b']') {
                return Ok(());
            }
            self.expect(b',', "expected `,` or `]`")?;
            self.skip_blanks();
        }
    }

    /// Passes over a string; says whether it has escapes.
    #[inline]
    fn string(&mut self, expected: &'static str) -> Result<bool, JsonError> {
        self.expect(b'"', expected)?;
        self.at = end_of_plain(self.text, self.at);
        if self.peek() == Some(b'"') {
            self.at += 1;
            return Ok(false);
        }
        self.rest_of_string()
    }

    /// From the first thing in a string that needs attention.
    fn rest_of_string(&mut self) -> Result<bool, JsonError> {
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(true);
                }
                Some(b'\\') => self.escape()?,
                Some(_) => return Err(self.error("control character in a string")),
                None => return Err(self.error("unfinished string")),
            }
            self.at = end_of_plain(self.text, self.at);
        }
    }

    fn escape(&mut self) -> Result<(), JsonError> {
        self.at += 1;
        match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 1,
            Some(b'u') if self.hex_digits_follow() => self.at += 5,
            _ => return Err(self.error("invalid escape")),
        }
        Ok(())
    }

    fn hex_digits_follow(&self) -> bool {
        let digits = self.text.get(self.at + 1..self.at + 5);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    }

    fn number(&mut self) -> Result<(), JsonError> {
        self.eat(b'-');
        if !self.eat(b'0') {
            self.digits()?;
        }
        if self.eat(b'.') {
            self.digits()?;
        }
        if self.eat(b'e') || self.eat(b'E') {
            let _ = self.eat(b'+') || self.eat(b'-');
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), JsonError> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at == start { Err(self.error("expected a digit")) } else { Ok(()) }
    }

    fn word(&mut self, word: &'static str) -> Result<(), JsonError> {
        if self.text[self.at..].starts_with(word.as_bytes()) {
            self.at += word.len();
            return Ok(());
        }
        Err(self.error("expected a value"))
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8, otherwise: &'static str) -> Result<(), JsonError> {
        if self.eat(byte) { Ok(()) } else { Err(self.error(otherwise)) }
    }

    fn error(&self, problem: &'static str) -> JsonError {
        JsonError { problem, at: self.at }
    }
}

/// Where a string's next byte is that needs attention: a quote, a backslash or a control character. Looks at eight bytes
/// at a time.
#[inline]
pub(super) fn end_of_plain(text: &[u8], mut at: usize) -> usize {
    while let Some(word) = text.get(at..).and_then(<[u8]>::first_chunk) {
        let special = special_bytes(u64::from_le_bytes(*word));
        if special != 0 {
            return at + special.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    let is_plain = |byte: &u8| !matches!(byte, 0..0x20 | b'"' | b'\\');
    at + text[at..].iter().take_while(|byte| is_plain(byte)).count()
}

/// Flags bytes that need attention by their highest bit. The lowest flag is right: a borrow, which comes from a flagged
/// byte only, can mislead about the bytes above it.
const fn special_bytes(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    // With this bit turned, a quote stands just above the control characters, which stay among themselves.
    let control_or_quote = (word ^ (ONES * 0x02)).wrapping_sub(ONES * 0x21);
    let backslash = (word ^ (ONES * 0x5c)).wrapping_sub(ONES);
    (control_or_quote | backslash) & !word & HIGHS
}

/// Texts over 4 GiB were turned away at the start.
#[allow(clippy::cast_possible_truncation)]
const fn offset(at: usize) -> u32 {
    at as u32
}
