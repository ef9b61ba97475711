//! Streams are played by alias; who plays one does not learn its real name.
//!
//! Run with
//!
//! ```text
//! cargo run -p stream-alias
//! ```

use std::{collections::HashMap, env, error::Error, io, process::ExitCode};

use tokio::{net::TcpListener, signal};
use wcs_hooks::{
    AllowAll, Backend, Callers, Context, HookResult, Hooks, OrRefuse, StreamHandler, hook, payloads::Stream,
    redact,
};

const USAGE: &str = "usage: stream-alias [--listen ADDRESS] [ALIAS=NAME]...";

/// The real names, by alias.
struct Aliases {
    names: HashMap<String, String>,
}

impl Aliases {
    /// The stream under its real name. A real name is no alias, so nobody can play by it.
    fn resolve(&self, ctx: &Context, mut stream: Stream) -> HookResult<Stream> {
        let name = self.names.get(&stream.name).or_forbidden("no such stream")?;
        println!("{}: {} is {}", ctx.hook(), stream.name, redact::url(name));
        stream.name.clone_from(name);
        Ok(stream)
    }
}

impl StreamHandler for Aliases {
    async fn play_stream(&self, ctx: Context, stream: Stream) -> HookResult<Stream> {
        self.resolve(&ctx, stream)
    }

    async fn available_stream(&self, ctx: Context, stream: Stream) -> HookResult<Stream> {
        self.resolve(&ctx, stream)
    }

    async fn snapshot(&self, ctx: Context, stream: Stream) -> HookResult<Stream> {
        self.resolve(&ctx, stream)
    }
}

fn hooks(aliases: Aliases) -> Hooks {
    Hooks::new(AllowAll)
        .streams(aliases)
        // Without this the player would be told the real name when its stream starts.
        .hiding(hook::StreamStatus, ["name"])
        // Of the answers, WCS takes the name and nothing else.
        .overwriting(hook::PlayStream, ["name"])
        .overwriting(hook::AvailableStream, ["name"])
        .overwriting(hook::Snapshot, ["name"])
}

struct Options {
    listen: String,
    aliases: Aliases,
}

impl Options {
    fn read() -> Option<Self> {
        let mut listen = env::var("LISTEN").unwrap_or_else(|_| "127.0.0.1:8081".to_owned());
        let mut names = HashMap::new();
        let mut arguments = env::args().skip(1);
        while let Some(argument) = arguments.next() {
            match argument.split_once('=') {
                _ if argument == "--listen" => listen = arguments.next()?,
                Some((alias, name)) => drop(names.insert(alias.to_owned(), name.to_owned())),
                None => return None,
            }
        }
        if names.is_empty() {
            names.insert("lobby".to_owned(), "cam-7f3a".to_owned());
            names.insert("garden".to_owned(), "rtsp://viewer:secret@10.0.0.5/live".to_owned());
        }
        Some(Self { listen, aliases: Aliases { names } })
    }
}

/// Whoever signs with `WCS_HOOKS_SECRET`; anyone if it is not set.
fn callers() -> Callers {
    let Ok(secret) = env::var("WCS_HOOKS_SECRET") else {
        eprintln!("anyone may call, since WCS_HOOKS_SECRET is not set");
        return Callers::anyone();
    };
    Callers::signed([secret])
}

async fn serve(options: Options) -> Result<(), Box<dyn Error>> {
    let backend = Backend::builder(hooks(options.aliases)).callers(callers()).build()?;
    let listen = &options.listen;
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
    let Some(options) = Options::read() else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match serve(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("stream-alias: {error}");
            ExitCode::FAILURE
        }
    }
}
