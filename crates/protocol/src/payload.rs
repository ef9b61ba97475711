//! What a payload is: [`Payload`], [`Field`], and the macro that declares one.

mod in_order;
mod reader;

use std::{borrow::Cow, collections::BTreeSet, fmt};

use serde_json::{Map, Value};

use crate::{
    field::{FieldKind, FieldValue},
    object::{Edits, Object, write_string},
};
pub use in_order::InOrder;
use reader::{Place, Reader};

/// A field of a payload.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Field {
    /// The name on the wire.
    pub name: &'static str,
    /// What kind of value it holds.
    pub kind: FieldKind,
    /// The texts that are known to stand in it, if they are a list, such as statuses.
    pub words: &'static [&'static str],
    /// A backend may want to change it: it is in the `restOverwrite` that the framework generates.
    pub changeable: bool,
    /// It names the stream, call or operation, and stands as `id` in what the client is told of a failure. Spec §5.1.
    pub id: bool,
    /// It belongs to a SIP account, and is kept from the client if the backend supplied it. Spec §4.1.
    pub sip_account: bool,
    /// What it means and where that is known from.
    pub docs: &'static str,
}

/// How one field of a payload is read, written and compared.
#[doc(hidden)]
#[derive(Debug)]
pub struct Access<P> {
    /// Reads the value; says whether it could be read.
    pub read: fn(&mut P, &str) -> bool,
    /// Writes the value over what stands there, if anything does; says whether there is a value.
    pub write: fn(&P, Option<&str>, &mut String) -> bool,
    /// Writes the value with its key, if there is one, into an object that has been opened.
    pub write_member: fn(&P, &mut String),
    /// Whether the value is what the JSON says.
    pub is: fn(&P, Option<&str>) -> bool,
}

/// The object that a hook carries, as a struct.
///
/// Reading is lenient: a field that is missing, `null` or of a kind it cannot have is absent. Members that the struct
/// has no field for are kept in `extra`. Writing puts the fields in WCS's order and leaves absent ones out.
///
/// ```
/// use wcs_hooks_protocol::{Payload, payloads::Stream};
///
/// let mut stream = Stream::from_json(br#"{"name":"b4e7","record":"false","isNew":1}"#)?;
/// assert_eq!((&*stream.name, stream.record), ("b4e7", Some(false)));
/// assert_eq!(stream.extra["isNew"], 1);
/// stream.record = Some(true);
/// assert_eq!(stream.to_json(), r#"{"name":"b4e7","record":true,"isNew":1}"#);
/// # Ok::<(), wcs_hooks_protocol::PayloadError>(())
/// ```
pub trait Payload: Clone + Default + PartialEq + fmt::Debug + Send + Sync + 'static {
    /// The fields in WCS's order.
    const FIELDS: &'static [Field];

    /// How to get at them, in the same order.
    #[doc(hidden)]
    const ACCESS: &'static [Access<Self>];

    /// The members that the struct has no field for.
    fn extra(&self) -> &Map<String, Value>;

    /// The same, to be changed.
    fn extra_mut(&mut self) -> &mut Map<String, Value>;

    /// Reads the members of an object. Context fields are passed over: they are not the payload's.
    ///
    /// # Errors
    /// If a key stands twice, in an object at any depth, or there are more than [`MAX_MEMBERS`].
    fn read(object: &Object<'_>) -> Result<Reading<Self>, PayloadError> {
        let mut payload = Self::default();
        let unreadable = payload.read_members(object)?;
        Ok(Reading { payload, unreadable })
    }

    /// [`Payload::read`] into a payload in which nothing is set, which spares moving it: it is large. Gives the fields
    /// that could not be read.
    #[doc(hidden)]
    fn read_members(&mut self, object: &Object<'_>) -> Result<Vec<&'static str>, PayloadError> {
        Reader::read(object, self)
    }

    /// Reads the members that come in the order of the fields.
    #[doc(hidden)]
    fn read_in_order(&mut self, members: &mut InOrder<'_, '_>);

    /// Reads a body.
    ///
    /// # Errors
    /// If it is not a JSON object, and as [`Payload::read`].
    fn from_json(body: &[u8]) -> Result<Self, PayloadError> {
        let object = Object::from_slice(body).map_err(PayloadError::Json)?;
        let mut payload = Self::default();
        payload.read_members(&object)?;
        Ok(payload)
    }

    /// What of `object` must change so that it says what this payload says. A field that was cleared is removed.
    fn changes(&self, object: &Object<'_>) -> Edits {
        let mut edits = Edits::new();
        all_changes(self, object, &mut edits);
        edits
    }

    /// The payload as a compact JSON object, secrets included.
    fn to_json(&self) -> String {
        let mut out = String::from("{");
        self.write_members(&mut out);
        out.push('}');
        out
    }

    /// Appends the members to an object that has been opened.
    #[doc(hidden)]
    fn write_members(&self, out: &mut String) {
        for access in Self::ACCESS {
            (access.write_member)(self, out);
        }
        for (name, value) in self.extra() {
            write_key(name, out);
            out.push_str(&value.to_string());
        }
    }
}

