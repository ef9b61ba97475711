//! The members that stand where WCS puts them: [`InOrder`].

use super::{put, reader::CONTEXT_BIT};
use crate::{
    context::CONTEXT_FIELDS,
    field::FieldValue,
    object::{Members, Object, RawMember, is_same},
};

/// Takes members for as long as they come in the order of the fields; fields may be left out. Each field is asked for by
/// its name in turn, which spares looking it up.
#[doc(hidden)]
#[derive(Debug)]
pub struct InOrder<'o, 'a> {
    /// The members that are left.
    pub(super) members: Members<'o, 'a>,
    /// The key of the first of them; empty if there is none, or if it has escapes.
    key: &'a [u8],
    /// A bit for each field that has been read, and for each context field above them.
    pub(super) seen: u64,
    /// That of the field that is asked for.
    bit: u64,
    pub(super) unreadable: Vec<&'static str>,
}

impl<'o, 'a> InOrder<'o, 'a> {
    /// The context stands first.
    pub(super) fn behind_context(object: &'o Object<'a>) -> Self {
        let members = object.raw_members();
        let key = members.next_key();
        let mut in_order = Self { members, key, seen: 0, bit: 1 << CONTEXT_BIT, unreadable: Vec::new() };
        for name in CONTEXT_FIELDS {
            if is_same(in_order.key, name.as_bytes()) {
                in_order.next();
            }
            in_order.bit <<= 1;
        }
        in_order.bit = 1;
        in_order
    }

    /// Reads the next member into the field if it has this name.
    #[inline]
    pub(crate) fn read<T: FieldValue>(&mut self, name: &'static str, field: &mut T) {
        if is_same(self.key, name.as_bytes()) && !self.read_next(field) {
            self.unreadable.push(name);
        }
        self.bit <<= 1;
    }

    /// Says whether the value could be read.
    #[inline(never)]
    fn read_next<T: FieldValue>(&mut self, field: &mut T) -> bool {
        let Some(member) = self.next() else { return true };
        if let Some(text) = member.plain_text() {
            return put(field, T::read_text(text));
        }
        let json = member.json();
        json == "null" || put(field, T::read(json))
    }

    #[inline]
    fn next(&mut self) -> Option<RawMember<'o, 'a>> {
        let member = self.members.next();
        self.key = self.members.next_key();
        self.seen |= self.bit;
        member
    }
}

#[cfg(test)]
mod tests {
    use crate::{HookContext, MAX_MEMBERS, Object, Payload, PayloadError, payloads::Stream};

    #[test]
    fn members_are_read_wherever_they_stand() {
        let expected =
            Stream { name: "b4e7".into(), published: Some(true), width: Some(640), ..Stream::default() };
        for body in [
            r#"{"appKey":"a","name":"b4e7","published":true,"width":640}"#,
            r#"{"width":640,"published":true,"name":"b4e7","appKey":"a"}"#,
            r#"{"name":"b4e7","appKey":"a","published":true,"width":"640"}"#,
            r#"{"appKey":"a","n\u0061me":"b4e7","published":"true","width":640.0}"#,
            r#"{"appKey":"a","name":"b4e\u0037","width":640,"published":true,"quality":null}"#,
        ] {
            let object = Object::parse(body).unwrap();
            assert_eq!(Stream::read(&object).unwrap().payload, expected, "{body}");
            assert_eq!(HookContext::read(&object).app_key, "a", "{body}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_named_and_what_is_unknown_kept_wherever_it_stands() {
        for body in [
            r#"{"name":"b4e7","published":{},"isNew":1,"width":"wide"}"#,
            r#"{"isNew":1,"published":{},"width":"wide","name":"b4e7"}"#,
        ] {
            let reading = Stream::read(&Object::parse(body).unwrap()).unwrap();
            assert_eq!((&*reading.payload.name, reading.payload.width), ("b4e7", None), "{body}");
            assert_eq!(reading.payload.extra["isNew"], 1, "{body}");
            assert_eq!(reading.unreadable, ["published", "width"], "{body}");
        }
    }

    #[test]
    fn a_key_that_stands_twice_is_found_wherever_it_stands() {
        for (body, key) in [
            (r#"{"appKey":"a","appKey":"a"}"#, "appKey"),
            (r#"{"appKey":"a","name":"b4e7","width":1,"app\u004bey":"a"}"#, "appKey"),
            (r#"{"name":"b4e7","name":"b4e7"}"#, "name"),
            (r#"{"name":null,"width":1,"n\u0061me":"b4e7"}"#, "name"),
            (r#"{"width":1,"name":"b4e7","width":1}"#, "width"),
            (r#"{"isNew":1,"name":"b4e7","isNew":1}"#, "isNew"),
            (r#"{"name":"b4e7","custom":{"token":1,"tok\u0065n":2}}"#, "token"),
            (r#"{"isNew":[{"a":1,"a":1}],"name":"b4e7"}"#, "a"),
        ] {
            let error = Stream::read(&Object::parse(body).unwrap()).unwrap_err();
            assert_eq!(error, PayloadError::DuplicateKey(key.to_owned()), "{body}");
        }
        let long = "k".repeat(100_000);
        let error = Stream::from_json(format!(r#"{{"{long}":1,"{long}":2}}"#).as_bytes()).unwrap_err();
        assert_eq!(error, PayloadError::DuplicateKey("k".repeat(64)));
    }

    #[test]
    fn there_may_be_so_many_members_and_no_more() {
        for (many, is_read) in [(MAX_MEMBERS, true), (MAX_MEMBERS + 1, false)] {
            let members: Vec<_> = (0..many).map(|key| format!("\"{key}\":0")).collect();
            let body = format!("{{{}}}", members.join(","));
            let read = Stream::from_json(body.as_bytes()).map(|stream| stream.extra.len());
            assert_eq!(read, if is_read { Ok(many) } else { Err(PayloadError::TooManyMembers) });
            // Inside of it there may be more.
            assert!(Stream::from_json(format!(r#"{{"custom":{body}}}"#).as_bytes()).is_ok());
        }
    }
}
