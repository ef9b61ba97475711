//! A whole backend as a program: [`run`] and [`Program`].

mod lag;
mod listener;
mod operations;
mod reload;
mod weaker;

use std::{
    fmt,
    io::{self, Write},
    net::SocketAddr,
    process::ExitCode,
    sync::Arc,
};

use tokio::task::JoinSet;

use crate::{
    Arguments, Backend, BackendBuilder, Config, ConfigError, HookName, Listening, LogError, Logging, Server,
    ServerError, SetupError, ready, server::MemoryBound,
};
use reload::Current;

/// Serves a backend until it is stopped: the whole of a `main`.
///
/// It reads the [`Config`], logs, prints `listening on http://…`, serves hooks and operations, takes a changed configuration
/// while it runs, and drains on SIGTERM and SIGINT. The exit code is 0 if every hook was answered; 1 if one was cut, or it
/// cannot listen; 2 if the configuration is mistaken. With `--check` it says whether it is, how much memory its settings let
/// peers take, and which hooks are allowed since nobody decides them, and starts nothing.
///
/// The configuration's callers count before those of the code.
///
/// ```no_run
/// use std::process::ExitCode;
/// use wcs_hooks::{AllowAll, Arguments, Backend, Hooks};
///
/// #[tokio::main]
/// async fn main() -> ExitCode {
///     match Arguments::of_program() {
///         Ok((arguments, rest)) if rest.is_empty() => {
///             wcs_hooks::run(arguments, Backend::builder(Hooks::new(AllowAll))).await
///         }
///         Ok((_, rest)) => {
///             eprintln!("unknown arguments: {rest:?}");
///             ExitCode::from(2)
///         }
///         Err(error) => {
///             eprintln!("{error}");
///             ExitCode::from(2)
///         }
///     }
/// }
/// ```
pub async fn run(arguments: Arguments, backend: BackendBuilder) -> ExitCode {
    if arguments.is_check() {
        return match Program::checked(&arguments, backend) {
            Ok((backend, bound)) => {
                say(io::stdout(), format_args!("the configuration is in order\n{bound}"));
                backend.undecided_hooks().for_each(say_undecided);
                ExitCode::SUCCESS
            }
            Err(error) => failed(&error),
        };
    }
    match Program::start(arguments, backend) {
        Ok(program) => {
            say(io::stdout(), format_args!("listening on {}", program.urls().join(", ")));
            program.run().await
        }
        Err(error) => failed(&error),
    }
}

fn failed(error: &StartError) -> ExitCode {
    say(io::stderr(), error);
    error.exit_code()
}

fn say_undecided((app, hooks): (&str, &[HookName])) {
    if !hooks.is_empty() {
        let hooks = hooks.iter().map(|hook| hook.as_str()).collect::<Vec<_>>().join(" ");
        say(
            io::stdout(),
            format_args!("app {app:?} allows, since neither a guard nor a handler decides them: {hooks}"),
        );
    }
}

/// Nobody may be there to read it, which is no reason to panic.
fn say(mut out: impl Write, text: impl fmt::Display) {
    drop(writeln!(out, "{text}"));
}

/// A backend that listens, for programs that have something to do between that and [`Program::run`]. [`run`] does all.
#[must_use = "nothing is answered until it is run"]
pub struct Program {
    server: Listening,
    operations: Option<std::net::TcpListener>,
    current: Arc<Current>,
    _logging: Option<Logging>,
}

