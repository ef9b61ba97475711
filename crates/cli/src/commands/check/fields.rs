//! `--field` and `--refused-field` of one hook or another.

use std::str::FromStr;

use wcs_hooks_protocol::HookName;

use crate::fields::Field;

/// `[HOOK:]FIELD`; the hook is connect if none is named.
#[derive(Debug, Clone)]
pub(crate) struct FieldAt {
    pub(crate) hook: HookName,
    pub(crate) field: Field,
}

impl FromStr for FieldAt {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let place = text.split('=').next().unwrap_or_default();
        let place = place.strip_suffix(':').unwrap_or(place);
        let (hook, field) = match place.split_once(':') {
            Some((hook, _)) => {
                let name = hook.parse().map_err(|_| format!("no hook has the name {hook:?}"))?;
                (name, &text[hook.len() + 1..])
            }
            None => (HookName::Connect, text),
        };
        Ok(Self { hook, field: field.parse()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hook_is_named_before_the_path() {
        let hook = HookName::PublishStream;
        for (text, hook, object) in [
            (&*format!("{hook}:name=x:y"), hook, r#"{"name":"x:y"}"#),
            (&*format!("{hook}:n:=1"), hook, r#"{"n":1}"#),
            ("name=x:y", HookName::Connect, r#"{"name":"x:y"}"#),
            ("n:=1", HookName::Connect, r#"{"n":1}"#),
        ] {
            let field: FieldAt = text.parse().unwrap();
            assert_eq!((field.hook, &*field.field.put_into("{}")), (hook, object));
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (field, problem) in [
            ("a", "write PATH=VALUE, such as custom.token=abc"),
            ("nobody:a=1", r#"no hook has the name "nobody""#),
        ] {
            assert_eq!(field.parse::<FieldAt>().unwrap_err(), problem);
        }
    }
}
