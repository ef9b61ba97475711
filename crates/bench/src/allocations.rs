//! How often a call allocates. The allocator that counts takes a lock and walks the stack, so it is behind a feature.

use dhat::{Alloc, HeapStats, Profiler};

use crate::servers::answer_in_process;

const CALLS: u32 = 2000;

#[global_allocator]
static ALLOCATOR: Alloc = Alloc;

/// In process, without HTTP; what is spent on making requests is subtracted.
pub(crate) async fn print() {
    let _counting = Profiler::builder().testing().build();
    // What is allocated once.
    answer_in_process(1, false).await;
    let ([blocks, bytes], idle) = (count(false).await, count(true).await);
    println!(
        "a call with everything on allocates {:.1} times, {:.0} bytes",
        blocks - idle[0],
        bytes - idle[1]
    );
}

/// Blocks and bytes of a call.
async fn count(idle: bool) -> [f64; 2] {
    let before = HeapStats::get();
    answer_in_process(CALLS, idle).await;
    let after = HeapStats::get();
    let grown = [after.total_blocks - before.total_blocks, after.total_bytes - before.total_bytes];
    #[allow(clippy::cast_precision_loss, reason = "they are small")]
    grown.map(|grown| grown as f64 / f64::from(CALLS))
}
