//! Foreign peers, which `tests/install-peers` installs.

mod check;
mod curl;
mod echo;
mod examples;
mod haproxy;
mod nginx;
mod record;
mod scanners;

use std::process::Stdio;

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

/// A server of another language; it is killed when it is dropped.
struct Foreign {
    _process: Child,
    port: u16,
}

impl Foreign {
    /// Starts a script that prints its port.
    async fn start(interpreter: &str, script: &str) -> Self {
        let mut command = Command::new(interpreter);
        command.arg(format!("{}/peers/{script}", env!("CARGO_MANIFEST_DIR")));
        let mut process =
            command.stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let port = lines.next_line().await.unwrap().expect("the script prints its port");
        Self { _process: process, port: port.parse().unwrap() }
    }

    /// Starts a program that says on standard error that it listens at `http://…`, and goes on saying things.
    async fn saying_its_address(mut command: Command) -> Self {
        let mut process =
            command.stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let port = loop {
            let line = lines.next_line().await.unwrap().expect("it says where it listens");
            if let Some((_, address)) = line.split_once("http://127.0.0.1:") {
                break address.split(')').next().unwrap().parse().unwrap();
            }
        };
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Self { _process: process, port }
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}/apps/EchoApp", self.port)
    }
}
