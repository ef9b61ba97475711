//! A JSON object that is kept as it came: [`Object`] and [`Edits`].

mod member;
mod plain;
mod scan;
mod text;
mod twins;

use std::{borrow::Cow, collections::BTreeMap, fmt};

pub(crate) use member::{Members, RawMember, is_same};
pub use text::{quoted, read_string, write_string};

/// A JSON object kept exactly as it came, with its members found but not interpreted.
///
/// This is what makes the echo of a hook lossless: unknown fields, explicit nulls, the spelling of numbers and the
/// order of keys survive, because [`Object::edited`] replaces only the values that changed.
///
/// A key that stands twice keeps both places; [`Object::get`] gives the last, as Java's and most other readers do.
/// Containers may be nested 127 deep.
///
/// ```
/// use wcs_hooks_protocol::{Edits, Object};
///
/// let object = Object::parse(r#"{"name":"b4e7", "bitrate":1e3, "new":null}"#)?;
/// let mut edits = Edits::new();
/// edits.set("name", r#""studio""#.to_owned());
/// assert_eq!(object.edited(&edits), r#"{"name":"studio", "bitrate":1e3, "new":null}"#);
/// # Ok::<(), wcs_hooks_protocol::JsonError>(())
/// ```
#[derive(Clone)]
pub struct Object<'a> {
    text: &'a str,
    members: Vec<scan::Member>,
}

impl<'a> Object<'a> {
    /// Reads a text that must be one JSON object.
    ///
    /// # Errors
    /// If the text is not JSON, is another kind of value, or is nested too deeply.
    pub fn parse(text: &'a str) -> Result<Self, JsonError> {
        Ok(Self { text, members: scan::members(text)? })
    }

    /// [`Object::parse`] of bytes that must also be UTF-8.
    ///
    /// # Errors
    /// As [`Object::parse`], and if the bytes are not UTF-8.
    pub fn from_slice(bytes: &'a [u8]) -> Result<Self, JsonError> {
        let text = std::str::from_utf8(bytes)
            .map_err(|error| JsonError { problem: "invalid UTF-8", at: error.valid_up_to() })?;
        Self::parse(text)
    }

    /// The text as it came.
    #[must_use]
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// The members in their order: the key, and the value as JSON.
    pub fn members(&self) -> impl DoubleEndedIterator<Item = (Cow<'a, str>, &'a str)> {
        self.raw_members().map(|member| (member.key(), member.json()))
    }

    /// [`Object::members`], of which nothing has been looked at yet.
    #[inline]
    pub(crate) fn raw_members(&self) -> Members<'_, 'a> {
        Members::new(self)
    }

    /// How many members there are.
    pub(crate) const fn length(&self) -> usize {
        self.members.len()
    }

    /// A key that appears twice in this object, or in one inside of it, however it is spelled. In time that grows with the text's
    /// length.
    ///
    /// ```
    /// use wcs_hooks_protocol::Object;
    ///
    /// let key = |text| Object::parse(text).map(|object| object.duplicate_key().map(String::from));
    /// assert_eq!(key(r#"{"custom":{"token":"a","tok\u0065n":"b"}}"#)?.as_deref(), Some("token"));
    /// assert_eq!(key(r#"{"token":"a","custom":{"token":"b"}}"#)?, None);
    /// # Ok::<(), wcs_hooks_protocol::JsonError>(())
    /// ```
    #[must_use]
    pub fn duplicate_key(&self) -> Option<Cow<'a, str>> {
        twins::among(self.raw_members().map(|member| member.key())).or_else(|| self.inner_duplicate_key())
    }

    /// The same without the keys of this object itself.
    #[inline(never)]
    pub(crate) fn inner_duplicate_key(&self) -> Option<Cow<'a, str>> {
        self.raw_members().filter(RawMember::is_container).find_map(|member| twins::inside(member.json()))
    }

    /// The value of a member as JSON. If the key stands more than once, the last one.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&'a str> {
        self.last(name).map(|member| member.json())
    }

    /// The value of a member that is a string.
    #[must_use]
    pub fn string(&self, name: &str) -> Option<Cow<'a, str>> {
        self.last(name)?.string()
    }

    fn last(&self, name: &str) -> Option<RawMember<'_, 'a>> {
        self.raw_members().rev().find(|member| member.is_named(name))
    }

    /// The text with the edits made: changed values in their places, removed members gone, new ones at the end.
    #[must_use]
    pub fn edited(&self, edits: &Edits) -> String {
        let (start, end) = self.inside();
        let mut copy =
            Copy { out: String::with_capacity(self.text.len() + edits.added_length()), from: start };
        copy.out.push_str(&self.text[..start]);
        let (mut kept_to, mut is_behind_a_gap) = (start, false);
        let mut is_placed = vec![false; edits.edits.len()];
        for member in &self.members {
            let place = edits.place(&RawMember::new(self, member).key());
            if let Some(place) = place {
                is_placed[place] = true;
            }
            let edit = place.map(|place| edits.edits[place].json.as_deref());
            if edit == Some(None) {
                if !std::mem::replace(&mut is_behind_a_gap, true) {
                    copy.up_to(kept_to, self.text);
                }
                continue;
            }
            if std::mem::take(&mut is_behind_a_gap) {
                copy.out.push_str(if kept_to > start { "," } else { "" });
                copy.from = member.key.0 as usize - 1;
            }
            kept_to = member.value.1 as usize;
            if let Some(Some(json)) = edit {
                copy.up_to(member.value.0 as usize, self.text);
                copy.out.push_str(json);
                copy.from = kept_to;
            }
        }
        if !is_behind_a_gap {
            copy.up_to(kept_to, self.text);
        }
        let mut out = copy.out;
        for (name, json) in edits.additions(&is_placed) {
            out.push_str(if out.len() > start { "," } else { "" });
            write_string(name, &mut out);
            out.push(':');
            out.push_str(json);
        }
        out.push_str(&self.text[end..]);
        out
    }

    /// From the first key to the end of the last value; in an empty object, the place behind the brace.
    fn inside(&self) -> (usize, usize) {
        if let (Some(first), Some(last)) = (self.members.first(), self.members.last()) {
            return (first.key.0 as usize - 1, last.value.1 as usize);
        }
        let inside = self.text.find('{').map_or(0, |brace| brace + 1);
        (inside, inside)
    }
}

