//! A handler is async.

use wcs_hooks::{AllowAll, Hooks, hook};

fn main() {
    let _ = Hooks::new(AllowAll).on(hook::PublishStream, |_, stream| Ok(stream));
}
