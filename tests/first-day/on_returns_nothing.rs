//! A hook that can be changed is answered with its payload.

use wcs_hooks::{AllowAll, Hooks, hook};

fn main() {
    let _ = Hooks::new(AllowAll).on(hook::PublishStream, |_, _| async { Ok(()) });
}
