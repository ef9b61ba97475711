//! `wcs-hooks`: simulates a WCS, sends and checks hooks, records and replays them.

mod commands;
mod exit;

use std::process::ExitCode;

use clap::Parser;

use commands::Command;

/// A WCS on the command line: for those who write backends of its REST hooks.
#[derive(Parser)]
#[command(name = "wcs-hooks", version, after_help = exit::HELP)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match arguments.command.run() {
        Ok(exit) => exit.into(),
        Err(problem) => {
            anstream::eprintln!("wcs-hooks: {problem}");
            exit::Exit::Problem.into()
        }
    }
}
