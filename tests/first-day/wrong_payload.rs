//! A stream's hook carries a stream.

use wcs_hooks::{Context, HookResult, StreamHandler, payloads::Call};

struct Gate;

impl StreamHandler for Gate {
    async fn publish_stream(&self, _: Context, call: Call) -> HookResult<Call> {
        Ok(call)
    }
}

fn main() {}
