//! Nor in a function given to `on`.

use wcs_hooks::{AllowAll, Hooks, Refusal, hook};

fn main() {
    let _ = Hooks::new(AllowAll).on(hook::StreamStatus, |_, _| async { Err(Refusal::forbidden("no")) });
}
