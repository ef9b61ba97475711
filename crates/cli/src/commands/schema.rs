//! `schema`: the hooks as OpenAPI 3.1 or JSON Schema, made from the catalogue.

mod definitions;
mod model;
mod open_api;

use std::error::Error;

use serde::Serialize;
use wcs_hooks_dispatcher::HookName;

use crate::{exit::Exit, output::Output};

use definitions::{Definitions, payload_reference};
use model::Members;

/// Print the hooks that a backend implements as an OpenAPI 3.1 document or a JSON Schema
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  wcs-hooks schema > hooks.openapi.json
  wcs-hooks schema --json-schema connect > connect.schema.json")]
#[allow(clippy::struct_field_names, reason = "the names of flags")]
pub(crate) struct Schema {
    /// One hook; all of them if it is not given
    hook: Option<HookName>,
    /// OpenAPI 3.1: paths, answers and refusals, for generators of servers and documentation (the default)
    #[arg(long, conflicts_with = "json_schema")]
    openapi: bool,
    /// JSON Schema 2020-12: the object of the hook, or for all hooks an object with one by each name
    #[arg(long)]
    json_schema: bool,
}

impl Schema {
    /// Prints it, on many lines for people and on one with `--json`.
    pub(crate) fn run(&self, output: &Output) -> Result<Exit, Box<dyn Error>> {
        let hooks = self.hook.map_or_else(|| HookName::ALL.to_vec(), |hook| vec![hook]);
        if self.json_schema {
            print(output, &json_schema(&hooks))
        } else {
            print(output, &open_api::document(&hooks))
        }
    }
}

fn print(output: &Output, document: &impl Serialize) -> Result<Exit, Box<dyn Error>> {
    output.line(serde_json::to_string_pretty(document)?)?;
    output.object(document)?;
    Ok(Exit::Done)
}

/// The body of a hook, or an object of the bodies of many.
#[derive(Serialize)]
struct JsonSchema {
    #[serde(rename = "$schema")]
    dialect: &'static str,
    #[serde(flatten)]
    root: model::Schema,
    #[serde(rename = "$defs")]
    definitions: Members<model::Schema>,
}

fn json_schema(hooks: &[HookName]) -> JsonSchema {
    let definitions = Definitions { place: "#/$defs/" };
    let body = |hook: HookName| model::Schema {
        description: Some(wcs_hooks_protocol::plain_docs(hook.info().docs)),
        ..definitions.reference(payload_reference(hook))
    };
    let root = match hooks {
        [hook] => model::Schema { title: Some(hook.to_string()), ..body(*hook) },
        _ => model::Schema {
            title: Some("The bodies of Flashphoner WCS REST hooks, by name".to_owned()),
            properties: Some(hooks.iter().map(|hook| (hook.to_string(), body(*hook))).collect()),
            ..model::Schema::of("object")
        },
    };
    JsonSchema {
        dialect: "https://json-schema.org/draft/2020-12/schema",
        root,
        definitions: definitions.of(hooks),
    }
}