fn write_key(name: &str, out: &mut String) {
    if !out.ends_with('{') {
        out.push(',');
    }
    write_string(name, out);
    out.push(':');
}

/// What came of reading a payload.
#[derive(Debug)]
pub struct Reading<P> {
    /// The payload.
    pub payload: P,
    /// Fields whose value is of a kind they cannot have, and which are therefore absent.
    pub unreadable: Vec<&'static str>,
}

/// A body cannot be read as a payload.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PayloadError {
    /// It is not a JSON object.
    Json(crate::JsonError),
    /// This key stands twice in one object. WCS writes no such bodies, and readers differ on which one counts. A long key is cut
    /// off.
    DuplicateKey(String),
    /// There are more than [`MAX_MEMBERS`].
    TooManyMembers,
}

/// How many members a body may have itself; WCS's have less than 50. Objects inside of it have no such limit.
pub const MAX_MEMBERS: usize = 1024;

impl PayloadError {
    #[cold]
    fn duplicate_key(key: &str) -> Self {
        const SHOWN: usize = 64;
        Self::DuplicateKey(key.chars().take(SHOWN).collect())
    }
}

impl fmt::Display for PayloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(error) => error.fmt(f),
            Self::DuplicateKey(key) => write!(f, "the key {key:?} stands twice"),
            Self::TooManyMembers => write!(f, "it has more than {MAX_MEMBERS} members"),
        }
    }
}

impl std::error::Error for PayloadError {}

fn all_changes<P: Payload>(payload: &P, object: &Object<'_>, edits: &mut Edits) {
    let mut reader = Reader::default();
    let mut others = Vec::new();
    let mut compare = |index: usize, json: Option<&str>| {
        if !(P::ACCESS[index].is)(payload, json) {
            put_field(payload, index, json, edits);
        }
    };
    for member in object.raw_members() {
        let place = reader.place(P::FIELDS, member);
        reader.saw(&place);
        match place {
            Place::Context(_) => {}
            Place::Field(index) => compare(index, Some(member.json())),
            Place::Extra => others.push((member.key(), member.json())),
        }
    }
    for index in (0..P::FIELDS.len()).filter(|index| !reader.has_seen(*index)) {
        compare(index, None);
    }
    map_changes(payload.extra(), others.into_iter(), edits);
}

fn put_field<P: Payload>(payload: &P, index: usize, before: Option<&str>, edits: &mut Edits) {
    let (name, mut json) = (P::FIELDS[index].name, String::new());
    if (P::ACCESS[index].write)(payload, before, &mut json) {
        edits.set(name, json);
    } else {
        edits.remove(name);
    }
}

/// What of the members must change so that they are those of the map. In time that does not grow with the square of
/// their number: whoever calls decides how many there are.
pub(crate) fn map_changes<'a>(
    map: &Map<String, Value>,
    members: impl Iterator<Item = (Cow<'a, str>, &'a str)>,
    edits: &mut Edits,
) {
    let mut found = BTreeSet::new();
    for (key, json) in members {
        match map.get_key_value(&*key) {
            None => edits.remove(key.into_owned()),
            Some((name, value)) => {
                found.insert(name);
                if any(json) != *value {
                    let mut changed = String::new();
                    value.write_over(json, &mut changed);
                    edits.set(name.clone(), changed);
                }
            }
        }
    }
    for (name, value) in map.iter().filter(|(name, _)| !found.contains(name)) {
        edits.set(name.clone(), value.to_string());
    }
}

