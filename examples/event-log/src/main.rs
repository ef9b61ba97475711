//! Every event as a line of JSON, secrets hidden: for a database, a bill, or a look at what WCS sends.
//!
//! Run with
//!
//! ```text
//! cargo run -p event-log
//! ```

use std::{
    env,
    fs::File,
    future::ready,
    io::{self, Write},
    process::ExitCode,
    sync::{Mutex, PoisonError},
    time::UNIX_EPOCH,
};

use wcs_hooks::{AllowAll, Arguments, Backend, BackendBuilder, Callers, Context, EventResult, Hooks};

/// Where the lines go. A line is short, so it is written in place.
struct Log {
    out: Mutex<Box<dyn Write + Send>>,
}

impl Log {
    fn new(out: impl Write + Send + 'static) -> Self {
        Self { out: Mutex::new(Box::new(out)) }
    }

    fn write(&self, ctx: &Context) -> EventResult {
        let at = UNIX_EPOCH.elapsed()?.as_millis();
        let line = format!("{{\"at\":{at},\"hook\":\"{}\",\"body\":{}}}\n", ctx.hook(), ctx.redacted_body());
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(out.write_all(line.as_bytes()).and_then(|()| out.flush())?)
    }
}

fn hooks(log: Log) -> Hooks {
    Hooks::new(AllowAll).on_every_event(move |ctx| ready(log.write(&ctx)))
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
        [] => Some(Ok(Log::new(io::stdout()))),
        [flag, path] if flag == "--out" => {
            Some(File::options().create(true).append(true).open(path).map(Log::new))
        }
        _ => None,
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let given = Arguments::of_program().ok();
    let given = given.and_then(|(arguments, rest)| Some((arguments, log(&rest)?)));
    match given {
        Some((arguments, Ok(log))) => wcs_hooks::run(arguments, backend(hooks(log))).await,
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
