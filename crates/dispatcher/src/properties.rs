//! Java's properties syntax, read with line numbers.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use java_properties::{LineContent, PropertiesError, PropertiesIter};

/// The properties in their order: line, key, value. UTF-8 if the bytes are, otherwise Latin-1 as Java reads it.
pub(crate) fn read(bytes: &[u8]) -> impl Iterator<Item = Result<(usize, String, String), PropertiesError>> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    PropertiesIter::new_with_encoding(bytes, encoding_of(bytes)).filter_map(|line| match line {
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

fn encoding_of(bytes: &[u8]) -> &'static Encoding {
    if std::str::from_utf8(bytes).is_ok() { UTF_8 } else { WINDOWS_1252 }
}
