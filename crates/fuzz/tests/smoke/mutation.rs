//! Mutations of a corpus.

use std::fmt;

use proptest::{collection::vec, prelude::*, sample::Index};

/// What parsers treat apart from other bytes.
const WORDS: &[&str] = &[
    "",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "\\u0000",
    "\\ud800",
    "null",
    "true",
    "1e999",
    "-0",
    "0.1",
    "\n",
    "\r\n",
    "\t",
    " ",
    "=",
    "#",
    "!",
    "\0",
    "\u{1f}",
    "\u{7f}",
    "é",
    "\u{20ac}",
    "\u{10ffff}",
    "WCS ",
    ".",
    "eyJ",
    "\"a\":1,",
    "\"alg\":\"none\"",
    "{}",
    "[[[[[[[[[[[[[[[[",
    "99999999999999999999",
    "-9223372036854775808",
    "FAIL",
    "DISABLED",
];

/// One change. Places are parts of the length.
#[derive(Debug, Clone)]
enum Change {
    Set(Index, u8),
    Insert(Index, &'static str),
    Remove(Index, Index),
    Repeat(Index, Index),
    /// Puts the end of another seed in the place of this one's.
    Splice(Index, Index, Index),
}

/// A seed with changes made.
pub(crate) struct Mutant {
    pub(crate) bytes: Vec<u8>,
}

impl fmt::Debug for Mutant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b\"{}\"", self.bytes.escape_ascii())
    }
}

/// Seeds with up to eight changes.
pub(crate) fn mutations(seeds: Vec<Vec<u8>>) -> impl Strategy<Value = Mutant> {
    (any::<Index>(), vec(change(), 0..=8)).prop_map(move |(seed, changes)| {
        let mut bytes = seed.get(&seeds).clone();
        for change in changes {
            change.make(&mut bytes, &seeds);
        }
        Mutant { bytes }
    })
}

fn change() -> impl Strategy<Value = Change> {
    let index = any::<Index>;
    prop_oneof![
        (index(), any::<u8>()).prop_map(|(at, byte)| Change::Set(at, byte)),
        (index(), prop::sample::select(WORDS)).prop_map(|(at, word)| Change::Insert(at, word)),
        (index(), index()).prop_map(|(from, to)| Change::Remove(from, to)),
        (index(), index()).prop_map(|(from, to)| Change::Repeat(from, to)),
        (index(), index(), index()).prop_map(|(at, seed, from)| Change::Splice(at, seed, from)),
    ]
}

impl Change {
    fn make(self, bytes: &mut Vec<u8>, seeds: &[Vec<u8>]) {
        let place = |at: Index, bytes: &[u8]| at.index(bytes.len() + 1);
        let range = |from, to, bytes: &[u8]| {
            let (from, to) = (place(from, bytes), place(to, bytes));
            from.min(to)..from.max(to)
        };
        match self {
            Self::Set(at, byte) => {
                let at = place(at, bytes);
                bytes.splice(at..bytes.len().min(at + 1), [byte]);
            }
            Self::Insert(at, word) => {
                let at = place(at, bytes);
                bytes.splice(at..at, word.bytes());
            }
            Self::Remove(from, to) => drop(bytes.drain(range(from, to, bytes))),
            Self::Repeat(from, to) => {
                let range = range(from, to, bytes);
                let part = bytes[range.clone()].to_vec();
                bytes.splice(range.end..range.end, part);
            }
            Self::Splice(at, seed, from) => {
                let other = seed.get(seeds);
                bytes.truncate(place(at, bytes));
                bytes.extend(&other[place(from, other)..]);
            }
        }
    }
}
