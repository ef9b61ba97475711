//! A body for each hook as WCS would send it, by the payload that the catalogue gives it.

use std::{collections::BTreeMap, sync::LazyLock};

use serde_json::value::RawValue;
use wcs_hooks_protocol::{HookContext, HookKind, HookName, Object, quoted};

use crate::fields::set;

/// By the payload's name: the members, and what an event has besides.
const PAYLOADS: &str = include_str!("bodies.json");

type Rows = BTreeMap<&'static str, BTreeMap<&'static str, &'static RawValue>>;

/// A plausible body, compact as WCS writes it: the context first.
pub(crate) fn of(hook: HookName, context: &HookContext) -> String {
    let fields = part(hook, "fields").trim_start_matches('{');
    let [node, app, session] =
        [&context.node_id, &context.app_key, &context.session_id].map(|value| quoted(value));
    let mut body = format!(r#"{{"nodeId":{node},"appKey":{app},"sessionId":{session},{fields}"#);
    if matches!(hook.kind(), HookKind::Event | HookKind::KeepAlive)
        && let Ok(event) = Object::parse(part(hook, "event"))
    {
        for (name, json) in event.members() {
            body = set(&body, &name, json);
        }
    }
    body
}

/// A part of a payload's row; an empty object if there is none.
fn part(hook: HookName, name: &str) -> &'static str {
    static ROWS: LazyLock<Rows> = LazyLock::new(|| serde_json::from_str(PAYLOADS).unwrap_or_default());
    let part = ROWS.get(hook.info().payload).and_then(|row| row.get(name));
    part.map_or("{}", |json| json.get())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hook_has_a_body_of_fields_that_it_knows() {
        let context = HookContext { node_id: "n".into(), app_key: "a".into(), session_id: "s\"".into() };
        for &hook in HookName::ALL {
            let body = of(hook, &context);
            let object = Object::parse(&body).unwrap();
            assert_eq!(HookContext::read(&object), context, "{hook}");
            assert!(object.members().count() > 3, "{hook}");
            assert!(!body.contains(": ") && !body.contains(", "), "{hook}: WCS writes no blanks: {body}");
            for (name, _) in object.members().skip(3) {
                let is_known = hook.info().fields.iter().any(|field| field.name == name);
                assert!(is_known, "{hook} has no field {name}");
            }
        }
    }
}
