//! A chat, and rooms with streams: the backend of the SDK's room API.
//!
//! Run with
//!
//! ```text
//! cargo run -p rooms
//! ```

mod command;
mod deliver;
mod hall;
mod handlers;
mod options;
mod page;
mod rooms;

use std::{
    env,
    error::Error,
    io::{self, Write},
    process::ExitCode,
    time::Duration,
};

use wcs_hooks::{
    Arguments, Backend, BackendBuilder, Callers, ConnectHandler, Context, HookResult, Hooks, Program,
    Refusal, Secret, Unhandled,
    payloads::Connection,
    ready::{Claims, ConfigError, JwtAuth, Verifier},
    registry::Registry,
};

use hall::Hall;
use handlers::Handlers;
use options::{Options, USAGE};

/// Of the SDK's room API.
const APP_KEY: &str = "roomApp";

/// WCS signs with `WCS_HOOKS_SECRET`. For a trial on this machine anyone may call.
fn backend(hooks: Hooks) -> BackendBuilder {
    let backend = Backend::builder(hooks);
    match env::var("WCS_HOOKS_SECRET") {
        Ok(secret) => backend.callers(Callers::signed([secret])),
        Err(_) => backend.demo_callers(Callers::anyone()),
    }
}

/// Signs tokens; none are wanted if it is not set.
fn jwt_secret() -> Option<Secret> {
    env::var("JWT_SECRET").ok().map(Secret::from)
}

/// Without a secret, for a trial on this machine, anybody may come under any login.
fn tokens() -> Result<Option<JwtAuth>, ConfigError> {
    let auth = |secret: Secret| Ok(JwtAuth::new(Verifier::builder().secret(secret).build()?));
    jwt_secret().map(auth).transpose()
}

/// A token that lets in who is called so, for twelve hours.
fn print_token(login: &str) -> Result<ExitCode, Box<dyn Error>> {
    let secret = jwt_secret().ok_or("--token: JWT_SECRET is not set, so that no token is wanted")?;
    println!("{}", Claims::new().subject(login).expiring_in(Duration::from_hours(12)).sign(&secret)?);
    Ok(ExitCode::SUCCESS)
}

/// Of all other apps.
struct Nobody;

impl ConnectHandler for Nobody {
    async fn connect(&self, _: Context, _: Connection) -> HookResult<Connection> {
        Err(Refusal::forbidden("rooms are in the app roomApp"))
    }
}

async fn serve(arguments: Arguments, options: Options) -> Result<ExitCode, Box<dyn Error>> {
    if let Some(login) = &options.token {
        return print_token(login);
    }
    let tokens = tokens().map_err(|error| format!("JWT_SECRET: {error}"))?;
    let has_tokens = tokens.is_some();
    let handlers = Handlers {
        hall: Hall::new(options.limits.clone(), options.rest_client()?),
        registry: Registry::new(),
        tokens,
        has_vendor_fixtures: options.has_vendor_fixtures,
    };
    let others = Hooks::new(Nobody).unhandled(Unhandled::Refuse);
    let backend = backend(others).app(APP_KEY, handlers.hooks());
    let backend = if has_tokens { backend } else { backend.demo("JWT_SECRET") };
    if arguments.is_check() {
        return Ok(wcs_hooks::run(arguments, backend).await);
    }
    let program = Program::start(arguments, backend)?;
    let (url, page) = (program.urls().join(", "), page::serve(options.page).await?);
    // Nobody may be there to read it.
    let _ = writeln!(io::stdout(), "listening on {url}\nthe page is at {page}");
    Ok(program.run().await)
}

#[tokio::main]
async fn main() -> ExitCode {
    let given = Arguments::of_program().map_err(|error| error.to_string());
    let (arguments, options) = match given.and_then(|(arguments, rest)| Ok((arguments, Options::read(rest)?)))
    {
        Ok(read) => read,
        Err(mistake) => {
            eprintln!("rooms: {mistake}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    serve(arguments, options).await.unwrap_or_else(|error| {
        eprintln!("rooms: {error}");
        ExitCode::FAILURE
    })
}
