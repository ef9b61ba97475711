//! What has happened cannot be refused.

use wcs_hooks::{Context, EventResult, Refusal, StreamHandler, payloads::Stream};

struct Log;

impl StreamHandler for Log {
    async fn stream_status(&self, _: Context, _: Stream) -> EventResult {
        Err(Refusal::forbidden("no"))
    }
}

fn main() {}
