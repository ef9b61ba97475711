//! Single values from the environment and from flags.

use std::fs;

use toml::{Table, Value};

use super::ConfigError;

/// A value for one key.
#[derive(Clone)]
pub(super) struct Override {
    /// The variable or flag, for errors.
    pub(super) place: String,
    pub(super) key: Vec<String>,
    readings: Vec<Value>,
}

const VARIABLE: &str = "WCS_HOOKS__";
const VARIABLE_OF_FILE: &str = "WCS_HOOKS_FILE__";

impl Override {
    /// `text` as TOML, else as a string, else as a list of that one string: whatever the key takes.
    pub(super) fn text(place: String, key: Vec<String>, text: &str) -> Self {
        let as_toml =
            format!("value = {text}").parse::<Table>().ok().and_then(|mut table| table.remove("value"));
        let as_string = Value::String(text.to_owned());
        let as_list = Value::Array(vec![as_string.clone()]);
        Self { place, key, readings: as_toml.into_iter().chain([as_string, as_list]).collect() }
    }

    /// What stands in a file, which is a string or a list of its lines, and no TOML.
    pub(super) fn file(place: String, key: Vec<String>, path: &str) -> Result<Self, ConfigError> {
        let text = fs::read_to_string(path)
            .map_err(|error| ConfigError::new(&place, &key.join("."), format!("{path}: {error}")))?;
        let lines = text.lines().map(|line| Value::String(line.to_owned())).collect();
        Ok(Self {
            place,
            key,
            readings: vec![Value::String(text.trim_end().to_owned()), Value::Array(lines)],
        })
    }

    /// From a variable; None if it is none of ours.
    pub(super) fn variable(name: &str, value: &str) -> Option<Result<Self, ConfigError>> {
        let key = |rest: &str| rest.split("__").map(str::to_ascii_lowercase).collect();
        let place = format!("the variable {name}");
        if let Some(rest) = name.strip_prefix(VARIABLE_OF_FILE) {
            return Some(Self::file(place, key(rest), value));
        }
        name.strip_prefix(VARIABLE).map(|rest| Ok(Self::text(place, key(rest), value)))
    }

    /// Puts it into the table.
    pub(super) fn put(&self, table: &mut Table) -> Result<(), ConfigError> {
        let Some(((last, parents), value)) = self.key.split_last().zip(self.readings.first()) else {
            return Ok(());
        };
        let mut table = table;
        for parent in parents {
            let inner = table.entry(parent).or_insert_with(|| Table::new().into());
            table = inner.as_table_mut().ok_or_else(|| {
                ConfigError::new(&self.place, &self.key.join("."), format!("{parent} is no table"))
            })?;
        }
        table.insert(last.clone(), value.clone());
        Ok(())
    }

    /// Whether a mistake at this path may be of this value.
    pub(super) fn is_at(&self, path: &[String]) -> bool {
        self.key.starts_with(path) || path.starts_with(&self.key)
    }

    /// Reads the text in the next way that there is.
    pub(super) fn read_otherwise(&mut self) -> bool {
        let has_more = self.readings.len() > 1;
        if has_more {
            self.readings.remove(0);
        }
        has_more
    }
}
