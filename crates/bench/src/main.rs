//! Measures both ends against yardsticks: `cargo run --release -p wcs-hooks-bench`.
//!
//! Two processes of one thread, each on a core of its own: the parent is measured when it sends, the child when it
//! serves. Variants take turns within a round; what counts is the ratio of their medians in the same run.

mod load;
mod report;
mod senders;
mod servers;

use std::{env, process::ExitCode};

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

fn main() -> ExitCode {
    let mut args = env::args().skip(1);
    match args.next().as_deref() {
        Some("serve") => run(CHILD_CORE, servers::serve_all()),
        Some("instructions") => run(CHILD_CORE, servers::answer_in_process(args.next().is_some())),
        None => run(PARENT_CORE, report::measure_all(15)),
        Some(rounds) => match rounds.parse() {
            Ok(rounds) if rounds > 0 => run(PARENT_CORE, report::measure_all(rounds)),
            _ => {
                eprintln!("usage: wcs-hooks-bench [rounds | instructions [idle]]");
                return ExitCode::from(2);
            }
        },
    }
    ExitCode::SUCCESS
}
