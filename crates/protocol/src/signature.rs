//! The signature in the `Authorization` header: HMAC-MD5 over the raw body. Spec §1.5.

mod hmac;
mod md5;

use std::fmt;

use hmac::HmacMd5;
use subtle::ConstantTimeEq;

use crate::Secret;

const SCHEME: &str = "WCS ";

/// A key to sign and verify bodies with: WCS's `rest_hook_secret_key`. Prepared once; it does not print.
///
/// ```
/// use wcs_hooks_protocol::SigningKey;
///
/// let key = SigningKey::new(&"1234567890".into());
/// let header = key.sign(br#"{"a":1}"#);
/// assert!(header.starts_with("WCS ") && header.len() == 36);
/// assert!(key.verify(br#"{"a":1}"#, &header));
/// assert!(!key.verify(br#"{ "a":1}"#, &header));
/// ```
#[derive(Clone)]
pub struct SigningKey {
    hmac: HmacMd5,
}

impl SigningKey {
    /// Prepares a key. Any length will do.
    #[must_use]
    pub fn new(secret: &Secret) -> Self {
        Self { hmac: HmacMd5::new(secret.expose().as_bytes()) }
    }

    /// The value of the `Authorization` header for a body: `WCS` and 32 lower-case hex digits.
    #[must_use]
    pub fn sign(&self, body: &[u8]) -> String {
        let mut header = String::with_capacity(SCHEME.len() + 32);
        header.push_str(SCHEME);
        for byte in self.hmac.of(body) {
            for nibble in [byte >> 4, byte & 15] {
                header.push(char::from(b"0123456789abcdef"[usize::from(nibble)]));
            }
        }
        header
    }

    /// Whether the header is this key's signature of the body. The time taken does not tell where they differ. The
    /// scheme is compared without regard to case, as HTTP asks; so are the digits.
    #[must_use]
    pub fn verify(&self, body: &[u8], header: &str) -> bool {
        Signature::in_header(header).is_some_and(|signature| self.made(signature, body))
    }

    /// Whether this key made the signature, of this body. The time taken does not tell where they differ.
    ///
    /// ```
    /// # use wcs_hooks_protocol::{Signature, SigningKey};
    /// let key = SigningKey::new(&"1234567890".into());
    /// let signature = Signature::in_header(&key.sign(b"{}")).expect("a signature");
    /// assert!(key.made(signature, b"{}") && !key.made(signature, b"{ }"));
    /// ```
    #[must_use]
    pub fn made(&self, signature: Signature, body: &[u8]) -> bool {
        self.hmac.of(body).ct_eq(&signature.0).into()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey [hidden]")
    }
}

/// What stands in a header of the form `WCS <32 hex digits>`: a signature, whoever made it and whatever of.
///
/// ```
/// use wcs_hooks_protocol::Signature;
///
/// let signature = Signature::in_header("WCS f2a40d5f3ec6a43d294a11c1746d3801").expect("a signature");
/// assert_eq!(format!("{signature:?}"), "Signature [hidden]");
/// assert!(Signature::in_header("WCS x").is_none());
/// ```
///
/// It does not print: with its body, it is a call that can be made again.
#[derive(Clone, Copy)]
pub struct Signature([u8; 16]);

impl Signature {
    /// Reads the value of an `Authorization` header. The case of the scheme and of the digits does not matter.
    #[must_use]
    pub fn in_header(header: &str) -> Option<Self> {
        let (scheme, digits) = header.split_at_checked(SCHEME.len())?;
        let digits: &[u8; 32] = digits.trim_ascii().as_bytes().try_into().ok()?;
        if !scheme.eq_ignore_ascii_case(SCHEME) {
            return None;
        }
        let (mut digest, mut found) = ([0; 16], 0);
        for (byte, [high, low]) in digest.iter_mut().zip(digits.as_chunks().0) {
            let (high, low) = (NIBBLES[usize::from(*high)], NIBBLES[usize::from(*low)]);
            *byte = high << 4 | low;
            found |= high | low;
        }
        (found < NO_DIGIT).then_some(Self(digest))
    }

    /// The HMAC-MD5.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signature [hidden]")
    }
}

const NO_DIGIT: u8 = 0x10;

/// What each byte is as a hex digit.
const NIBBLES: [u8; 256] = {
    let mut nibbles = [NO_DIGIT; 256];
    let mut value = 0_u8;
    while value < 16 {
        nibbles[b"0123456789abcdef"[value as usize] as usize] = value;
        nibbles[b"0123456789ABCDEF"[value as usize] as usize] = value;
        value += 1;
    }
    nibbles
};

#[cfg(test)]
mod tests {
    use super::*;

    /// Spec §1.5: the 218-byte OnDataEvent body of §8 and the key of the docs.
    #[test]
    fn the_published_body_has_the_known_signature() {
        let body = br#"{"nodeId":"Hw47CFMBEchVOpBMDr29IxjudnJ1sjOY@192.168.1.101","appKey":"defaultApp","sessionId":"/192.168.1.102:55839/192.168.1.101:8443","operationId":"d1999750-fde9-11e6-9f1b-913210792931","payload":{"message":"hello"}}"#;
        assert_eq!(body.len(), 218);
        let key = SigningKey::new(&"1234567890".into());
        assert_eq!(key.sign(body), "WCS e4b1dc5789bee71859f1f1d4052649fa");
    }

    #[test]
    fn whatever_is_no_signature_is_refused() {
        let key = SigningKey::new(&"k".into());
        let good = key.sign(b"{}");
        assert!(key.verify(b"{}", &good.to_uppercase()));
        let other = SigningKey::new(&"other".into()).sign(b"{}");
        let bad =
            ["", "WCS", "WCS ", "Basic YTpi", "WCS zz", &good[..35], &format!("{good}0"), &good[4..], &other];
        for header in bad {
            assert!(!key.verify(b"{}", header), "{header}");
        }
        assert!(!key.verify(
            b"{}",
            "WCS \u{20ac}\u{20ac}\u{20ac}\u{20ac}\u{20ac}\u{20ac}\u{20ac}\u{20ac}\u{20ac}\u{20ac}aa"
        ));
    }
}
