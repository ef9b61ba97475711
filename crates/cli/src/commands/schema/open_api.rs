//! The hooks as an OpenAPI 3.1 document: what a backend serves.

use serde::Serialize;
use serde_json::{Value, json};
use wcs_hooks_dispatcher::{HookKind, HookName};
use wcs_hooks_protocol::plain_docs;

use super::{
    definitions::{Definitions, REFUSAL, payload_reference},
    model::{Members, Schema},
};

const DEFINITIONS: Definitions = Definitions { place: "#/components/schemas/" };

const ABOUT: &str = "What a backend of Flashphoner Web Call Server serves: WCS posts to `{appUrl}/{hook}` what clients do, and the \
                     answer lets it happen, changes it or refuses it. Only 200 is agreement. By WCS's defaults a refusal counts \
                     for connect, playHLS and playRTSP only, and nothing is taken from an answer but connect's: the \
                     `restClientConfig` in the answer to connect says otherwise. Some builds write numbers and booleans as strings: read both. `Spec §…` points to docs/sources.md of wcs-hooks.";

const SIGNATURE: &str =
    "`WCS` and 32 hex digits: the HMAC-MD5 of the body, with rest_hook_send_hash=true. Spec §1.5.";

#[derive(Serialize)]
pub(super) struct Document {
    openapi: &'static str,
    info: Value,
    servers: Value,
    security: Value,
    tags: Vec<Value>,
    paths: Members<Path>,
    components: Components,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Components {
    schemas: Members<Schema>,
    security_schemes: Value,
}

#[derive(Serialize)]
struct Path {
    post: Post,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Post {
    tags: [String; 1],
    summary: String,
    description: String,
    operation_id: &'static str,
    request_body: Message,
    responses: Members<Message>,
}

#[derive(Serialize)]
struct Message {
    description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    required: Option<bool>,
    content: Members<Media>,
}

#[derive(Serialize)]
struct Media {
    schema: Schema,
}

/// The document of these hooks.
pub(super) fn document(hooks: &[HookName]) -> Document {
    let mut topics: Vec<String> = Vec::new();
    for hook in hooks {
        if !topics.contains(&topic(*hook)) {
            topics.push(topic(*hook));
        }
    }
    Document {
        openapi: "3.1.0",
        info: json!({
            "title": "Flashphoner WCS REST hooks",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
        }),
        servers: json!([{
            "url": "{appUrl}",
            "description": "The URL of the app, as it is set in WCS",
            "variables": { "appUrl": { "default": "http://localhost:8081/apps/EchoApp" } },
        }]),
        security: json!([{}, { "signature": [] }, { "basic": [] }]),
        tags: topics.into_iter().map(|name| json!({ "name": name })).collect(),
        paths: hooks.iter().map(|hook| (format!("/{hook}"), Path { post: operation(*hook) })).collect(),
        components: Components {
            schemas: DEFINITIONS.of(hooks),
            security_schemes: json!({
                "signature": {
                    "type": "apiKey", "in": "header", "name": "Authorization", "description": SIGNATURE,
                },
                "basic": {
                    "type": "http", "scheme": "basic", "description": "restUsername and restPassword of the app. Spec §1.4.",
                },
            }),
        },
    }
}

/// `Stream` of `StreamHandler`.
fn topic(hook: HookName) -> String {
    hook.info().handler_trait.trim_end_matches("Handler").to_owned()
}

fn operation(hook: HookName) -> Post {
    let docs = plain_docs(hook.info().docs);
    let summary = docs.split(". ").next().unwrap_or_default().trim_end_matches('.').to_owned();
    let body =
        |description: &str| content(description.to_owned(), DEFINITIONS.reference(payload_reference(hook)));
    let mut responses = vec![("200".to_owned(), body(agreement(hook.kind())))];
    let refusals = refusals(hook).map(|(status, why)| (status, content(why, DEFINITIONS.reference(REFUSAL))));
    responses.extend(refusals);
    Post {
        tags: [topic(hook)],
        summary,
        description: description(hook, docs),
        operation_id: hook.info().handler_fn,
        request_body: Message { required: Some(true), ..body("What the client does, or what has happened.") },
        responses: responses.into_iter().collect(),
    }
}

/// Those of this framework, each with its reasons, and any other that a backend may choose.
fn refusals(hook: HookName) -> impl Iterator<Item = (String, String)> {
    let by_handler = refusal(hook);
    let of_framework = wcs_hooks::rejection_statuses().into_iter().map(move |(status, reasons)| {
        let may_be_a_handlers = matches!(status, 401 | 403 | 429);
        let handler =
            by_handler.filter(|_| may_be_a_handlers).map(|effect| format!(" Or a handler's no: {effect}"));
        (status.to_string(), format!("{}.{}", reasons.join("; "), handler.unwrap_or_default()))
    });
    of_framework.chain(by_handler.map(|effect| ("4XX".to_owned(), effect.to_owned())))
}

fn description(hook: HookName, docs: String) -> String {
    let spellings = hook.info().other_spellings;
    let told = hook.info().failure_event.filter(|_| refusal(hook).is_some());
    let told = told.map(|event| format!(" The client is told of a failure by {event}."));
    let also = (!spellings.is_empty()).then(|| format!(" Some docs spell it {}.", spellings.join(", ")));
    docs + &told.unwrap_or_default() + &also.unwrap_or_default()
}

fn content(description: String, schema: Schema) -> Message {
    let media = [("application/json".to_owned(), Media { schema })];
    Message { description, required: None, content: media.into_iter().collect() }
}

const fn agreement(kind: HookKind) -> &'static str {
    match kind {
        HookKind::Connect => {
            "The session opens. The same object with what the backend changed in it, and with restClientConfig. Spec §4.2."
        }
        HookKind::Invoke | HookKind::Incoming => {
            "It goes on. The same object with what the backend changed in it: WCS takes the fields of restOverwrite. Spec §4.3."
        }
        HookKind::Access => "The player may play. The same object; nothing is taken from it.",
        HookKind::Event | HookKind::KeepAlive => "It was heard. The same object.",
    }
}

/// What a refusal does; `None` if it cannot be refused.
const fn refusal(hook: HookName) -> Option<&'static str> {
    Some(match hook.kind() {
        _ if hook.info().refusing_makes_no_sense => return None,
        HookKind::Connect => "The session does not open, and the client is told the reason.",
        HookKind::Invoke => "With restOnError FAIL it does not happen, and the client is told the reason.",
        HookKind::Incoming => {
            "With restOnError FAIL the caller hears SIP 403 FORBIDDEN, and the client is told the reason."
        }
        HookKind::Access => "The player is turned away.",
        HookKind::KeepAlive => "403 ends the stream, with restOnError FAIL.",
        HookKind::Event => return None,
    })
}
