//! A program with its operations, in a process of its own: see [`crate::faults::child`].

use std::{net::SocketAddr, process::ExitCode};

use wcs_hooks::{AllowAll, Arguments, Backend, Callers, Hooks, Program};

use crate::faults::{
    child::Child,
    raw::{Answer, Raw},
};

/// Runs it in this process, which ends with it, and says `more`. In the code anyone may call.
pub(super) async fn run(flags: &[&str], more: &str) -> ! {
    let operations = ["--set", "operations.listen=127.0.0.1:0"];
    let flags = flags.iter().chain(&operations).map(|&flag| flag.to_owned());
    let backend = Backend::builder(Hooks::new(AllowAll)).callers(Callers::anyone());
    let program = Program::start(Arguments::take(flags).unwrap().0, backend).unwrap();
    let urls = program.urls();
    println!("\nlistening on {}", urls[0].rsplit_once('/').unwrap().1);
    println!("\noperations at {}", program.operations().unwrap());
    println!("\n{more}");
    let is_success = program.run().await == ExitCode::SUCCESS;
    std::process::exit(i32::from(!is_success));
}

/// The program of a test with this name, and where its operations are.
pub(super) async fn of_test(name: &str) -> (Child, SocketAddr) {
    let mut child = Child::of_test(name).await;
    let operations = child.prints("operations at ").await.parse().unwrap();
    (child, operations)
}

pub(super) async fn get(address: SocketAddr, path: &str, host: &str) -> Answer {
    Raw::connect(address).await.ask(format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n")).await
}
