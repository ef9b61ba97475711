//! Methods have Rust's names, not those on the wire.

use wcs_hooks::{Context, HookResult, StreamHandler, payloads::Stream};

struct Gate;

impl StreamHandler for Gate {
    async fn publishStream(&self, _: Context, stream: Stream) -> HookResult<Stream> {
        Ok(stream)
    }
}

fn main() {}
