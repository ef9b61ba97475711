//! Where a string stops being plain: at a quote, a backslash or a control character.

/// From a string's next byte that is not plain. Looks at eight bytes at a time.
#[inline]
pub(super) fn behind_plain(mut rest: &[u8]) -> &[u8] {
    while let Some((word, behind)) = rest.split_first_chunk() {
        let special = special_bytes(u64::from_le_bytes(*word));
        if special != 0 {
            return &rest[special.trailing_zeros() as usize / 8..];
        }
        rest = behind;
    }
    while let [0x20..=b'!' | b'#'..=b'[' | (b']'..), behind @ ..] = rest {
        rest = behind;
    }
    rest
}

/// The same where much that is plain is expected, as between the escapes of an SDP.
#[inline]
pub(super) fn behind_long_plain(mut rest: &[u8]) -> &[u8] {
    while let Some((block, behind)) = rest.split_first_chunk::<16>()
        && is_plain(block)
    {
        rest = behind;
    }
    behind_plain(rest)
}

/// Looks at all bytes, without a branch for each: the compiler takes many of them at a time.
#[inline]
#[allow(clippy::needless_bitwise_bool)]
pub(super) fn is_plain(bytes: &[u8]) -> bool {
    !bytes.iter().fold(false, |found, &byte| found | ((byte ^ TURNED) <= b' ') | (byte == b'\\'))
}

/// With this bit turned, a quote stands just above the control characters, which stay among themselves.
const TURNED: u8 = 0x02;

/// Flags bytes that are not plain by their highest bit. The lowest flag is right: a borrow, which comes from a flagged
/// byte only, can mislead about the bytes above it.
const fn special_bytes(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    let control_or_quote = (word ^ (ONES * TURNED as u64)).wrapping_sub(ONES * 0x21);
    let backslash = (word ^ (ONES * 0x5c)).wrapping_sub(ONES);
    (control_or_quote | backslash) & !word & HIGHS
}
