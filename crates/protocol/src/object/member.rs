//! A member of an object in the text that it stands in: [`RawMember`].

use std::{borrow::Cow, slice};

use super::{
    Object,
    scan::Member,
    text::{read_string, unescape},
};

/// A member, whose key and value are taken out of the text when they are asked for.
#[derive(Clone, Copy)]
pub(crate) struct RawMember<'o, 'a> {
    object: &'o Object<'a>,
    member: &'o Member,
}

impl<'o, 'a> RawMember<'o, 'a> {
    #[inline]
    pub(super) const fn new(object: &'o Object<'a>, member: &'o Member) -> Self {
        Self { object, member }
    }

    #[inline]
    pub(crate) fn key(&self) -> Cow<'a, str> {
        let (start, end) = self.member.key;
        let inside = &self.object.text[start as usize..end as usize];
        if self.member.key_has_escapes { Cow::Owned(unescape(inside)) } else { Cow::Borrowed(inside) }
    }

    #[inline]
    pub(crate) fn is_named(&self, name: &str) -> bool {
        if self.member.key_has_escapes {
            return self.key() == name;
        }
        let (start, end) = self.member.key;
        is_same(&self.object.text.as_bytes()[start as usize..end as usize], name.as_bytes())
    }

    /// The value as JSON.
    #[inline]
    pub(crate) fn json(&self) -> &'a str {
        let (start, end) = self.member.value;
        &self.object.text[start as usize..end as usize]
    }

    /// Whether the value is an object or an array.
    #[inline]
    pub(super) fn is_container(&self) -> bool {
        let start = self.member.value.0 as usize;
        matches!(self.object.text.as_bytes().get(start), Some(b'{' | b'['))
    }

    /// The value's text, if it is a string.
    #[inline]
    pub(crate) fn string(&self) -> Option<Cow<'a, str>> {
        self.plain_text().map(Cow::Borrowed).or_else(|| read_string(self.json()))
    }

    /// The value's text, if it is a string without escapes.
    #[inline]
    pub(crate) fn plain_text(&self) -> Option<&'a str> {
        let (start, end) = self.member.value;
        self.member.value_is_plain.then(|| &self.object.text[start as usize + 1..end as usize - 1])
    }
}

/// The members of an object that are left to be looked at.
#[derive(Debug, Clone)]
pub(crate) struct Members<'o, 'a> {
    object: &'o Object<'a>,
    members: slice::Iter<'o, Member>,
}

impl<'o, 'a> Members<'o, 'a> {
    pub(super) fn new(object: &'o Object<'a>) -> Self {
        Self { object, members: object.members.iter() }
    }

    /// The key of the next one; empty if there is none, or if it has escapes.
    #[inline]
    pub(crate) fn next_key(&self) -> &'a [u8] {
        match self.members.as_slice() {
            [Member { key: (start, end), key_has_escapes: false, .. }, ..] => {
                &self.object.text.as_bytes()[*start as usize..*end as usize]
            }
            _ => &[],
        }
    }
}

impl<'o, 'a> Iterator for Members<'o, 'a> {
    type Item = RawMember<'o, 'a>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        self.members.next().map(|member| RawMember::new(self.object, member))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.members.size_hint()
    }
}

impl DoubleEndedIterator for Members<'_, '_> {
    #[inline]
    fn next_back(&mut self) -> Option<Self::Item> {
        self.members.next_back().map(|member| RawMember::new(self.object, member))
    }
}

/// Whether two names are the same. They are short: two loads that may overlap do for most, where `==` calls a function.
#[inline]
pub(crate) fn is_same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len()
        && match one.len() {
            8..=16 => ends_are_same::<8>(one, other),
            4..8 => ends_are_same::<4>(one, other),
            _ => one == other,
        }
}

#[inline]
fn ends_are_same<const LENGTH: usize>(one: &[u8], other: &[u8]) -> bool {
    let (Some(first), Some(last)) = (one.first_chunk::<LENGTH>(), one.last_chunk::<LENGTH>()) else {
        return false;
    };
    other.starts_with(first) && other.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::is_same;

    #[test]
    fn names_are_the_same_if_all_their_bytes_are() {
        let name = b"abcdefghijklmnopqrst";
        for length in 0..name.len() {
            assert!(is_same(&name[..length], &name.to_vec()[..length]), "{length}");
            assert!(!is_same(&name[..length], &name[..=length]), "{length}");
            for changed in 0..length {
                let mut other = name.to_vec();
                other[changed] = b'-';
                assert!(!is_same(&name[..length], &other[..length]), "{length}, {changed}");
            }
        }
    }
}
