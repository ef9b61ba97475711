//! The schemas that others refer to: payloads, policies, the refusal.

use wcs_hooks_dispatcher::{HookKind, HookName, RestClientConfig};
use wcs_hooks_protocol::{Field, FieldKind, plain_docs};

use super::model::{Kind, Members, Schema};

pub(super) const REFUSAL: &str = "Refusal";
const POLICIES: &str = "RestClientConfig";
const POLICY: &str = "HookPolicy";
/// The field that carries what the page gave, a number or a text. Spec §3.4.
const TEXT_OR_NUMBER: &str = "dtmf";

/// The definitions of a document.
pub(super) struct Definitions {
    /// Where they stand in it.
    pub(super) place: &'static str,
}

/// The name of the definition of a hook's object.
pub(super) fn payload_reference(hook: HookName) -> &'static str {
    hook.info().payload
}

impl Definitions {
    /// All that these hooks need, each once.
    pub(super) fn of(&self, hooks: &[HookName]) -> Members<Schema> {
        let mut definitions: Vec<(String, Schema)> = Vec::new();
        for hook in hooks {
            let name = payload_reference(*hook);
            if definitions.iter().all(|(other, _)| other != name) {
                definitions.push((name.to_owned(), self.payload(*hook)));
            }
        }
        let has_policies = hooks.iter().flat_map(|hook| hook.info().fields).any(is_policies);
        if has_policies {
            definitions.push((POLICIES.to_owned(), self.policies()));
            definitions.push((POLICY.to_owned(), policy()));
        }
        definitions.push((REFUSAL.to_owned(), refusal()));
        definitions.into_iter().collect()
    }

    pub(super) fn reference(&self, name: &str) -> Schema {
        Schema { reference: Some(format!("{}{name}", self.place)), ..Schema::default() }
    }

    /// The context, then the fields in WCS's order. A newer WCS may send others.
    fn payload(&self, hook: HookName) -> Schema {
        let context = [
            (
                "nodeId",
                "The WCS server: 32 letters and digits and usually @ and its address. An answer cannot change it. Spec §3.3.",
            ),
            ("appKey", "The app. An answer cannot change it. Spec §3.3."),
            ("sessionId", "The client's connection. An answer cannot change it. Spec §3.3."),
        ];
        let context = context.map(|(name, docs)| (name.to_owned(), Schema::of("string").described(docs)));
        let fields = hook.info().fields.iter().map(|field| (field.name.to_owned(), self.field(field)));
        Schema {
            properties: Some(context.into_iter().chain(fields).collect()),
            required: &["appKey", "sessionId"],
            ..Schema::of("object")
        }
    }

    fn field(&self, field: &Field) -> Schema {
        let docs = plain_docs(field.docs);
        let schema = match field.kind {
            _ if is_policies(field) => self.reference(POLICIES),
            FieldKind::Secret => Schema { format: Some("password"), ..Schema::of("string") },
            FieldKind::Text if field.name == TEXT_OR_NUMBER => {
                Schema { kind: Some(Kind::Either(["string", "number"])), ..Schema::default() }
            }
            FieldKind::Text => Schema { examples: field.words, ..Schema::of("string") },
            FieldKind::Bool => Schema::of("boolean"),
            FieldKind::Integer => Schema::of("integer"),
            FieldKind::Object => Schema::of("object"),
            FieldKind::Array => Schema::of("array"),
            _ => Schema::default(),
        };
        schema.described(docs)
    }

    /// By the name of a hook that a policy can have.
    fn policies(&self) -> Schema {
        let has_policy = |hook: &&HookName| !matches!(hook.kind(), HookKind::Connect | HookKind::Access);
        let hooks = HookName::ALL.iter().filter(has_policy);
        Schema {
            properties: Some(hooks.map(|hook| (hook.to_string(), self.reference(POLICY))).collect()),
            ..Schema::of("object").described("How WCS treats the later hooks of the session. Spec §4.1.")
        }
    }
}

fn is_policies(field: &Field) -> bool {
    field.name == RestClientConfig::FIELD
}

fn policy() -> Schema {
    let fields = |docs: &str| Schema::of("string").described(format!("{docs}, parted by commas."));
    let word = |words, docs: &str| Schema { words, ..Schema::of("string").described(docs) };
    let members = [
        ("clientExclude", fields("Fields that are not passed to the client")),
        ("restExclude", fields("Fields that are not passed to the backend")),
        (
            "restOnError",
            word(
                &["LOG", "FAIL"],
                "Whether a refusal counts (FAIL) or is written to the log (LOG, the default).",
            ),
        ),
        (
            "restPolicy",
            word(
                &["NOTIFY", "OVERWRITE", "DISABLE", "DISABLED"],
                "Whether the answer changes anything (OVERWRITE) or not (NOTIFY, the default); DISABLE: the hook is not sent.",
            ),
        ),
        ("restOverwrite", fields("Fields that are taken from the answer, with OVERWRITE")),
    ];
    Schema {
        properties: Some(members.map(|(name, schema)| (name.to_owned(), schema)).into_iter().collect()),
        additional_properties: Some(false),
        ..Schema::of("object").described("How WCS treats a hook. Spec §4.1.")
    }
}

fn refusal() -> Schema {
    let members = [
        ("status", Schema::of("integer").described("The HTTP status again.")),
        ("reason", Schema::of("string").described("What the client is told.")),
    ];
    Schema {
        properties: Some(members.map(|(name, schema)| (name.to_owned(), schema)).into_iter().collect()),
        required: &["status", "reason"],
        additional_properties: Some(false),
        ..Schema::of("object").described(
            "Why it is refused: exactly these two fields, or WCS takes the reason phrase of the status line. Spec §5.1.",
        )
    }
}
