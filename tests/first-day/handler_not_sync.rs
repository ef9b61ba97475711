//! Handlers are shared by all calls.

use std::cell::Cell;

use wcs_hooks::{Context, HookResult, StreamHandler, payloads::Stream};

struct Gate {
    published: Cell<u32>,
}

impl StreamHandler for Gate {
    async fn publish_stream(&self, _: Context, stream: Stream) -> HookResult<Stream> {
        self.published.set(self.published.get() + 1);
        Ok(stream)
    }
}

fn main() {}
