//! What is registered implements the topic's trait.

use wcs_hooks::{AllowAll, Hooks};

struct Gate;

fn main() {
    let _ = Hooks::new(AllowAll).streams(Gate);
}
