//! `docs/hooks.md`, the reference that is generated from the catalogue.

use std::{fmt::Write, fs, path::PathBuf};

use wcs_hooks_protocol::{Field, FieldKind, HookInfo, HookKind, HookName, plain_docs};

use crate::{Problem, read, root};

const INTRODUCTION: &str = "\
# Hooks

Generated from the catalogue by `cargo xtask docs`; do not edit. What `Spec §…` and the tags in
parentheses stand for is in [sources.md](sources.md).

## What a refusal does

| kind | hooks | a refusal |
|---|---|---|
";

pub(crate) fn write() -> Result<(), Problem> {
    let path = path();
    fs::write(&path, reference())
        .map_err(|error| Problem(format!("cannot write {}: {error}", path.display())))
}

pub(crate) fn check() -> Result<(), Problem> {
    if read(&path())? == reference() {
        return Ok(());
    }
    Err(Problem(
        "docs/hooks.md is not what the catalogue says: run `cargo xtask docs` and commit the file".to_owned(),
    ))
}

fn path() -> PathBuf {
    root().join("docs/hooks.md")
}

fn reference() -> String {
    let mut out = INTRODUCTION.to_owned();
    kinds(&mut out);
    out.push_str("\n## The hooks by handler\n");
    for handler in in_order(|info| info.handler_trait) {
        handler_table(handler, &mut out);
    }
    out.push_str("\n## The payloads\n\nEvery body also has `nodeId`, `appKey` and `sessionId`, which an answer cannot change.\n");
    for payload in in_order(|info| info.payload) {
        payload_table(payload, &mut out);
    }
    out
}

fn infos() -> impl Iterator<Item = &'static HookInfo> {
    HookName::ALL.iter().map(|hook| hook.info())
}

/// The different values of a property, in the order of the catalogue.
fn in_order<T: PartialEq>(property: fn(&HookInfo) -> T) -> Vec<T> {
    let mut values = Vec::new();
    for value in infos().map(property) {
        if !values.contains(&value) {
            values.push(value);
        }
    }
    values
}

fn kinds(out: &mut String) {
    for kind in in_order(|info| info.kind) {
        let hooks = infos().filter(|info| info.kind == kind).count();
        row(out, &[&format!("{kind:?}"), &hooks.to_string(), refusal(kind)]);
    }
}

const fn refusal(kind: HookKind) -> &'static str {
    match kind {
        HookKind::Connect => "always closes the session",
        HookKind::Invoke => "breaks the operation if the policy says `FAIL`; else it is logged",
        HookKind::Access => "always turns the player away; there is no policy",
        HookKind::Incoming => {
            "breaks the operation if the policy says `FAIL`, and the caller hears it; else it is logged"
        }
        HookKind::Event => "is not possible",
        HookKind::KeepAlive => "ends the stream if the policy says `FAIL`; else it is logged",
    }
}

fn handler_table(handler: &str, out: &mut String) {
    let _ = write!(out, "\n### {handler}\n\n");
    out.push_str(
        "| hook | kind | function | payload | failure event | what it is |\n|---|---|---|---|---|---|\n",
    );
    for info in infos().filter(|info| info.handler_trait == handler) {
        let senseless = if info.refusing_makes_no_sense { ", refusing makes no sense" } else { "" };
        let repeats = if info.may_repeat { ", may repeat" } else { "" };
        let kind = format!("{:?}{senseless}{repeats}", info.kind);
        let payload = format!("[{0}](#{1})", info.payload, info.payload.to_lowercase());
        let failure = info.failure_event.map_or_else(|| "none".to_owned(), |event| format!("`{event}`"));
        let function = format!("`{}`", info.handler_fn);
        row(out, &[&spellings(info), &kind, &function, &payload, &failure, &plain_docs(info.docs)]);
    }
}

fn spellings(info: &HookInfo) -> String {
    let others = info.other_spellings.iter().map(|name| format!(", also `{name}`"));
    format!("`{}`{}", info.wire_name, others.collect::<String>())
}

fn payload_table(payload: &str, out: &mut String) {
    let carriers: Vec<_> = infos().filter(|info| info.payload == payload).collect();
    let names: Vec<_> = carriers.iter().map(|info| format!("`{}`", info.wire_name)).collect();
    let _ = write!(out, "\n### {payload}\n\nIn {}.\n\n", names.join(", "));
    out.push_str("| field | value | changeable | what it is |\n|---|---|---|---|\n");
    for field in carriers.iter().take(1).flat_map(|info| info.fields) {
        let changeable = if field.changeable { "yes" } else { "" };
        row(out, &[&format!("`{}`", field.name), &value(field), changeable, &plain_docs(field.docs)]);
    }
}

fn value(field: &Field) -> String {
    let kind = match field.kind {
        FieldKind::Text => "text",
        FieldKind::Secret => "text, secret",
        FieldKind::Bool => "boolean",
        FieldKind::Integer => "whole number",
        FieldKind::Object => "object",
        FieldKind::Array => "array",
        FieldKind::Any => "any",
        _ => "other",
    };
    if field.words.is_empty() {
        return kind.to_owned();
    }
    let words: Vec<_> = field.words.iter().map(|word| format!("`{word}`")).collect();
    format!("{kind}: {} or another", words.join(", "))
}

fn row(out: &mut String, cells: &[&str]) {
    let cells: Vec<_> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
    let _ = writeln!(out, "| {} |", cells.join(" | "));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hook_and_every_field_is_in_the_reference() {
        let reference = reference();
        for info in infos() {
            let hook_rows = reference.matches(&format!("\n| {} |", spellings(info))).count();
            assert_eq!(hook_rows, 1, "{}", info.wire_name);
            let section = reference.split(&format!("\n### {}\n", info.payload)).nth(1).unwrap();
            let section = section.split("\n### ").next().unwrap();
            for field in info.fields {
                assert!(section.contains(&format!("\n| `{}` |", field.name)), "{}", field.name);
            }
        }
    }
}
