//! Streams are played by alias; who plays one does not learn its real name.
//!
//! Run with
//!
//! ```text
//! cargo run -p stream-alias
//! ```

use std::{collections::HashMap, env, process::ExitCode};

use wcs_hooks::{
    AllowAll, Arguments, Backend, BackendBuilder, Callers, Context, HookResult, Hooks, OrRefuse,
    StreamHandler, hook, payloads::Stream, redact,
};

const USAGE: &str = "usage: stream-alias [--config FILE] [--listen ADDRESS] [ALIAS=NAME]...";

/// The real names, by alias.
struct Aliases {
    names: HashMap<String, String>,
}

impl Aliases {
    /// The stream under its real name. A real name is no alias, so nobody can play by it.
    fn resolve(&self, ctx: &Context, mut stream: Stream) -> HookResult<Stream> {
        let name = self.names.get(&stream.name).or_forbidden("no such stream")?;
        tracing::info!("{}: {} is {}", ctx.hook(), stream.name, redact::url(name));
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

impl Aliases {
    /// From `ALIAS=NAME`; a few for a demonstration if there are none. `None` if it is anything else.
    fn of(given: &[String]) -> Option<Self> {
        let pairs = given.iter().map(|pair| pair.split_once('='));
        let owned = |(one, other): (&str, &str)| (one.to_owned(), other.to_owned());
        let mut names = pairs.map(|pair| pair.map(owned)).collect::<Option<HashMap<_, _>>>()?;
        if names.is_empty() {
            names.insert("lobby".to_owned(), "cam-7f3a".to_owned());
            names.insert("garden".to_owned(), "rtsp://viewer:secret@10.0.0.5/live".to_owned());
        }
        Some(Self { names })
    }
}

/// WCS signs with `WCS_HOOKS_SECRET`. For a trial on this machine anyone may call.
fn backend(hooks: Hooks) -> BackendBuilder {
    let backend = Backend::builder(hooks);
    match env::var("WCS_HOOKS_SECRET") {
        Ok(secret) => backend.callers(Callers::signed([secret])),
        Err(_) => backend.demo_callers(Callers::anyone()),
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let given = Arguments::of_program().ok();
    let given = given.and_then(|(arguments, rest)| Some((arguments, Aliases::of(&rest)?)));
    let Some((arguments, aliases)) = given else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    wcs_hooks::run(arguments, backend(hooks(aliases))).await
}
