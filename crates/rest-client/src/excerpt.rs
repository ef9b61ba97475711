//! A short piece of an answer, fit to be printed.

use serde_json::Value;
use wcs_hooks_protocol::redact::{self, HIDDEN};

use crate::{address::Credentials, error::short};

/// The beginning of an answer on one line, without its secrets, those of the request that it may repeat, and the
/// credentials.
pub(crate) fn excerpt(answer: &[u8], request: &str, credentials: Option<&Credentials>) -> String {
    let text = String::from_utf8_lossy(answer);
    let mut secrets = Vec::new();
    if let Ok(request) = serde_json::from_str(request) {
        collect(&request, false, &mut secrets);
    }
    secrets.extend(credentials.map(|credentials| credentials.password.expose().to_owned()));
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    let text = secrets
        .iter()
        .filter(|secret| !secret.is_empty())
        .fold(printable(&text), |text, secret| without(&text, secret));
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    short(&line)
}

/// JSON with what its names call secret hidden; of other texts, what URLs hide.
fn printable(text: &str) -> String {
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(_)) => redact::json(text),
        Ok(Value::Array(items)) => {
            let items: Vec<String> = items.iter().map(|item| printable(&item.to_string())).collect();
            format!("[{}]", items.join(","))
        }
        _ if text.trim_start().starts_with(['{', '[']) => HIDDEN.to_owned(),
        _ => redact::url(text),
    }
}

/// A text without a secret, as it is and as it stands in JSON.
fn without(text: &str, secret: &str) -> String {
    let in_json = Value::from(secret).to_string();
    text.replace(secret, HIDDEN).replace(&in_json[1..in_json.len() - 1], HIDDEN)
}

/// The texts and numbers in a request that its names call secret.
fn collect(value: &Value, is_secret: bool, secrets: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                collect(value, is_secret || redact::is_secret(name), secrets);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, is_secret, secrets)),
        Value::String(text) if is_secret => secrets.push(text.clone()),
        Value::Number(number) if is_secret => secrets.push(number.to_string()),
        _ => {}
    }
}

#[cfg(test)]
mod tests;
