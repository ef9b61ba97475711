//! Mistakes in the configuration are errors at the start.

use wcs_hooks::{AllowAll, Backend, Callers, Hooks};

fn main() {
    let backend = Backend::builder(Hooks::new(AllowAll)).callers(Callers::anyone()).build();
    let _: axum::Router = backend.into_router();
}
