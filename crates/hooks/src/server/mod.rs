//! A server for one or more backends.

mod settings;

pub use settings::{Listen, ServerSettings, TlsSettings};
