//! Who may come in is decided by somebody.

use wcs_hooks::{ConnectHandler, Hooks};

struct Door;

impl ConnectHandler for Door {}

fn main() {
    let _ = Hooks::new(Door);
}
