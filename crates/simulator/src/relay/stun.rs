//! What a browser's connectivity checks say: [`username`].

const BINDING_REQUEST: [u8; 2] = [0, 1];
const MAGIC_COOKIE: [u8; 4] = 0x2112_A442_u32.to_be_bytes();
const USERNAME: [u8; 2] = [0, 6];

/// The USERNAME of a STUN binding request: the receiver's `ice-ufrag`, a colon, and the sender's. RFC 8489 §5, RFC 8445 §7.2.2.
pub(super) fn username(datagram: &[u8]) -> Option<&[u8]> {
    let (header, mut attributes) = datagram.split_first_chunk::<20>()?;
    if header[..2] != BINDING_REQUEST || header[4..8] != MAGIC_COOKIE {
        return None;
    }
    loop {
        let ([kind @ .., high, low], rest) = attributes.split_first_chunk::<4>()?;
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let value = rest.get(..length)?;
        if *kind == USERNAME {
            return Some(value);
        }
        attributes = rest.get(length.next_multiple_of(4)..)?;
    }
}

/// The `ice-ufrag`s of an SDP.
pub(super) fn ufrags(sdp: &str) -> Vec<String> {
    let mut ufrags: Vec<_> = sdp.lines().filter_map(|line| line.strip_prefix("a=ice-ufrag:")).collect();
    ufrags.dedup();
    ufrags.into_iter().map(|ufrag| ufrag.trim_end().to_owned()).collect()
}

/// A binding request with these attributes.
#[cfg(test)]
pub(super) fn binding_request(attributes: &[(u16, &[u8])]) -> Vec<u8> {
    let mut request = [&BINDING_REQUEST[..], &[0, 0], &MAGIC_COOKIE, &[7; 12]].concat();
    for (kind, value) in attributes {
        request.extend(kind.to_be_bytes());
        request.extend(u16::try_from(value.len()).unwrap().to_be_bytes());
        request.extend_from_slice(value);
        request.resize(request.len().next_multiple_of(4), 0);
    }
    request
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_names_both_sides() {
        let priority: (u16, &[u8]) = (0x24, &[1, 2, 3, 4]);
        for (attributes, expected) in [
            (&[(6, &b"their:mine"[..])][..], Some(&b"their:mine"[..])),
            (&[priority, (0x8022, b"odd"), (6, b"their:mine")], Some(b"their:mine")),
            (&[priority], None),
            (&[], None),
        ] {
            assert_eq!(username(&binding_request(attributes)), expected, "{attributes:?}");
        }
    }

    #[test]
    fn what_is_no_check_names_nobody() {
        let check = binding_request(&[(6, b"their:mine")]);
        for changed in [0, 1, 4, 7] {
            let mut other = check.clone();
            other[changed] ^= 1;
            assert_eq!(username(&other), None, "byte {changed}");
        }
        for length in 0..34 {
            assert_eq!(username(&check[..length]), None, "{length} bytes");
        }
        let mut endless = check;
        endless[22] = 0xFF;
        assert_eq!(username(&endless), None);
    }

    #[test]
    fn media_that_are_bundled_have_one_ufrag() {
        let sdp = "v=0\r\nm=audio 9 X\r\na=ice-ufrag:b4e7\r\nm=video 9 X\r\na=ice-ufrag:b4e7\r\n";
        assert_eq!(ufrags(sdp), ["b4e7"]);
        assert_eq!(ufrags("v=0\r\n"), Vec::<String>::new());
    }
}
