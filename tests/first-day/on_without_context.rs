//! A handler gets the context and the payload.

use wcs_hooks::{AllowAll, Hooks, hook};

fn main() {
    let _ = Hooks::new(AllowAll).on(hook::PublishStream, |stream| async { Ok(stream) });
}