/// The value of a member that has no field. What `serde_json` cannot hold (a number out of range) is `null` to the
/// user, and still echoed as it came.
fn any(json: &str) -> Value {
    serde_json::from_str(json).unwrap_or_default()
}

/// Puts the value that was read into the field; says whether it could be read.
#[inline]
pub(crate) fn put<T: FieldValue>(field: &mut T, value: Option<T>) -> bool {
    let is_readable = value.is_some();
    *field = value.unwrap_or_default();
    is_readable
}

/// `key` is `,"name":`. The names of the catalogue have nothing to escape.
pub(crate) fn write_member<T: FieldValue>(key: &str, field: &T, out: &mut String) {
    if !field.is_absent() {
        let is_first = out.as_bytes().last() == Some(&b'{');
        out.push_str(if is_first { &key[1..] } else { key });
        field.write(out);
    }
}

pub(crate) fn write_present<T: FieldValue>(field: &T, before: Option<&str>, out: &mut String) -> bool {
    if field.is_absent() {
        return false;
    }
    match before {
        Some(json) => field.write_over(json, out),
        None => field.write(out),
    }
    true
}

/// Declares payloads: `"wireName" [flags] rust_name: Type,` with the docs that the reference is generated from.
macro_rules! payloads {
    (@flag $flag:ident $($given:ident)*) => { payloads!(@any $(($flag $given))*) };
    (@any $(($flag:ident $given:ident))*) => { false $(|| payloads!(@same $flag $given))* };
    (@same changeable changeable) => { true };
    (@same id id) => { true };
    (@same sip_account sip_account) => { true };
    (@same $flag:ident $given:ident) => { false };
    ($(
        $(#[doc = $docs:literal])*
        $Name:ident {
            $(
                $(#[doc = $field_docs:literal])*
                $name:literal $([$($flag:ident)*])? $field:ident: $Type:ty,
            )*
        }
    )*) => { $(
        $(#[doc = $docs])*
        ///
        /// New fields may be added in any release: write `..Default::default()` behind the ones you set. Printing with
        /// `{:?}` hides secrets.
        #[derive(Clone, Default, PartialEq)]
        pub struct $Name {
            $( $(#[doc = $field_docs])* pub $field: $Type, )*
            /// What came beside the fields that this version knows.
            pub extra: serde_json::Map<String, serde_json::Value>,
        }

        impl $crate::payload::Payload for $Name {
            const FIELDS: &'static [$crate::payload::Field] = &[$( $crate::payload::Field {
                name: $name,
                kind: <$Type as $crate::field::FieldValue>::KIND,
                words: <$Type as $crate::field::FieldValue>::WORDS,
                changeable: payloads!(@flag changeable $($($flag)*)?),
                id: payloads!(@flag id $($($flag)*)?),
                sip_account: payloads!(@flag sip_account $($($flag)*)?),
                docs: concat!($($field_docs, "\n"),*),
            }, )*];

            const ACCESS: &'static [$crate::payload::Access<Self>] = &[$( $crate::payload::Access {
                read: |payload, json| {
                    $crate::payload::put(&mut payload.$field, $crate::field::FieldValue::read(json))
                },
                write: |payload, before, out| $crate::payload::write_present(&payload.$field, before, out),
                write_member: |payload, out| {
                    $crate::payload::write_member(concat!(",\"", $name, "\":"), &payload.$field, out);
                },
                is: |payload, json| $crate::field::FieldValue::is(&payload.$field, json),
            }, )*];

            fn read_in_order(&mut self, members: &mut $crate::payload::InOrder<'_, '_>) {
                $( members.read($name, &mut self.$field); )*
            }

            fn extra(&self) -> &serde_json::Map<String, serde_json::Value> {
                &self.extra
            }

            fn extra_mut(&mut self) -> &mut serde_json::Map<String, serde_json::Value> {
                &mut self.extra
            }
        }

        impl std::fmt::Debug for $Name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{} {}", stringify!($Name), $crate::redact::json(&$crate::payload::Payload::to_json(self)))
            }
        }
    )* };
}

pub(crate) use payloads;
