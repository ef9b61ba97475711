//! A hook is sent with its payload.

use wcs_hooks::{hook, payloads::Call};
use wcs_hooks_dispatcher::Session;

async fn drive(session: Session) {
    session.send(hook::PublishStream, Call::default()).await;
}

fn main() {}
