//! Measures both ends against yardsticks: `cargo run --release -p wcs-hooks-bench`.
//!
//! Two processes of one thread, each on a core of its own: the parent is measured when it sends, the child when it
//! serves. Variants take turns within a round; what counts is the ratio of their medians in the same run.

#[cfg(feature = "allocations")]
mod allocations;
mod closed_loop;
mod commands;
mod connection;
mod hostile;
mod idle_memory;
mod latency;
mod limits;
mod open_loop;
mod process;
mod report;
mod requests;
mod senders;
mod servers;
mod soak;
mod storm;

use std::{io, process::ExitCode};

use clap::Parser;

use closed_loop::Client;
use commands::{Command, CommandLine};

const PARENT_CORE: usize = 1;
const CHILD_CORE: usize = 0;

/// One thread on one core.
fn run<T>(core: usize, future: impl Future<Output = T>) -> T {
    let is_pinned = core_affinity::set_for_current(core_affinity::CoreId { id: core });
    if !is_pinned {
        eprintln!("could not pin to core {core}: figures will be noisier");
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(future)
}

fn main() -> io::Result<ExitCode> {
    let CommandLine { rounds, sleeping_client, command } = CommandLine::parse();
    let client = if sleeping_client { Client::Sleeping } else { Client::Awake };
    match command {
        None => run(PARENT_CORE, report::measure_all(rounds, client)),
        Some(Command::Load(load)) => run(PARENT_CORE, load.run())?,
        Some(Command::Storm(storm)) => run(PARENT_CORE, storm.run())?,
        Some(Command::IdleMemory(idle)) => run(PARENT_CORE, idle.run())?,
        Some(Command::Soak(soak)) => return Ok(run(PARENT_CORE, soak.run())),
        Some(Command::Instructions { idle }) => run(CHILD_CORE, servers::answer_in_process(20_000, idle)),
        #[cfg(feature = "allocations")]
        Some(Command::Allocations) => run(CHILD_CORE, allocations::print()),
        Some(Command::Serve { receivers }) => run(CHILD_CORE, servers::serve(&receivers)),
    }
    Ok(ExitCode::SUCCESS)
}
