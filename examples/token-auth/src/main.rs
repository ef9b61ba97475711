//! A token (JWT) says who may come in, and which streams it may publish and play.
//!
//! Run with
//!
//! ```text
//! cargo run -p token-auth
//! ```

mod demo;

use std::{env, error::Error, io, process::ExitCode};

use tokio::{net::TcpListener, signal};
use wcs_hooks::{
    Backend, Callers, Hooks, Report, Secret,
    ready::{ConfigError, JwtAuth, StreamTokens, Verifier},
};

const USAGE: &str = "usage: token-auth [--listen ADDRESS] [--show-token]";

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
        println!("{} comes in", claims.str("sub").unwrap_or("somebody"));
        Ok(())
    });
    let tokens = StreamTokens::new(auth);
    Ok(Hooks::new(tokens.clone()).sessions(tokens.clone()).streams(tokens))
}

fn print_answer(report: &Report<'_>) {
    let hook = report.hook.map_or("an unknown method", |hook| hook.as_str());
    println!("{hook}: {:?} in {:?}", report.answered, report.elapsed);
}

async fn serve(listen: &str, shows_token: bool) -> Result<(), Box<dyn Error>> {
    let secrets = Secrets::read();
    let hooks = hooks(&secrets).map_err(|error| format!("JWT_SECRET: {error}"))?;
    let backend = Backend::builder(hooks)
        .callers(Callers::signed([secrets.hooks.clone()]))
        .observer(print_answer)
        .build()?;
    let listener =
        TcpListener::bind(listen).await.map_err(|error| format!("cannot listen at {listen}: {error}"))?;
    let address = listener.local_addr()?;
    println!("listening on http://{address}");
    if shows_token || secrets.are_demo {
        demo::print(address, &secrets.jwt, &secrets.hooks)?;
    }
    let stopped = async { drop(signal::ctrl_c().await) };
    axum::serve(listener, backend.into_router()).with_graceful_shutdown(stopped).await?;
    Ok(())
}

/// The address to listen at, and whether to print a token even if its secret is a real one.
fn options() -> Option<(String, bool)> {
    let mut listen = env::var("LISTEN").unwrap_or_else(|_| "127.0.0.1:8081".to_owned());
    let mut shows_token = false;
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match &*argument {
            "--listen" => listen = arguments.next()?,
            "--show-token" => shows_token = true,
            _ => return None,
        }
    }
    Some((listen, shows_token))
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt().with_writer(io::stderr).init();
    let Some((listen, shows_token)) = options() else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match serve(&listen, shows_token).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("token-auth: {error}");
            ExitCode::FAILURE
        }
    }
}
