//! The programs of the examples.

use std::{
    collections::HashMap,
    path::PathBuf,
    process::{Command, ExitStatus, Stdio},
    sync::OnceLock,
    time::Duration,
};

use serde::Deserialize;
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout},
};

const EXAMPLES: [&str; 7] =
    ["token-auth", "password-sip", "stream-alias", "call-redirect", "event-log", "rooms", "drive"];

/// The command-line program, which the tests with foreign peers need too.
const PACKAGES: &[&str] = if cfg!(feature = "peers") { &["wcs-hooks-cli"] } else { &[] };

/// Variables that change what an example does.
const VARIABLES: [&str; 3] = ["JWT_SECRET", "JWT_SECRET_FILE", "WCS_HOOKS_SECRET"];

/// What cargo says of a program that it has built.
#[derive(Deserialize)]
struct Artifact {
    executable: Option<PathBuf>,
}

/// Where the program of an example is. All are built when the first is asked for.
fn path_of(example: &str) -> &'static PathBuf {
    static PROGRAMS: OnceLock<HashMap<String, PathBuf>> = OnceLock::new();
    &PROGRAMS.get_or_init(build)[example]
}

fn build() -> HashMap<String, PathBuf> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--message-format", "json-render-diagnostics", "--bins"]);
    cargo.args(EXAMPLES.iter().chain(PACKAGES).flat_map(|package| ["--package", package]));
    let output = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).stderr(Stdio::inherit()).output().unwrap();
    assert!(output.status.success(), "the examples do not compile");
    let lines = String::from_utf8(output.stdout).unwrap();
    let artifacts = lines.lines().map(|line| serde_json::from_str::<Artifact>(line).unwrap());
    let programs = artifacts.filter_map(|artifact| artifact.executable);
    programs.map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), path)).collect()
}

/// A running example; it is killed when it is dropped.
pub(crate) struct Program {
    process: Child,
    lines: Lines<BufReader<ChildStdout>>,
    /// Where it listens.
    pub(crate) url: String,
}

impl Program {
    /// Starts an example on a free port.
    pub(crate) async fn start(example: &str, arguments: &[&str]) -> Self {
        Self::start_with(example, arguments, &[]).await
    }

    /// The same with variables of its environment.
    pub(crate) async fn start_with(example: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut command = command(example);
        command.envs(variables.iter().copied()).args(["--listen", "127.0.0.1:0"]).args(arguments);
        Self::started(command.stderr(Stdio::null())).await
    }

    /// The same, whose log is to be [collected](Self::collect).
    #[cfg(feature = "peers")]
    pub(crate) async fn start_logging(example: &str, arguments: &[&str]) -> Self {
        let mut command = command(example);
        Self::started(command.args(["--listen", "127.0.0.1:0"]).args(arguments).stderr(Stdio::piped())).await
    }

    async fn started(command: &mut tokio::process::Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let first = lines.next_line().await.unwrap().expect("it says where it listens");
        let url = first.strip_prefix("listening on ").expect("it says where it listens").to_owned();
        Self { process, lines, url }
    }

    /// Collects what it logs until it ends.
    #[cfg(feature = "peers")]
    pub(crate) fn collect(&mut self) -> tokio::task::JoinHandle<Vec<String>> {
        let mut lines = BufReader::new(self.process.stderr.take().expect("a log to be collected")).lines();
        tokio::spawn(async move {
            let mut logged = Vec::new();
            while let Ok(Some(line)) = lines.next_line().await {
                logged.push(line);
            }
            logged
        })
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let pid = self.process.id().expect("it has not been waited for");
        let pid = rustix::process::Pid::from_raw(pid.try_into().expect("a process's id")).expect("not zero");
        rustix::process::kill_process(pid, signal).expect("it is ours");
    }

    /// How it ended, if it has.
    #[cfg(feature = "peers")]
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.process.try_wait().expect("a child")
    }

    /// How it ends.
    #[cfg(feature = "peers")]
    pub(crate) async fn wait(&mut self) -> ExitStatus {
        self.process.wait().await.expect("a child")
    }

    /// Ends it by SIGTERM; its exit code. Nobody has read what it still printed.
    pub(crate) async fn stop(mut self) -> Option<i32> {
        self.signal(rustix::process::Signal::TERM);
        let ended = tokio::time::timeout(Duration::from_secs(20), self.process.wait()).await;
        ended.expect("it ends").expect("a child").code()
    }

    /// Nobody is there any more who could read what it prints.
    pub(crate) fn close_stdout(&mut self) {
        let (nothing, _) = std::io::pipe().expect("a pipe");
        let nothing =
            ChildStdout::from_std(std::process::ChildStdout::from(std::os::fd::OwnedFd::from(nothing)));
        self.lines = BufReader::new(nothing.expect("a pipe")).lines();
    }

    /// The next line that it prints.
    pub(crate) async fn line(&mut self) -> String {
        let lines = &mut self.lines;
        lines.next_line().await.unwrap().expect("it is still running")
    }

    /// The line behind the first one that starts so.
    pub(crate) async fn line_after(&mut self, start: &str) -> String {
        while !self.line().await.starts_with(start) {}
        self.line().await
    }
}

/// An example, or `wcs-hooks` in the tests with foreign peers.
pub(crate) fn command(example: &str) -> tokio::process::Command {
    let mut command = tokio::process::Command::new(path_of(example));
    for variable in VARIABLES {
        command.env_remove(variable);
    }
    command.kill_on_drop(true);
    command
}

/// Runs an example to its end; gives what it printed.
pub(crate) async fn run(example: &str, arguments: &[&str]) -> (ExitStatus, String) {
    run_with(example, arguments, &[]).await
}

/// The same with variables of its environment.
pub(crate) async fn run_with(
    example: &str,
    arguments: &[&str],
    variables: &[(&str, &str)],
) -> (ExitStatus, String) {
    let mut command = command(example);
    command.envs(variables.iter().copied());
    let output = command.args(arguments).stderr(Stdio::null()).output().await.unwrap();
    (output.status, String::from_utf8(output.stdout).unwrap())
}
