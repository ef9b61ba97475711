//! How WCS is to treat the hook: what stands in a `restClientConfig`. Spec §4.1.

use std::{error::Error, fs};

use bytes::Bytes;
use clap::ValueEnum;
use wcs_hooks_dispatcher::{HookPolicy, RestClientConfig, RestOnError};

use crate::usage;

/// By default WCS ignores refusals (LOG) and changes (NOTIFY); these say otherwise.
#[derive(clap::Args)]
pub(super) struct Treatment {
    /// The restClientConfig of the session: JSON, or a file with it
    #[arg(long, value_name = "JSON|FILE", conflicts_with_all = ["rest_on_error", "rest_overwrite"])]
    policy: Option<String>,
    /// restOnError of this hook: FAIL makes a refusal count
    #[arg(long, value_name = "LOG|FAIL", ignore_case = true)]
    rest_on_error: Option<OnError>,
    /// restOverwrite of this hook: the fields that are taken from the answer, parted by commas
    #[arg(long, value_name = "FIELDS", value_delimiter = ',')]
    rest_overwrite: Vec<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum OnError {
    #[value(name = "LOG")]
    Log,
    #[value(name = "FAIL")]
    Fail,
}

impl Treatment {
    /// The answer to connect of a backend that sets this policy.
    ///
    /// # Errors
    /// If the policy cannot be read, or WCS could not understand something in it.
    pub(super) fn answer_to_connect(&self, hook: &str) -> Result<Bytes, Box<dyn Error>> {
        let policy = match &self.policy {
            Some(given) => read(given)?,
            None => format!("{{{}:{}}}", serde_json::to_string(hook)?, self.of_the_hook().to_json()),
        };
        Ok(format!("{{\"{}\":{policy}}}", RestClientConfig::FIELD).into())
    }

    fn of_the_hook(&self) -> HookPolicy {
        let rest_on_error = match self.rest_on_error {
            Some(OnError::Fail) => RestOnError::Fail,
            Some(OnError::Log) | None => RestOnError::Log,
        };
        HookPolicy { rest_on_error, ..HookPolicy::default() }
            .overwriting(self.rest_overwrite.iter().map(|name| name.trim()))
    }
}

fn read(given: &str) -> Result<String, Box<dyn Error>> {
    let text = if given.trim_start().starts_with('{') {
        given.to_owned()
    } else {
        fs::read_to_string(given).map_err(|error| format!("{given}: {error}"))?
    };
    let (_, problems) = RestClientConfig::read_strictly(text.trim());
    match problems.first() {
        Some(problem) => Err(usage::wrong(format_args!("--policy: {problem}"))),
        None => Ok(text.trim().to_owned()),
    }
}
