//! How the members of an object come into a payload's fields: [`Reader`].

use serde_json::{Map, Value};

use super::{Field, InOrder, MAX_MEMBERS, Payload, PayloadError, any};
use crate::{
    context::CONTEXT_FIELDS,
    object::{Object, RawMember},
};

/// Reads a payload's fields. WCS sends them in the order of the struct, so the search starts behind the last one found.
#[derive(Default)]
pub(super) struct Reader {
    next: usize,
    /// A bit for each field that has been read, and for each context field above them.
    seen: u64,
}

/// Where a member belongs.
pub(super) enum Place {
    /// Its place among the context's.
    Context(usize),
    Field(usize),
    Extra,
}

impl Reader {
    /// Reads into a payload in which nothing is set; gives the fields that could not be read.
    pub(super) fn read<P: Payload>(
        object: &Object<'_>,
        payload: &mut P,
    ) -> Result<Vec<&'static str>, PayloadError> {
        const { assert!(P::FIELDS.len() <= CONTEXT_BIT, "a payload has too many fields") };
        if object.length() > MAX_MEMBERS {
            return Err(PayloadError::TooManyMembers);
        }
        if let Some(key) = object.inner_duplicate_key() {
            return Err(PayloadError::duplicate_key(&key));
        }
        let mut in_order = InOrder::behind_context(object);
        payload.read_in_order(&mut in_order);
        let InOrder { members, seen, mut unreadable, .. } = in_order;
        let mut reader = Self { next: 0, seen };
        for member in members {
            match reader.place(P::FIELDS, member) {
                Place::Context(index) => reader.mark(CONTEXT_BIT + index, member)?,
                Place::Field(index) => {
                    reader.mark(index, member)?;
                    if member.json() != "null" && !(P::ACCESS[index].read)(payload, member.json()) {
                        unreadable.push(P::FIELDS[index].name);
                    }
                }
                Place::Extra => read_extra(payload.extra_mut(), member)?,
            }
        }
        Ok(unreadable)
    }

    /// Most members stand where they are looked for first.
    #[inline]
    pub(super) fn place(&mut self, fields: &[Field], member: RawMember<'_, '_>) -> Place {
        match fields.get(self.next) {
            Some(field) if member.is_named(field.name) => {
                self.next += 1;
                Place::Field(self.next - 1)
            }
            _ => self.place_elsewhere(fields, member),
        }
    }

    /// The context stands first: once it is complete, it is looked for last.
    fn place_elsewhere(&mut self, fields: &[Field], member: RawMember<'_, '_>) -> Place {
        let context = || CONTEXT_FIELDS.iter().position(|name| member.is_named(name)).map(Place::Context);
        let is_complete = self.seen >> CONTEXT_BIT == (1 << CONTEXT_FIELDS.len()) - 1;
        if !is_complete && let Some(place) = context() {
            return place;
        }
        self.find(fields, member).map(Place::Field).or_else(context).unwrap_or(Place::Extra)
    }

    fn find(&mut self, fields: &[Field], member: RawMember<'_, '_>) -> Option<usize> {
        let is_it = |field: &Field| member.is_named(field.name);
        let (before, after) = fields.split_at(self.next);
        let index = match after.iter().position(is_it) {
            Some(index) => self.next + index,
            None => before.iter().position(is_it)?,
        };
        self.next = index + 1;
        Some(index)
    }

    /// For who only compares: keys that stand twice do not matter.
    pub(super) fn saw(&mut self, place: &Place) {
        match place {
            Place::Context(index) => self.seen |= 1 << (CONTEXT_BIT + index),
            Place::Field(index) => self.seen |= 1 << index,
            Place::Extra => {}
        }
    }

    pub(super) fn has_seen(&self, field: usize) -> bool {
        self.seen >> field & 1 == 1
    }

    #[inline]
    fn mark(&mut self, bit: usize, member: RawMember<'_, '_>) -> Result<(), PayloadError> {
        let bit = 1_u64 << bit;
        if self.seen & bit != 0 {
            return Err(twice(member));
        }
        self.seen |= bit;
        Ok(())
    }
}

pub(super) const CONTEXT_BIT: usize = 61;

fn read_extra(extra: &mut Map<String, Value>, member: RawMember<'_, '_>) -> Result<(), PayloadError> {
    let key = member.key();
    if extra.contains_key(&*key) {
        return Err(twice(member));
    }
    extra.insert(key.into_owned(), any(member.json()));
    Ok(())
}

#[cold]
fn twice(member: RawMember<'_, '_>) -> PayloadError {
    PayloadError::duplicate_key(&member.key())
}
