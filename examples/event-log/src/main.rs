//! Every event as a line of JSON, secrets hidden: for a database, a bill, or a look at what WCS sends.
//!
//! Run with
//!
//! ```text
//! cargo run -p event-log
//! ```

mod log;

use std::{
    env, io,
    process::ExitCode,
    time::{Duration, UNIX_EPOCH},
};

use wcs_hooks::{AllowAll, Arguments, Backend, BackendBuilder, Callers, Context, Hooks};

use log::Log;

/// How long the end waits for lines to be written.
const LONGEST_FLUSH: Duration = Duration::from_secs(1);

/// A clock that stands before 1970 is no reason to lose an event.
fn line(ctx: &Context) -> String {
    let at = UNIX_EPOCH.elapsed().unwrap_or_default().as_millis();
    format!("{{\"at\":{at},\"hook\":\"{}\",\"body\":{}}}\n", ctx.hook(), ctx.redacted_body())
}

fn hooks(log: Log) -> Hooks {
    Hooks::new(AllowAll).on_every_event(move |ctx| {
        let log = log.clone();
        async move { log.write(line(&ctx)).await }
    })
}

/// WCS signs with `WCS_HOOKS_SECRET`. For a trial on this machine anyone may call.
fn backend(hooks: Hooks) -> BackendBuilder {
    let backend = Backend::builder(hooks);
    match env::var("WCS_HOOKS_SECRET") {
        Ok(secret) => backend.callers(Callers::signed([secret])),
        Err(_) => backend.demo_callers(Callers::anyone()),
    }
}

/// The log that `--out FILE` asks for; one to standard output without it.
fn log(given: &[String]) -> Option<io::Result<Log>> {
    match given {
        [] => Some(Ok(Log::to_stdout())),
        [flag, path] if flag == "--out" => Some(Log::to_file(path)),
        _ => None,
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let given = Arguments::of_program().ok();
    let given = given.and_then(|(arguments, rest)| Some((arguments, log(&rest)?)));
    match given {
        Some((arguments, Ok(log))) => {
            let code = wcs_hooks::run(arguments, backend(hooks(log.clone()))).await;
            // What cannot be written in this time is lost.
            let _ = tokio::time::timeout(LONGEST_FLUSH, log.flush()).await;
            code
        }
        Some((_, Err(error))) => {
            eprintln!("event-log: --out: {error}");
            ExitCode::FAILURE
        }
        None => {
            eprintln!("usage: event-log [--config FILE] [--listen ADDRESS] [--out FILE]");
            ExitCode::from(2)
        }
    }
}
