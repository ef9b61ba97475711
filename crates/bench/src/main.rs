//! Measures both ends against yardsticks: `cargo run --release -p wcs-hooks-bench`.
//!
//! Two processes of one thread, each on a core of its own: the parent is measured when it sends, the child when it
//! serves. Variants take turns within a round; what counts is the ratio of their medians in the same run.

mod commands;
mod load;
mod process;
mod report;
mod senders;
mod servers;

use clap::Parser;

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

fn main() {
    let CommandLine { rounds, command } = CommandLine::parse();
    match command {
        None => run(PARENT_CORE, report::measure_all(rounds)),
        Some(Command::Instructions { idle }) => run(CHILD_CORE, servers::answer_in_process(idle)),
        Some(Command::Serve { receivers }) => run(CHILD_CORE, servers::serve(&receivers)),
    }
}