impl Program {
    /// Reads the configuration, begins to log, unless the program does already, and listens; also under `--check`: ask
    /// [`Arguments::is_check`] first, and leave that to [`run`].
    ///
    /// # Errors
    /// If the configuration is mistaken, or it cannot listen.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn start(arguments: Arguments, backend: BackendBuilder) -> Result<Self, StartError> {
        let config = arguments.config()?;
        let logging = match config.log.start() {
            Ok(logging) => Some(logging),
            Err(LogError::Started(_)) => None,
            Err(error) => return Err(StartError::Log(error)),
        };
        Ok(Self { _logging: logging, ..Self::listen(arguments, config, backend)? })
    }

    fn listen(arguments: Arguments, config: Config, backend: BackendBuilder) -> Result<Self, StartError> {
        let callers = backend.default_callers();
        let backend = operated(&arguments, &config, backend).build()?;
        let server = Server::new(backend.clone()).settings(config.server.clone()).bind()?;
        let operations = config.operations.listen.map(listen).transpose()?;
        let current = Arc::new(Current::new(arguments, config, backend, callers, server.handle()));
        Ok(Self { server, operations, current, _logging: None })
    }

    /// Whether it would start, as far as that can be known without listening.
    ///
    /// # Errors
    /// If the configuration is mistaken.
    pub fn check(arguments: &Arguments, backend: BackendBuilder) -> Result<(), StartError> {
        Self::checked(arguments, backend).map(drop)
    }

    /// The backend as it would start, and what memory the settings let peers take.
    fn checked(arguments: &Arguments, backend: BackendBuilder) -> Result<(Backend, MemoryBound), StartError> {
        let config = arguments.config()?;
        drop(config.log.subscriber(std::io::sink).map_err(StartError::Log)?);
        let bound = MemoryBound::new(&config.server, &config.backend.limits);
        let backend = operated(arguments, &config, backend).build()?;
        crate::server::check(&config.server)?;
        Ok((backend, bound))
    }

    /// Where it listens for hooks, as [`Listening::urls`].
    #[must_use]
    pub fn urls(&self) -> Vec<String> {
        self.server.urls()
    }

    /// Where it listens for operations; none if [`OperationsSettings::listen`](crate::OperationsSettings) is not set.
    #[must_use]
    pub fn operations(&self) -> Option<SocketAddr> {
        self.operations.as_ref().and_then(|listener| listener.local_addr().ok())
    }

    /// The backend.
    #[must_use]
    pub fn backend(&self) -> &Backend {
        &self.current.backend
    }

    /// Serves until SIGTERM or SIGINT, as [`Listening::run`]; SIGHUP, and a change of a file, let it read the
    /// configuration again. The operations are served to the end of the drain.
    pub async fn run(self) -> ExitCode {
        let mut beside = JoinSet::new();
        beside.spawn(reload::watch(Arc::clone(&self.current)));
        beside.spawn(lag::watch(Arc::clone(&self.current)));
        if let Some(listener) = self.operations {
            beside.spawn(operations::serve(listener, Arc::clone(&self.current)));
        }
        self.server.run().await.into()
    }
}

/// With the configuration. What everybody knows is left in it only where nobody else can call.
fn operated(arguments: &Arguments, config: &Config, backend: BackendBuilder) -> BackendBuilder {
    let backend = backend.operated(config.backend.clone());
    let is_loopback = config.server.listen.iter().all(crate::Listen::is_loopback);
    if arguments.has_file() || !is_loopback {
        return backend;
    }
    for setting in backend.demos() {
        tracing::warn!(setting, "not set: the demo's stands in for it, which everybody knows");
    }
    backend.for_a_trial()
}

fn listen(address: SocketAddr) -> Result<std::net::TcpListener, ServerError> {
    let cannot_listen = |error| ServerError::CannotListen { listen: crate::Listen::Tcp(address), error };
    let listener = std::net::TcpListener::bind(address).map_err(cannot_listen)?;
    listener.set_nonblocking(true).map_err(cannot_listen)?;
    Ok(listener)
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Program").field("server", &self.server).finish_non_exhaustive()
    }
}

/// Why a program does not start.
///
/// ```
/// use wcs_hooks::{AllowAll, Arguments, Backend, Hooks, Program};
///
/// let (arguments, _) = Arguments::take(["--set", "limits.hooks=0"].map(String::from))?;
/// let error = Program::check(&arguments, Backend::builder(Hooks::new(AllowAll))).unwrap_err();
/// assert_eq!(error.to_string(), "limits.hooks: at least 1 is needed");
/// # Ok::<(), wcs_hooks::ConfigError>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// The configuration cannot be read.
    Config(ConfigError),
    /// The backend cannot be built from it.
    Setup(SetupError),
    /// It cannot listen.
    Server(ServerError),
    /// It cannot log.
    Log(LogError),
    /// It was to be read again, and gives up protection that the one in force has: what, and what to do if that is meant.
    /// See [`ReloadSettings::allow_weaker`](crate::ReloadSettings::allow_weaker).
    Weaker(String),
    /// A file of keys cannot be read again: see [`KeyFiles`](crate::ready::KeyFiles).
    Keys(ready::ConfigError),
}

impl StartError {
    /// 1 if it cannot listen, 2 if the configuration is mistaken.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Server(ServerError::CannotListen { .. }) => ExitCode::FAILURE,
            _ => ExitCode::from(2),
        }
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config(error) => error.fmt(f),
            Self::Setup(error) => error.fmt(f),
            Self::Server(error) => error.fmt(f),
            Self::Log(error) => error.fmt(f),
            Self::Keys(error) => error.fmt(f),
            Self::Weaker(what) => write!(f, "weaker than the configuration in force: {what}"),
        }
    }
}

impl std::error::Error for StartError {}

impl From<ConfigError> for StartError {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

impl From<ready::ConfigError> for StartError {
    fn from(error: ready::ConfigError) -> Self {
        Self::Keys(error)
    }
}

impl From<SetupError> for StartError {
    fn from(error: SetupError) -> Self {
        Self::Setup(error)
    }
}

impl From<ServerError> for StartError {
    fn from(error: ServerError) -> Self {
        Self::Server(error)
    }
}

#[cfg(test)]
mod tests;
