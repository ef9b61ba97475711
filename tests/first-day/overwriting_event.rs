//! WCS takes nothing from the answer to an event.

use wcs_hooks::{AllowAll, Hooks, hook};

fn main() {
    let _ = Hooks::new(AllowAll).overwriting(hook::StreamStatus, ["name"]);
}
