//! A session opens with `connect`, and never again.

use wcs_hooks::{hook, payloads::Connection};
use wcs_hooks_dispatcher::Session;

async fn drive(session: Session) {
    session.send(hook::Connect, Connection::default()).await;
}

fn main() {}
