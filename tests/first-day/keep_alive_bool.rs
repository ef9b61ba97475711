//! Whether a stream goes on is said in words.

use wcs_hooks::{Context, KeepAliveResult, StreamHandler, payloads::Stream};

struct Gate;

impl StreamHandler for Gate {
    async fn stream_keep_alive(&self, _: Context, _: Stream) -> KeepAliveResult {
        Ok(true)
    }
}

fn main() {}
