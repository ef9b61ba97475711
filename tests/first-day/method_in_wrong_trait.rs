//! Each topic has a trait.

use wcs_hooks::{CallHandler, Context, HookResult, payloads::Stream};

struct Gate;

impl CallHandler for Gate {
    async fn publish_stream(&self, _: Context, stream: Stream) -> HookResult<Stream> {
        Ok(stream)
    }
}

fn main() {}
