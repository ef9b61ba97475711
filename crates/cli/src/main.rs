//! `wcs-hooks`: simulates a WCS, sends and checks hooks, records and replays them.

mod causes;
mod commands;
mod exit;
mod fields;
mod open_files;
mod output;
mod recording;
mod secrets;
mod signals;
mod target;
mod usage;

use std::process::ExitCode;

use clap::Parser;

use commands::Command;
use output::Output;

/// A WCS on the command line: for those who write backends of its REST hooks.
#[derive(Parser)]
#[command(name = "wcs-hooks", version, after_help = exit::HELP)]
struct Arguments {
    #[command(flatten)]
    output: Output,
    #[command(subcommand)]
    command: Command,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::try_parse().unwrap_or_else(|error| usage::without_secrets(error).exit());
    let output = arguments.output;
    output.set_up();
    match arguments.command.run(&output).await {
        Ok(exit) => exit.into(),
        Err(problem) => match problem.downcast::<clap::Error>() {
            Ok(wrong) => wrong.exit(),
            Err(problem) => {
                output.problem(&*problem);
                exit::Exit::Problem.into()
            }
        },
    }
}
