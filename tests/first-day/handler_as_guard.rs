//! A handler is no guard by itself: which of its methods check is said by `Checks`.

use wcs_hooks::{AllowAll, Hooks};

fn main() {
    let _ = Hooks::guarded(AllowAll);
}