/// Text that is copied in runs, as long as they can be.
struct Copy {
    out: String,
    from: usize,
}

impl Copy {
    fn up_to(&mut self, end: usize, text: &str) {
        self.out.push_str(&text[self.from..end]);
        self.from = end;
    }
}

/// Prints the keys only: values may be secret.
impl fmt::Debug for Object<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.members().map(|(key, _)| key)).finish()
    }
}

/// Changes to make to an [`Object`]: values to set and members to remove, by key.
///
/// ```
/// use wcs_hooks_protocol::{Edits, Object};
///
/// let mut edits = Edits::new();
/// edits.remove("sdp");
/// edits.set("record", "true".to_owned());
/// assert_eq!(Object::parse(r#"{"sdp":"v=0"}"#)?.edited(&edits), r#"{"record":true}"#);
/// # Ok::<(), wcs_hooks_protocol::JsonError>(())
/// ```
#[derive(Clone, Default)]
pub struct Edits {
    edits: Vec<Edit>,
    /// Where each name stands in `edits`. Empty while there are few, which are found faster by looking at all of them.
    places: BTreeMap<Cow<'static, str>, usize>,
}

/// Up to here, edits are looked for one by one.
const FEW: usize = 32;

#[derive(Clone)]
struct Edit {
    name: Cow<'static, str>,
    /// `None` removes the member.
    json: Option<String>,
}

impl Edits {
    /// No changes.
    #[must_use]
    pub const fn new() -> Self {
        Self { edits: Vec::new(), places: BTreeMap::new() }
    }

    /// Sets a member to a value, given as JSON. A member that is not there is added at the end.
    pub fn set(&mut self, name: impl Into<Cow<'static, str>>, json: String) {
        self.put(name.into(), Some(json));
    }

    /// Removes a member. Removing one that is not there changes nothing.
    pub fn remove(&mut self, name: impl Into<Cow<'static, str>>) {
        self.put(name.into(), None);
    }

    /// Makes these changes after its own.
    pub fn extend(&mut self, later: Self) {
        for edit in later.edits {
            self.put(edit.name, edit.json);
        }
    }

    /// The value that a member is set to, as JSON; `None` if it is removed or left alone.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.find(name)?.json.as_deref()
    }

    /// Whether there is nothing to change.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// The keys that are set or removed, in the order they were first named.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.edits.iter().map(|edit| &*edit.name)
    }

    fn put(&mut self, name: Cow<'static, str>, json: Option<String>) {
        match self.place(&name) {
            Some(place) => self.edits[place].json = json,
            None => self.push(Edit { name, json }),
        }
    }

    fn push(&mut self, edit: Edit) {
        self.edits.push(edit);
        if self.edits.len() > FEW {
            let known = self.places.len();
            let names = self.edits.iter().enumerate().skip(known);
            self.places.extend(names.map(|(place, edit)| (edit.name.clone(), place)));
        }
    }

    fn find(&self, name: &str) -> Option<&Edit> {
        Some(&self.edits[self.place(name)?])
    }

    fn place(&self, name: &str) -> Option<usize> {
        if self.places.is_empty() {
            self.edits.iter().position(|edit| edit.name == name)
        } else {
            self.places.get(name).copied()
        }
    }

    /// What is set and has no place in the object yet.
    fn additions<'e>(&'e self, is_placed: &[bool]) -> impl Iterator<Item = (&'e str, &'e str)> {
        let new = self.edits.iter().zip(is_placed).filter(|(_, is_placed)| !**is_placed);
        new.filter_map(|(edit, _)| Some((&*edit.name, edit.json.as_deref()?)))
    }

    fn added_length(&self) -> usize {
        self.edits.iter().map(|edit| edit.name.len() + edit.json.as_ref().map_or(0, String::len) + 4).sum()
    }
}

/// Prints the keys only: values may be secret.
impl fmt::Debug for Edits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}

/// A text is not a JSON object. Says what is wrong and where, and nothing of the text itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JsonError {
    problem: &'static str,
    at: usize,
}

impl JsonError {
    /// Where reading stopped, in bytes from the start.
    #[must_use]
    pub const fn offset(self) -> usize {
        self.at
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a JSON object: {} at byte {}", self.problem, self.at)
    }
}

impl std::error::Error for JsonError {}

#[cfg(test)]
mod tests;
