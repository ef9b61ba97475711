//! Handlers run on any thread: what they hold while they wait must be `Send`.

use std::rc::Rc;

use wcs_hooks::{Context, HookResult, StreamHandler, payloads::Stream};

struct Gate;

impl StreamHandler for Gate {
    async fn publish_stream(&self, _: Context, stream: Stream) -> HookResult<Stream> {
        let name = Rc::new(stream.name.clone());
        look_up().await;
        drop(name);
        Ok(stream)
    }
}

async fn look_up() {}

fn main() {}
