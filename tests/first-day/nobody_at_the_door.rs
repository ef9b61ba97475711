//! There is no backend without a handler of `connect`.

use wcs_hooks::Hooks;

fn main() {
    let _ = Hooks::new();
}
