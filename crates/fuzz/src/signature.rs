//! The `Authorization` header.

use wcs_hooks_protocol::{Signature, SigningKey};

use crate::first_line;

/// The first line is a header, the rest a body: only the key's own signature of that body is taken.
///
/// # Panics
/// If that does not hold.
pub fn signature(bytes: &[u8]) {
    let (header, body) = first_line(bytes);
    let header = String::from_utf8_lossy(header);
    let key = SigningKey::new(&"1234567890".into());
    let good = key.sign(body);
    assert!(key.verify(body, &good) && Signature::in_header(&good).is_some());
    let digits = |header: &str| header.get(4..).map(|digits| digits.trim().to_ascii_lowercase());
    if key.verify(body, &header) {
        assert!(Signature::in_header(&header).is_some());
        assert_eq!(digits(&header), digits(&good));
    }
    let longer = [body, b" "].concat();
    assert!(!key.verify(&longer, &good));
}
