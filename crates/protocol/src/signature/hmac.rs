//! HMAC, RFC 2104, by MD5.

use super::md5::{BLOCK, State};

/// A key that has been prepared: what the digests have come to behind their first block.
#[derive(Clone)]
pub(super) struct HmacMd5 {
    inner: State,
    outer: State,
}

impl HmacMd5 {
    pub(super) fn new(key: &[u8]) -> Self {
        let digest;
        let key = if key.len() > BLOCK {
            digest = State::INITIAL.finish(0, key);
            &digest[..]
        } else {
            key
        };
        let mut block = [0; BLOCK];
        block[..key.len()].copy_from_slice(key);
        let behind = |pad: u8| {
            let mut state = State::INITIAL;
            state.take(&[block.map(|byte| byte ^ pad)]);
            state
        };
        Self { inner: behind(0x36), outer: behind(0x5c) }
    }

    pub(super) fn of(&self, message: &[u8]) -> [u8; 16] {
        self.outer.finish(BLOCK, &self.inner.finish(BLOCK, message))
    }
}

#[cfg(test)]
mod tests {
    use hmac::{Hmac, KeyInit, Mac};
    use md5::Md5;

    use super::*;

    #[test]
    fn it_is_what_rustcrypto_makes_of_keys_and_messages_of_all_lengths() {
        for length in 0..=3 * BLOCK {
            for (key, message) in [(length, 669), (10, length), (length, length)] {
                let key = (0..=u8::MAX).rev().cycle().take(key).collect::<Vec<_>>();
                let message = (0..=u8::MAX).cycle().take(message).collect::<Vec<_>>();
                let theirs = Hmac::<Md5>::new_from_slice(&key).unwrap().chain_update(&message).finalize();
                assert_eq!(HmacMd5::new(&key).of(&message), *theirs.into_bytes(), "{length}");
            }
        }
    }
}
