//! A guard checks all of its hooks: it cannot be registered for one of them only.

use wcs_hooks::{
    Hooks,
    ready::{JwtAuth, StreamTokens, Verifier},
};

fn main() {
    let verifier = Verifier::builder().secret("at least 32 bytes, known to few.").build().unwrap();
    let _ = Hooks::new(StreamTokens::new(JwtAuth::new(verifier)));
}
