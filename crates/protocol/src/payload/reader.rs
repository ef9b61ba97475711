//! How the members of an object come into a payload's fields: [`Reader`].

use super::{Field, Payload, PayloadError, Reading, any};
use crate::{context::CONTEXT_FIELDS, object::Object};

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
    pub(super) fn read<P: Payload>(mut self, object: &Object<'_>) -> Result<Reading<P>, PayloadError> {
        const { assert!(P::FIELDS.len() <= CONTEXT_BIT, "a payload has too many fields") };
        let mut payload = P::default();
        let mut unreadable = Vec::new();
        for (key, json) in object.raw_members() {
            let key = key.text();
            match self.place(P::FIELDS, &key) {
                Place::Context(index) => self.mark(CONTEXT_BIT + index, &key)?,
                Place::Field(index) => {
                    self.mark(index, &key)?;
                    if json != "null" && !(P::ACCESS[index].read)(&mut payload, json) {
                        unreadable.push(P::FIELDS[index].name);
                    }
                }
                Place::Extra if payload.extra().contains_key(&*key) => {
                    return Err(PayloadError::DuplicateKey(key.into_owned()));
                }
                Place::Extra => drop(payload.extra_mut().insert(key.into_owned(), any(json))),
            }
        }
        Ok(Reading { payload, unreadable })
    }

    /// Most members stand where they are looked for first.
    #[inline]
    pub(super) fn place(&mut self, fields: &[Field], key: &str) -> Place {
        match fields.get(self.next) {
            Some(field) if field.name == key => {
                self.next += 1;
                Place::Field(self.next - 1)
            }
            _ => self.place_elsewhere(fields, key),
        }
    }

    /// The context stands first: once it is complete, it is looked for last.
    fn place_elsewhere(&mut self, fields: &[Field], key: &str) -> Place {
        let context = || CONTEXT_FIELDS.iter().position(|name| *name == key).map(Place::Context);
        let is_complete = self.seen >> CONTEXT_BIT == (1 << CONTEXT_FIELDS.len()) - 1;
        if !is_complete && let Some(place) = context() {
            return place;
        }
        self.find(fields, key).map(Place::Field).or_else(context).unwrap_or(Place::Extra)
    }

    fn find(&mut self, fields: &[Field], key: &str) -> Option<usize> {
        let is_it = |field: &Field| field.name == key;
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
    fn mark(&mut self, bit: usize, key: &str) -> Result<(), PayloadError> {
        let bit = 1_u64 << bit;
        if self.seen & bit != 0 {
            return Err(twice(key));
        }
        self.seen |= bit;
        Ok(())
    }
}

const CONTEXT_BIT: usize = 61;

#[cold]
fn twice(key: &str) -> PayloadError {
    PayloadError::DuplicateKey(key.to_owned())
}
