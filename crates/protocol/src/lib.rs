//! What travels between Flashphoner WCS and a REST hooks backend.
//!
//! WCS asks a backend what to do by `POST {appUrl}/{hook}` with a JSON object. This crate has the [hooks](HookName), their
//! [payloads], the [policy](RestClientConfig) that the backend sets, the [decision](effect) that WCS makes, the
//! [signature](SigningKey) and the [refusal](RefusalBody). It does no I/O; `wcs-hooks` (the backend's side) and
//! `wcs-hooks-dispatcher` (WCS's side) are built on it. What `Spec §…` in the docs and the
//! tags behind it point to is in `docs/sources.md`.

#[macro_use]
mod catalogue;
mod content_type;
mod context;
mod decision;
mod escape;
mod field;
mod hooks;
pub mod info;
mod object;
mod open_enum;
mod payload;
pub mod payloads;
mod plain_docs;
mod policy;
pub mod redact;
mod refusal;
mod secret;
mod serde_words;
mod signature;
pub mod status;

pub use content_type::is_json_type;
pub use context::HookContext;
pub use decision::{Effect, Outcome, Taken, effect, is_asked, refusal_counts, taken};
pub use escape::{Escaped, escaped, escaped_json};
pub use field::{FieldKind, FieldValue};
pub use hooks::{Hook, HookInfo, HookKind, HookName, UnknownHook, hook, kind};
pub use object::{Edits, JsonError, Object, quoted, read_string, write_string};
pub use payload::{Access, Field, InOrder, MAX_MEMBERS, Payload, PayloadError, Reading};
pub use plain_docs::plain_docs;
pub use policy::{HookPolicy, PolicyProblem, RestClientConfig, RestOnError, RestPolicy};
pub use refusal::RefusalBody;
pub use secret::Secret;
pub use signature::{Signature, SigningKey};
