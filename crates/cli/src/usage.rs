//! What is said of arguments that are wrong, without the secrets that may stand in them.

use clap::error::{ContextKind, ContextValue, Error};
use wcs_hooks::redact;

/// An argument whose value may be nothing but a password.
const SECRET: &str = "--basic";

/// The same error, with the value that it quotes hidden if that may be secret.
pub(crate) fn without_secrets(mut error: Error) -> Error {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.as_str(),
        _ => "",
    };
    let shown = shown(text(ContextKind::InvalidArg), text(ContextKind::InvalidValue));
    if error.get(ContextKind::InvalidValue).is_some() {
        error.insert(ContextKind::InvalidValue, ContextValue::String(shown));
    }
    error
}

/// A value as it may be printed: of `NAME=VALUE` the name, of a URL what is no credential.
fn shown(argument: &str, value: &str) -> String {
    if argument.starts_with(SECRET) {
        return redact::HIDDEN.to_owned();
    }
    let value = redact::url(value);
    match value.split_once('=') {
        Some((name, _)) if !value.contains("://") => format!("{name}={}", redact::HIDDEN),
        _ => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_is_quoted() {
        for (argument, value, expected) in [
            ("[URL]", "nonsense", "nonsense"),
            ("<URL>", "http://me:S@h/?token=S", "http://[hidden]@h/?token=[hidden]"),
            ("--app <KEY=URL>", "roomApp=http://me:S@h", "roomApp=http://[hidden]@h"),
            ("--field <FIELD>", "custom.token:=S", "custom.token:=[hidden]"),
            ("--basic <USER:PASSWORD>", "S", "[hidden]"),
            ("--rate <CALLS>", "0", "0"),
        ] {
            assert_eq!(shown(argument, value), expected);
        }
    }
}
