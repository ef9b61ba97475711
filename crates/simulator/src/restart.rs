//! A WCS that goes away, and clients that do: [`Restart`].

use serde::Deserialize;
use uuid::Uuid;

use crate::{Gateway, session::Input};

/// How a WCS ends before it is there again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Restart {
    /// It is gone at once: all connections are lost, and the backend hears nothing of it.
    Crash,
    /// It is stopped: the backend is told of the end of every stream, call and session.
    Orderly,
}

impl Gateway {
    /// Ends all sessions as if WCS was started anew. Clients can connect again at once. Gives how many sessions there were; they
    /// end one by one when they have handled what they are at. Those that are
    /// still connecting are gone after a crash, and spared otherwise.
    ///
    /// ```
    /// use wcs_hooks_simulator::{Gateway, Restart};
    ///
    /// fn crash(gateway: &Gateway) -> String {
    ///     gateway.restart(Restart::Crash);
    ///     gateway.renew_node_id()
    /// }
    /// ```
    pub fn restart(&self, how: Restart) -> usize {
        let hub = &self.shared.hub;
        let sessions = match how {
            Restart::Crash => hub.crash(),
            Restart::Orderly => hub.sessions(),
        };
        for session in &sessions {
            let _ = session.mailbox.put(match how {
                Restart::Crash => Input::Vanish,
                Restart::Orderly => Input::Terminate,
            });
        }
        sessions.len()
    }

    /// Takes another random `nodeId` at the same address, and gives it. See [`Gateway::set_node_id`].
    pub fn renew_node_id(&self) -> String {
        let before = self.node_id();
        let id = Uuid::new_v4().simple().to_string();
        let id = match before.rsplit_once('@') {
            Some((_, address)) => format!("{id}@{address}"),
            None => id,
        };
        self.set_node_id(id.clone());
        id
    }
}
