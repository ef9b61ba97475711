//! Only what the client is told can be hidden from it.

use wcs_hooks::{AllowAll, Hooks, hook};

fn main() {
    let _ = Hooks::new(AllowAll).hiding(hook::PublishStream, ["name"]);
}
