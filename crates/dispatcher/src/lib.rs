//! WCS's side of REST hooks, to the letter of the wire specification.
//!
//! A [`Dispatcher`] calls backends as Flashphoner WCS does: [`Settings`] come from a `flashphoner.properties`, an [`App`]
//! says where the backend is, and a [`Session`] opens with `connect`, keeps the policies of the answer and sends any other
//! hook. A [`Verdict`] says what WCS would do after each. Any `tower::Service` can stand in for the network, so that a
//! backend is driven in the same process. What `Spec §…` in the docs points to is in `docs/sources.md`.

mod app;
mod body;
mod counted;
mod dispatcher;
mod exchange;
mod failure;
mod method;
mod players;
mod policies;
mod properties;
mod reply;
mod retry;
mod session;
mod settings;
mod taken;
mod transport;
mod verdict;

pub use app::{App, AppError};
pub use dispatcher::{Dispatcher, Options};
pub use exchange::{Attempt, Backend};
pub use failure::{Failure, FailureKind};
pub use reply::Reply;
pub use retry::RetryRule;
pub use session::{Declined, InSession, Session};
pub use settings::{Settings, SettingsError};
pub use transport::{HttpTransport, Tls, TlsError, TransportError};
pub use verdict::{FailMessage, PlayerRefusal, SipAnswer, ToClient, Verdict};
pub use wcs_hooks_metrics as metrics;
pub use wcs_hooks_protocol::{
    Effect, Hook, HookContext, HookKind, HookName, HookPolicy, Object, Outcome, Payload, RestClientConfig,
    RestOnError, RestPolicy, Secret, escaped, hook, info, kind, payloads, redact, status,
};
