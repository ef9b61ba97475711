//! What is said of arguments that are wrong, without the secrets that may stand in them.

use std::{error, fmt::Display};

use clap::{
    CommandFactory,
    error::{ContextKind, ContextValue, Error, ErrorKind},
};
use wcs_hooks::redact;

use crate::Arguments;

/// Arguments whose value may be nothing but a secret.
const SECRETS: [&str; 2] = ["--basic", "--set-masked"];

/// That something is missing in the arguments, which only their reader could see. It ends as clap's own errors do.
pub(crate) fn missing(what: impl Display) -> Box<dyn error::Error> {
    Arguments::command().error(ErrorKind::MissingRequiredArgument, what).into()
}

/// That arguments are wrong, which only their reader could see. It ends as clap's own errors do.
pub(crate) fn wrong(what: impl Display) -> Box<dyn error::Error> {
    Arguments::command().error(ErrorKind::ValueValidation, what).into()
}

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
    if SECRETS.iter().any(|secret| argument.starts_with(secret)) {
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
            ("--basic <USER>", "me:S", "[hidden]"),
            ("--set-masked <NAME=VALUE>", "S", "[hidden]"),
            ("--rate <CALLS>", "0", "0"),
        ] {
            assert_eq!(shown(argument, value), expected);
        }
    }
}
