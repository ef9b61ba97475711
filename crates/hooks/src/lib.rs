//! The backend's side of Flashphoner WCS REST hooks.
//!
//! WCS asks a backend what to do by `POST {appUrl}/{hook}` for every connect, publish, play, call, message and event.
//! You implement handler traits; a [`Backend`] does the rest: it checks the signature over the raw body, echoes every
//! field you did not change, and tells WCS to take your refusals and changes seriously.
//!
//! ```
//! use wcs_hooks::{Backend, Callers, ConnectHandler, Context, HookResult, Hooks, OrRefuse, StreamHandler};
//! use wcs_hooks::payloads::{Connection, Stream};
//!
//! struct Doorkeeper;
//!
//! impl ConnectHandler for Doorkeeper {
//!     async fn connect(&self, _: Context, mut connection: Connection) -> HookResult<Connection> {
//!         let token = connection.custom_str("token").or_unauthorized("no token")?;
//!         connection.login = Some(token.strip_prefix("user-").or_forbidden("bad token")?.to_owned());
//!         Ok(connection)
//!     }
//! }
//!
//! struct Aliases;
//!
//! impl StreamHandler for Aliases {
//!     async fn play_stream(&self, _: Context, mut stream: Stream) -> HookResult<Stream> {
//!         stream.name = stream.name.strip_prefix("alias-").or_forbidden("no such stream")?.to_owned();
//!         Ok(stream)
//!     }
//! }
//!
//! let backend = Backend::builder(Hooks::new(Doorkeeper).streams(Aliases))
//!     .callers(Callers::signed(["1234567890"]))
//!     .build()?;
//! let app: axum::Router = backend.into_router();
//! # Ok::<(), wcs_hooks::SetupError>(())
//! ```

mod answer;
mod around;
mod backend;
mod body;
mod body_memory;
mod builder;
mod callers;
mod causes;
#[cfg(feature = "server")]
mod config;
mod context;
mod counters;
mod deadline;
mod decide;
mod decisions;
mod denials;
mod duplicates;
mod entrance;
mod event;
mod every_event;
mod gates;
mod guard;
mod handler;
mod handlers;
mod hooks;
mod live;
mod load;
#[cfg(feature = "log")]
mod log;
mod measured;
mod panics;
mod peer;
mod policy;
mod polls;
#[cfg(feature = "server")]
mod program;
pub mod ready;
mod refusal;
pub mod registry;
mod rejections;
mod reply;
#[cfg(feature = "server")]
mod server;
mod service;
mod settings;
mod setup_error;
mod shares;
mod span;
#[cfg(test)]
#[cfg(feature = "log")]
mod test_log;

pub use answer::AnswerKind;
pub use backend::Backend;
pub use builder::BackendBuilder;
pub use callers::Callers;
#[cfg(feature = "server")]
pub use config::{Arguments, Config, ConfigError, OperationsSettings, ReloadSettings};
pub use context::Context;
pub use counters::{Answered, Counters, Observer, Report};
pub use decisions::{Cacheable, DecisionCache, DecisionKey, DecisionLimits};
pub use event::{EventError, EventResult, KeepAlive, KeepAliveResult};
pub use guard::{Checks, Guard};
pub use handlers::{
    AllowAll, CallHandler, ConnectHandler, DataHandler, DiagnosticsHandler, MessageHandler, SessionHandler,
    StreamHandler,
};
pub use hooks::{Delivered, Hooks, Overwritable, Unhandled};
#[cfg(feature = "log")]
pub use log::{LogError, LogFormat, LogSettings, LogSubscriber, Logging, TraceSettings};
pub use peer::PeerAddress;
#[cfg(feature = "server")]
pub use program::{Program, StartError, run};
pub use refusal::{HookResult, OrRefuse, Refusal};
pub use reply::{Reply, rejection_statuses};
#[cfg(feature = "server")]
pub use server::{
    Drained, Listen, Listening, Server, ServerCounts, ServerError, ServerHandle, ServerSettings, TlsSettings,
};
pub use settings::{
    AppSettings, DEFAULT_BODY_LIMIT, Deadlines, DecisionTimes, Duplicates, Fallback, HookSettings, Limits,
    Settings,
};
pub use setup_error::SetupError;
pub use wcs_hooks_metrics as metrics;
pub use wcs_hooks_protocol::{
    Hook, HookContext, HookInfo, HookKind, HookName, HookPolicy, Payload, RestClientConfig, RestOnError,
    RestPolicy, Secret, Signature, SigningKey, hook, info, kind, payloads, redact, status,
};
