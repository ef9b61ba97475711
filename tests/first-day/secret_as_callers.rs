//! How callers prove who they are is said.

use wcs_hooks::{AllowAll, Backend, Hooks};

fn main() {
    let _ = Backend::builder(Hooks::new(AllowAll)).callers("1234567890").build();
}
