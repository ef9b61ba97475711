//! Sessions that outlive their connection, because the client asked for it by `keepAlive`. Spec §7.2.
//!
//! The client comes back by the `authToken` that it was given. The spec is silent on what the backend is told then: here,
//! nothing, since the session is the same.

use tokio::time::{Instant, sleep_until};
use wcs_hooks_dispatcher::Verdict;
use wcs_hooks_protocol::Object;

use super::{Client, Input, Session, fields::is};
use crate::{
    frame::{Frame, FrameError, name},
    gateway::Shared,
    outbox::Outbox,
};

/// What a client that comes back is told.
pub(super) struct Kept {
    pub(super) user_data: String,
}

/// The connection of a session.
pub(super) enum Link {
    Open(Client),
    /// It is gone; the session waits for another.
    Lost {
        until: Instant,
    },
}

impl Link {
    /// The next frame; `None` if there will be none.
    pub(super) async fn next(&mut self) -> Option<Result<Frame, FrameError>> {
        match self {
            Self::Open(client) => client.frames.recv().await,
            Self::Lost { until } => {
                sleep_until(*until).await;
                None
            }
        }
    }
}

/// Hands a client to the session that is kept for its token, if there is one.
///
/// # Errors
/// With the client, if there is none.
pub(super) fn hand_over(
    shared: &Shared,
    app_key: &str,
    connection: &Object<'_>,
    client: Client,
) -> Result<(), Client> {
    let token = connection.string("authToken");
    let kept = token.and_then(|token| shared.hub.kept(&token)).filter(|kept| *kept.app_key == *app_key);
    match kept {
        Some(kept) => {
            // If the session ends at this moment, the client is disconnected and connects once more.
            let _ = kept.mailbox.put(Input::Return(client));
            Ok(())
        }
        None => Err(client),
    }
}

impl Session {
    /// The session outlives its connection from now on, if the client asked for it.
    pub(super) fn keep(&mut self, established: &Verdict, user_data: &str) {
        let Ok(connection) = Object::parse(established.fields()) else { return };
        let token = connection.string("authToken");
        let (Some(token), Some(true)) = (token, is(&connection, "keepAlive")) else { return };
        self.shared.hub.keep(&token, &self.id);
        self.kept = Some(Kept { user_data: user_data.to_owned() });
    }

    /// The connection is gone: how the session goes on, if it does.
    pub(super) fn lost(&mut self, link: &Link) -> Option<Link> {
        if self.kept.is_none() || matches!(link, Link::Lost { .. }) {
            return None;
        }
        self.outbox = Outbox::closed();
        Some(Link::Lost { until: Instant::now() + self.shared.limits.kept_for })
    }

    /// The client is back.
    pub(super) fn resume(&mut self, client: Client) -> Link {
        self.outbox = client.outbox.clone();
        if let Some(kept) = &self.kept {
            self.tell(&Frame::new(name::USER_DATA, [kept.user_data.clone()]));
        }
        if self.shared.hub.is_registered(&self.id) {
            self.tell_registered();
        }
        Link::Open(client)
    }
}
