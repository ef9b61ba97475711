//! What of JSON Schema is used here. Members keep their order, which is WCS's.

use serde::{Serialize, Serializer};

/// An object whose members keep their order.
pub(super) struct Members<T>(Vec<(String, T)>);

impl<T> FromIterator<(String, T)> for Members<T> {
    fn from_iter<I: IntoIterator<Item = (String, T)>>(members: I) -> Self {
        Self(members.into_iter().collect())
    }
}

impl<T: Serialize> Serialize for Members<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// What kind of value.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Kind {
    One(&'static str),
    Either([&'static str; 2]),
}

/// A schema.
#[derive(Serialize, Default)]
#[serde(rename_all = "camelCase")]
pub(super) struct Schema {
    #[serde(rename = "$ref", skip_serializing_if = "Option::is_none")]
    pub(super) reference: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub(super) kind: Option<Kind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) format: Option<&'static str>,
    #[serde(rename = "enum", skip_serializing_if = "<[_]>::is_empty")]
    pub(super) words: &'static [&'static str],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub(super) examples: &'static [&'static str],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) properties: Option<Members<Schema>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub(super) required: &'static [&'static str],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) additional_properties: Option<bool>,
}

impl Schema {
    /// A type by its name.
    pub(super) fn of(kind: &'static str) -> Self {
        Self { kind: Some(Kind::One(kind)), ..Self::default() }
    }

    /// The same with a description.
    pub(super) fn described(self, description: impl Into<String>) -> Self {
        Self { description: Some(description.into()), ..self }
    }
}
