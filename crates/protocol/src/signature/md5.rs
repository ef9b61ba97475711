//! MD5, RFC 1321. Every call waits for it, and it is what it costs most to wait for: see [`CONSTANTS`].

use std::hint::black_box;

pub(super) const BLOCK: usize = 64;

/// What the blocks that have been taken come to.
#[derive(Clone, Copy)]
pub(super) struct State([u32; 4]);

impl State {
    pub(super) const INITIAL: Self = Self([0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476]);

    pub(super) fn take(&mut self, blocks: &[[u8; BLOCK]]) {
        let constants = black_box(&CONSTANTS);
        for block in blocks {
            self.take_one(block, constants);
        }
    }

    /// The digest of what has been taken, in whole blocks of `taken` bytes together, and of the rest of the message.
    pub(super) fn finish(mut self, taken: usize, rest: &[u8]) -> [u8; 16] {
        let (blocks, rest) = rest.as_chunks();
        self.take(blocks);
        let bits = (taken + blocks.len() * BLOCK + rest.len()) as u64 * 8;
        let mut last = [[0; BLOCK]; 2];
        last[0][..rest.len()].copy_from_slice(rest);
        last[0][rest.len()] = 0x80;
        let last = if rest.len() < BLOCK - size_of_val(&bits) { &mut last[..1] } else { &mut last[..] };
        last[last.len() - 1][BLOCK - size_of_val(&bits)..].copy_from_slice(&bits.to_le_bytes());
        self.take(last);
        let mut digest = [0; 16];
        for (bytes, word) in digest.as_chunks_mut().0.iter_mut().zip(self.0) {
            *bytes = word.to_le_bytes();
        }
        digest
    }

    fn take_one(&mut self, block: &[u8; BLOCK], constants: &[[u32; 16]; 4]) {
        let mut words = [0; 16];
        for (word, bytes) in words.iter_mut().zip(block.as_chunks().0) {
            *word = u32::from_le_bytes(*bytes);
        }
        let word = |index: usize| words[index % 16];
        let [first, second, third, fourth] = constants;
        let mut next = self.0;
        next = round(next, first, [7, 12, 17, 22], word, |b, c, d| ((c ^ d) & b) ^ d);
        next = round(next, second, [5, 9, 14, 20], |step| word(5 * step + 1), |b, c, d| (b & d) | (c & !d));
        next = round(next, third, [4, 11, 16, 23], |step| word(3 * step + 5), |b, c, d| b ^ (c ^ d));
        next = round(next, fourth, [6, 10, 15, 21], |step| word(7 * step), |b, c, d| c ^ (b | !d));
        self.0 = [0, 1, 2, 3].map(|index| self.0[index].wrapping_add(next[index]));
    }
}

/// Sixteen steps.
#[inline]
fn round(
    [mut a, mut b, mut c, mut d]: [u32; 4],
    constants: &[u32; 16],
    turns: [u32; 4],
    word: impl Fn(usize) -> u32,
    mix: impl Fn(u32, u32, u32) -> u32,
) -> [u32; 4] {
    for (step, constant) in constants.iter().enumerate() {
        let sum = a.wrapping_add(word(step)).wrapping_add(*constant).wrapping_add(mix(b, c, d));
        (a, d, c, b) = (d, c, b, b.wrapping_add(sum.rotate_left(turns[step % 4])));
    }
    [a, b, c, d]
}

/// The sines of 1 to 64, times 2³². Each step waits for the one before it. A compiler that knows a constant adds it last,
/// where the next step waits for that too; hidden from it, they are added beforehand, which takes a fifth off the time.
#[rustfmt::skip]
static CONSTANTS: [[u32; 16]; 4] = [
    [
        0xd76a_a478, 0xe8c7_b756, 0x2420_70db, 0xc1bd_ceee, 0xf57c_0faf, 0x4787_c62a, 0xa830_4613, 0xfd46_9501,
        0x6980_98d8, 0x8b44_f7af, 0xffff_5bb1, 0x895c_d7be, 0x6b90_1122, 0xfd98_7193, 0xa679_438e, 0x49b4_0821,
    ],
    [
        0xf61e_2562, 0xc040_b340, 0x265e_5a51, 0xe9b6_c7aa, 0xd62f_105d, 0x0244_1453, 0xd8a1_e681, 0xe7d3_fbc8,
        0x21e1_cde6, 0xc337_07d6, 0xf4d5_0d87, 0x455a_14ed, 0xa9e3_e905, 0xfcef_a3f8, 0x676f_02d9, 0x8d2a_4c8a,
    ],
    [
        0xfffa_3942, 0x8771_f681, 0x6d9d_6122, 0xfde5_380c, 0xa4be_ea44, 0x4bde_cfa9, 0xf6bb_4b60, 0xbebf_bc70,
        0x289b_7ec6, 0xeaa1_27fa, 0xd4ef_3085, 0x0488_1d05, 0xd9d4_d039, 0xe6db_99e5, 0x1fa2_7cf8, 0xc4ac_5665,
    ],
    [
        0xf429_2244, 0x432a_ff97, 0xab94_23a7, 0xfc93_a039, 0x655b_59c3, 0x8f0c_cc92, 0xffef_f47d, 0x8584_5dd1,
        0x6fa8_7e4f, 0xfe2c_e6e0, 0xa301_4314, 0x4e08_11a1, 0xf753_7e82, 0xbd3a_f235, 0x2ad7_d2bb, 0xeb86_d391,
    ],
];

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 1321, A.5.
    #[test]
    fn the_suite_of_the_rfc() {
        for (message, digest) in [
            ("", 0xd41d_8cd9_8f00_b204_e980_0998_ecf8_427e_u128),
            ("a", 0x0cc1_75b9_c0f1_b6a8_31c3_99e2_6977_2661),
            ("abc", 0x9001_5098_3cd2_4fb0_d696_3f7d_28e1_7f72),
            ("message digest", 0xf96b_697d_7cb7_938d_525a_2f31_aaf1_61d0),
            ("abcdefghijklmnopqrstuvwxyz", 0xc3fc_d3d7_6192_e400_7dfb_496c_ca67_e13b),
            (
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
                0xd174_ab98_d277_d9f5_a561_1c2c_9f41_9d9f,
            ),
            (&"1234567890".repeat(8), 0x57ed_f4a2_2be3_c955_ac49_da2e_2107_b67a),
        ] {
            assert_eq!(
                u128::from_be_bytes(State::INITIAL.finish(0, message.as_bytes())),
                digest,
                "{message}"
            );
        }
    }
}
