//! Nothing is taken from the answer to an event.

use wcs_hooks::{Context, HookResult, StreamHandler, payloads::Stream};

struct Log;

impl StreamHandler for Log {
    async fn stream_status(&self, _: Context, stream: Stream) -> HookResult<Stream> {
        Ok(stream)
    }
}

fn main() {}
