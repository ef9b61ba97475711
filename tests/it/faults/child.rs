//! A server in a process of its own.
//!
//! Its program is this test program, started again to run the same test alone; by a variable that test finds out that it is
//! to serve. So there is no other program to build.

use std::{
    env, fs,
    net::SocketAddr,
    process::{ExitCode, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child as Process, ChildStdout, Command},
    task::spawn_blocking,
};
use wcs_hooks::{Backend, Hooks, Listen, Server, ServerSettings, Settings};

use super::raw::soon;

const VARIABLE: &str = "WCS_HOOKS_TEST_SERVES";

/// Whether this process is to [`serve`].
pub(crate) fn is_child() -> bool {
    env::var_os(VARIABLE).is_some()
}

/// As many file descriptors as are allowed; how many that is.
pub(crate) fn raise_limit() -> u64 {
    rlimit::increase_nofile_limit(u64::MAX).unwrap()
}

/// Serves until a signal, and ends the process as a server's process ends.
pub(crate) async fn serve(hooks: Hooks, server: ServerSettings, settings: Settings) -> ! {
    let backend = Backend::builder(hooks).settings(settings).build().unwrap();
    let listening = Server::new(backend).settings(server).bind().unwrap();
    let Listen::Tcp(address) = listening.addresses()[0] else { panic!("it listens to TCP") };
    println!("\nlistening on {address}");
    let drained = listening.run().await;
    println!("\ncut {}", drained.cut);
    let is_success = ExitCode::from(drained) == ExitCode::SUCCESS;
    std::process::exit(i32::from(!is_success));
}

/// In the child, until the test lets it go on: [`Child::tell`].
pub(crate) async fn told() {
    spawn_blocking(|| std::io::stdin().read_line(&mut String::new())).await.unwrap().unwrap();
}

/// It is killed when it is dropped.
pub(crate) struct Child {
    process: Process,
    lines: Lines<BufReader<ChildStdout>>,
    /// Where it listens for hooks.
    pub(crate) address: SocketAddr,
}

impl Child {
    /// Runs the test of this name, as `faults::file::test`, in a process of its own, where [`is_child`] holds.
    pub(crate) async fn of_test(name: &str) -> Self {
        Self::logging_to(name, Stdio::null()).await
    }

    pub(crate) async fn logging_to(name: &str, log: Stdio) -> Self {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args([name, "--exact", "--nocapture"]).env(VARIABLE, "yes").kill_on_drop(true);
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let address = value_of(&mut lines, "listening on ").await.parse().unwrap();
        Self { process, lines, address }
    }

    fn id(&self) -> u32 {
        self.process.id().expect("it runs")
    }

    /// The file descriptors that it has open.
    pub(crate) fn descriptors(&self) -> usize {
        fs::read_dir(format!("/proc/{}/fd", self.id())).unwrap().count()
    }

    /// What it has in memory, in bytes.
    pub(crate) fn memory(&self) -> usize {
        self.status("VmRSS:")
    }

    /// The most that it has had in memory, in bytes.
    pub(crate) fn peak_memory(&self) -> usize {
        self.status("VmHWM:")
    }

    fn status(&self, name: &str) -> usize {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap();
        let value = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        value.trim().strip_suffix(" kB").unwrap().parse::<usize>().unwrap() * 1024
    }

    pub(crate) fn send(&self, signal: Signal) {
        kill_process(Pid::from_raw(self.id().try_into().unwrap()).unwrap(), signal).unwrap();
    }

    /// Until it prints a line that begins with these words; what stands behind them.
    pub(crate) async fn prints(&mut self, words: &str) -> String {
        value_of(&mut self.lines, words).await
    }

    /// Ends a [`told`] of the process.
    pub(crate) async fn tell(&mut self) {
        self.process.stdin.as_mut().unwrap().write_all(b"\n").await.unwrap();
    }

    /// What it still prints, and its exit code.
    pub(crate) async fn end(mut self) -> (Vec<String>, Option<i32>) {
        let mut printed = Vec::new();
        soon("the end of the process", async {
            while let Some(line) = self.lines.next_line().await.unwrap() {
                printed.push(line);
            }
            let status = self.process.wait().await.unwrap();
            (printed, status.code())
        })
        .await
    }

    /// Ends it by SIGTERM; nothing is cut.
    pub(crate) async fn stop_in_order(self) {
        self.send(Signal::TERM);
        let (printed, code) = self.end().await;
        assert!(code == Some(0) && printed.contains(&"cut 0".into()), "{code:?} {printed:?}");
    }
}

/// What stands behind these words in the first line that begins with them.
async fn value_of(lines: &mut Lines<BufReader<ChildStdout>>, words: &str) -> String {
    soon("a line of the process", async {
        loop {
            let line = lines.next_line().await.unwrap().expect("it is still running");
            if let Some(value) = line.strip_prefix(words) {
                return value.to_owned();
            }
        }
    })
    .await
}
