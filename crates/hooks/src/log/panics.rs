//! Panics in the log.

use std::{
    backtrace::{Backtrace, BacktraceStatus},
    panic::{self, PanicHookInfo},
    thread,
};

/// Rust's own hook writes to standard error at once: with a reader that does not read, each handler that panics would stop a
/// thread for ever.
pub(super) fn log_them() {
    panic::set_hook(Box::new(log));
}

fn log(info: &PanicHookInfo<'_>) {
    let thread = thread::current();
    let at = info.location().map(ToString::to_string).unwrap_or_default();
    let message = info.payload_as_str().unwrap_or("of a kind that is no text");
    let backtrace = Backtrace::capture();
    let backtrace = (backtrace.status() == BacktraceStatus::Captured).then(|| backtrace.to_string());
    tracing::error!(target: "panic", thread = thread.name(), at, backtrace, "panic: {message}");
    // The process ends here, before the log's thread has written why.
    if cfg!(panic = "abort") {
        super::flush();
    }
}
