//! Puts a configuration together: the file, over it the environment, over it the flags.

use std::fs;

use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;
use toml::{
    Table, Value,
    de::{DeTable, DeValue},
};

use super::{Config, ConfigError, overrides::Override};

/// Where values come from. They are read again as a whole.
#[derive(Clone, Default)]
pub(super) struct Sources {
    /// The name of the file and its text.
    file: Option<(String, String)>,
    /// The later ones count.
    overrides: Vec<Override>,
}

/// What is wrong, and at which key.
struct Mistake {
    path: Vec<String>,
    text: String,
}

impl Sources {
    pub(super) fn of_text(text: &str, name: &str) -> Self {
        Self { file: Some((name.to_owned(), text.to_owned())), overrides: Vec::new() }
    }

    pub(super) fn of_file(path: &str) -> Result<Self, ConfigError> {
        let text = fs::read_to_string(path).map_err(|error| ConfigError::new(path, "", error))?;
        Ok(Self::of_text(&text, path))
    }

    pub(super) fn over(mut self, overrides: impl IntoIterator<Item = Override>) -> Self {
        self.overrides.extend(overrides);
        self
    }

    /// A text may be meant otherwise than it was read: each value has a few readings, which are tried in turn.
    pub(super) fn read(mut self) -> Result<Config, ConfigError> {
        let file = self.table()?;
        loop {
            let mut table = file.clone();
            self.overrides.iter().try_for_each(|value| value.put(&mut table))?;
            let mistake = match from_table(table) {
                Ok(config) => return Ok(Config { has_content: !file.is_empty(), ..config }),
                Err(mistake) => mistake,
            };
            let guilty = self.overrides.iter_mut().rev().find(|value| value.is_at(&mistake.path));
            let Some(value) = guilty else { return Err(self.in_file(&mistake)) };
            if !value.read_otherwise() {
                return Err(ConfigError::new(&value.place, &mistake.key(), mistake.text));
            }
        }
    }

    fn table(&self) -> Result<Table, ConfigError> {
        let Some((name, text)) = &self.file else { return Ok(Table::new()) };
        text.parse().map_err(|error: toml::de::Error| {
            let line = error.span().map_or(1, |span| line_at(text, span.start));
            ConfigError::new(format!("{name}, line {line}"), "", error.message())
        })
    }

    fn in_file(&self, mistake: &Mistake) -> ConfigError {
        let place = match &self.file {
            None => "the configuration".to_owned(),
            Some((name, text)) => match line_of(text, &mistake.path) {
                Some(line) => format!("{name}, line {line}"),
                None => name.clone(),
            },
        };
        ConfigError::new(place, &mistake.key(), &mistake.text)
    }
}

impl Mistake {
    fn key(&self) -> String {
        self.path.join(".")
    }
}

fn from_table(mut table: Table) -> Result<Config, Mistake> {
    Ok(Config {
        server: part(&mut table, "server")?,
        operations: part(&mut table, "operations")?,
        log: part(&mut table, "log")?,
        reload: part(&mut table, "reload")?,
        backend: typed(table.into(), None)?,
        has_content: false,
    })
}

fn part<T: DeserializeOwned + Default>(table: &mut Table, name: &str) -> Result<T, Mistake> {
    table.remove(name).map_or_else(|| Ok(T::default()), |value| typed(value, Some(name)))
}

fn typed<T: DeserializeOwned>(value: Value, part: Option<&str>) -> Result<T, Mistake> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let inner = error.path().iter().filter_map(|segment| match segment {
            Segment::Map { key } => Some(key.clone()),
            Segment::Enum { variant } => Some(variant.clone()),
            Segment::Seq { .. } | Segment::Unknown => None,
        });
        let mut path: Vec<String> = part.map(str::to_owned).into_iter().chain(inner).collect();
        let text = error.inner().message().to_owned();
        path.extend(unknown_field(&text, &path));
        Mistake { path, text }
    })
}

/// The field that is not known, where the path ends before it.
fn unknown_field(mistake: &str, path: &[String]) -> Option<String> {
    let field = mistake.strip_prefix("unknown field `")?.split('`').next()?;
    (path.last().is_none_or(|last| last != field)).then(|| field.to_owned())
}

/// The line of the innermost key of the path that the text has.
fn line_of(text: &str, path: &[String]) -> Option<usize> {
    let document = DeTable::parse(text).ok()?;
    let mut table = Some(document.get_ref());
    let mut found = None;
    for name in path {
        let Some((key, value)) = table.and_then(|table| table.get_key_value(name.as_str())) else { break };
        found = Some(key.span().start);
        table = match value.get_ref() {
            DeValue::Table(table) => Some(table),
            _ => None,
        };
    }
    found.map(|position| line_at(text, position))
}

fn line_at(text: &str, position: usize) -> usize {
    text.bytes().take(position).filter(|&byte| byte == b'\n').count() + 1
}
