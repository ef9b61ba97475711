//! What operators see of a running server: its metrics, its log, its spans.

mod files;
mod otlp;
mod secrets;
mod traffic;
