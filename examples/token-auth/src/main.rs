//! A token (JWT) says who may come in, and which streams it may publish and play.
//!
//! Run with
//!
//! ```text
//! cargo run -p token-auth
//! ```

mod demo;

use std::{
    env,
    error::Error,
    io::{self, Write},
    process::ExitCode,
};

use wcs_hooks::{
    Arguments, Backend, Callers, Hooks, Program, Report, Secret,
    ready::{ConfigError, JwtAuth, StreamTokens, Verifier},
};

const USAGE: &str = "usage: token-auth [--config FILE] [--listen ADDRESS] [--show-token]";

/// What clients and WCS prove themselves with.
struct Secrets {
    /// Signs tokens.
    jwt: Secret,
    /// Signs the calls of WCS: `rest_hook_secret_key`.
    hooks: Secret,
    are_demo: bool,
}

impl Secrets {
    /// From `JWT_SECRET` and `WCS_HOOKS_SECRET`; where one is not set, the one that stands in here for all to read.
    fn read() -> Self {
        let mut are_demo = false;
        let mut read = |variable: &str, demo: &str| {
            env::var(variable).unwrap_or_else(|_| {
                are_demo = true;
                eprintln!("WARNING: {variable} is not set: a demo secret is in use, which everybody knows");
                demo.to_owned()
            })
        };
        let jwt = read("JWT_SECRET", "the demo secret of token-auth, known to all").into();
        let hooks = read("WCS_HOOKS_SECRET", "1234567890").into();
        Self { jwt, hooks, are_demo }
    }
}

/// The token is in `custom.token` of the session; its claim `streams` says what it may do.
fn hooks(secrets: &Secrets) -> Result<Hooks, ConfigError> {
    let verifier = Verifier::builder().secret(secrets.jwt.clone()).build()?;
    let auth = JwtAuth::new(verifier).with_claims(|claims, _| {
        tracing::info!("{} comes in", claims.str("sub").unwrap_or("somebody"));
        Ok(())
    });
    let tokens = StreamTokens::new(auth);
    Ok(Hooks::new(tokens.clone()).sessions(tokens.clone()).streams(tokens))
}

fn log_answer(report: &Report<'_>) {
    let hook = report.hook.map_or("an unknown method", |hook| hook.as_str());
    tracing::info!("{hook}: {:?} in {:?}", report.answered, report.elapsed);
}

async fn serve(arguments: Arguments, shows_token: bool) -> Result<ExitCode, Box<dyn Error>> {
    let secrets = Secrets::read();
    let hooks = hooks(&secrets).map_err(|error| format!("JWT_SECRET: {error}"))?;
    let callers = Callers::signed([secrets.hooks.clone()]);
    let backend = Backend::builder(hooks).callers(callers).observer(log_answer);
    if arguments.is_check() {
        return Ok(wcs_hooks::run(arguments, backend).await);
    }
    let program = Program::start(arguments, backend)?;
    let url = program.urls().join(", ");
    // Nobody may be there to read it.
    let _ = writeln!(io::stdout(), "listening on {url}");
    if shows_token || secrets.are_demo {
        demo::print(&url, &secrets.jwt, &secrets.hooks)?;
    }
    Ok(program.run().await)
}

#[tokio::main]
async fn main() -> ExitCode {
    let (arguments, shows_token) = match Arguments::of_program() {
        Ok((arguments, rest)) if rest.is_empty() => (arguments, false),
        // A token is printed even if its secret is a real one.
        Ok((arguments, rest)) if rest == ["--show-token"] => (arguments, true),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    serve(arguments, shows_token).await.unwrap_or_else(|error| {
        eprintln!("token-auth: {error}");
        ExitCode::FAILURE
    })
}
