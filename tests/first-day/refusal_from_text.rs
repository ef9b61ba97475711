//! A refusal has a status.

use wcs_hooks::{Context, HookResult, StreamHandler, payloads::Stream};

struct Gate;

impl StreamHandler for Gate {
    async fn play_stream(&self, _: Context, _: Stream) -> HookResult<Stream> {
        Err("no such stream")?
    }
}

fn main() {}
