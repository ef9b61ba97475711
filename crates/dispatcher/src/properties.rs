//! Java's properties syntax, read with line numbers.

use std::{borrow::Cow, io::Cursor};

use encoding_rs::{UTF_8, WINDOWS_1252};
use java_properties::{LineContent, PropertiesError, PropertiesIter};

/// The properties in their order: line, key, value. UTF-8 if the bytes are, otherwise Latin-1 as Java reads it.
pub(crate) fn read(bytes: &[u8]) -> impl Iterator<Item = Result<(usize, String, String), PropertiesError>> {
    let text = Cursor::new(text_of(bytes).into_owned());
    PropertiesIter::new_with_encoding(text, UTF_8).filter_map(|line| match line {
        Ok(line) => {
            let number = line.line_number();
            match line.consume_content() {
                LineContent::KVPair(key, value) => Some(Ok((number, key, value))),
                LineContent::Comment(_) => None,
            }
        }
        Err(error) => Some(Err(error)),
    })
}

/// Decoded before it is read: the reader would take two bytes at the start for the mark of UTF-16, and then panic at an odd
/// length.
fn text_of(bytes: &[u8]) -> Cow<'_, str> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let encoding = if std::str::from_utf8(bytes).is_ok() { UTF_8 } else { WINDOWS_1252 };
    encoding.decode_without_bom_handling(bytes).0
}
