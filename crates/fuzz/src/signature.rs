//! The `Authorization` header.

use wcs_hooks_protocol::SigningKey;

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
    assert!(key.verify(body, &good) && SigningKey::is_signature(&good));
    let digits = |header: &str| header.get(4..).map(|digits| digits.trim().to_ascii_lowercase());
    if key.verify(body, &header) {
        assert!(SigningKey::is_signature(&header));
        assert_eq!(digits(&header), digits(&good));
    }
    let longer = [body, b" "].concat();
    assert!(!key.verify(&longer, &good));
}
