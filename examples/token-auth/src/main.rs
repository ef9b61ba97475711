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
    fs,
    io::{self, Write},
    process::ExitCode,
};

use wcs_hooks::{
    Arguments, Backend, BackendBuilder, Callers, Hooks, Program, Report, Secret,
    ready::{ConfigError, JwtAuth, StreamTokens, Verifier},
};

const USAGE: &str = "usage: token-auth [--config FILE] [--listen ADDRESS] [--show-token]";

/// What clients and WCS prove themselves with. For a trial on this machine, what stands here for all to read.
struct Secrets {
    /// Signs tokens: `JWT_SECRET`.
    jwt: Option<Secret>,
    /// Signs the calls of WCS: `WCS_HOOKS_SECRET`, which is the `rest_hook_secret_key` there.
    hooks: Option<Secret>,
}

impl Secrets {
    fn read() -> Result<Self, String> {
        Ok(Self { jwt: secret("JWT_SECRET")?, hooks: secret("WCS_HOOKS_SECRET")? })
    }

    fn jwt(&self) -> Secret {
        self.jwt.clone().unwrap_or_else(|| "the demo secret of token-auth, known to all".into())
    }

    fn hooks(&self) -> Secret {
        self.hooks.clone().unwrap_or_else(|| "1234567890".into())
    }

    fn are_demo(&self) -> bool {
        self.jwt.is_none() || self.hooks.is_none()
    }
}

/// What a variable has, or the file that the variable with `_FILE` behind its name has.
fn secret(variable: &str) -> Result<Option<Secret>, String> {
    if let Ok(secret) = env::var(variable) {
        return Ok(Some(secret.into()));
    }
    let Ok(path) = env::var(format!("{variable}_FILE")) else { return Ok(None) };
    match fs::read_to_string(&path) {
        Ok(secret) => Ok(Some(secret.trim_end().into())),
        Err(error) => Err(format!("{variable}_FILE: {path}: {error}")),
    }
}

/// The token is in `custom.token` of the session; its claim `streams` says what it may do.
fn hooks(secrets: &Secrets) -> Result<Hooks, ConfigError> {
    let verifier = Verifier::builder().secret(secrets.jwt()).build()?;
    let auth = JwtAuth::new(verifier).with_claims(|claims, _| {
        tracing::info!("{} comes in", claims.str("sub").unwrap_or("somebody"));
        Ok(())
    });
    let tokens = StreamTokens::new(auth);
    Ok(Hooks::guarded(tokens))
}

fn log_answer(report: &Report<'_>) {
    let hook = report.hook.map_or("an unknown method", |hook| hook.as_str());
    tracing::info!("{hook}: {:?} in {:?}", report.answered, report.elapsed);
}

fn backend(secrets: &Secrets) -> Result<BackendBuilder, ConfigError> {
    let backend = Backend::builder(hooks(secrets)?).observer(log_answer);
    let callers = Callers::signed([secrets.hooks()]);
    let backend = match &secrets.hooks {
        Some(_) => backend.callers(callers),
        None => backend.demo_callers(callers),
    };
    Ok(if secrets.jwt.is_some() { backend } else { backend.demo("JWT_SECRET") })
}

async fn serve(arguments: Arguments, shows_token: bool) -> Result<ExitCode, Box<dyn Error>> {
    let secrets = Secrets::read()?;
    let backend = backend(&secrets).map_err(|error| format!("JWT_SECRET: {error}"))?;
    if arguments.is_check() {
        return Ok(wcs_hooks::run(arguments, backend).await);
    }
    let program = Program::start(arguments, backend)?;
    let url = program.urls().join(", ");
    // Nobody may be there to read it.
    let _ = writeln!(io::stdout(), "listening on {url}");
    if shows_token || secrets.are_demo() {
        demo::print(&url, &secrets.jwt(), &secrets.hooks())?;
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
