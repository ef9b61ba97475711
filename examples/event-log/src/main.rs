//! Every event as a line of JSON, secrets hidden: for a database, a bill, or a look at what WCS sends.
//!
//! Run with
//!
//! ```text
//! cargo run -p event-log
//! ```

use std::{
    env,
    error::Error,
    fs::File,
    future::ready,
    io::{self, Write},
    process::ExitCode,
    sync::{Mutex, PoisonError},
    time::UNIX_EPOCH,
};

use tokio::{net::TcpListener, signal};
use wcs_hooks::{AllowAll, Backend, Callers, Context, EventResult, Hooks};

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

/// Whoever signs with `WCS_HOOKS_SECRET`; anyone if it is not set.
fn callers() -> Callers {
    let Ok(secret) = env::var("WCS_HOOKS_SECRET") else {
        eprintln!("anyone may call, since WCS_HOOKS_SECRET is not set");
        return Callers::anyone();
    };
    Callers::signed([secret])
}

/// The address to listen at, and the file for the lines.
fn options() -> Option<(String, Option<String>)> {
    let (mut listen, mut out) = (env::var("LISTEN").unwrap_or("127.0.0.1:8081".to_owned()), None);
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match &*argument {
            "--listen" => listen = arguments.next()?,
            "--out" => out = Some(arguments.next()?),
            _ => return None,
        }
    }
    Some((listen, out))
}

async fn serve(listen: &str, out: Option<String>) -> Result<(), Box<dyn Error>> {
    let log = match out {
        Some(path) => Log::new(File::options().create(true).append(true).open(path)?),
        None => Log::new(io::stdout()),
    };
    let backend = Backend::builder(hooks(log)).callers(callers()).build()?;
    let listener =
        TcpListener::bind(listen).await.map_err(|error| format!("cannot listen at {listen}: {error}"))?;
    println!("listening on http://{}", listener.local_addr()?);
    let stopped = async { drop(signal::ctrl_c().await) };
    axum::serve(listener, backend.into_router()).with_graceful_shutdown(stopped).await?;
    Ok(())
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt().with_writer(io::stderr).init();
    let Some((listen, out)) = options() else {
        eprintln!("usage: event-log [--listen ADDRESS] [--out FILE]");
        return ExitCode::from(2);
    };
    match serve(&listen, out).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("event-log: {error}");
            ExitCode::FAILURE
        }
    }
}
