//! `/connection/…`.

use axum::extract::State;

use super::{
    Rest,
    command::{Answer, Answered, Command, needed},
    filter::Filter,
};
use crate::session::Input;

/// What is secret in a connection is shown to nobody: a backend has it anyway.
fn shown(connection: &str) -> String {
    wcs_hooks_protocol::redact::json(connection)
}

pub(super) async fn find(State(rest): State<Rest>, command: Command) -> Answered {
    let object = command.object()?;
    let filter = Filter::of(&object);
    let sessions = rest.shared.hub.sessions().into_iter();
    let found = sessions.filter(|session| filter.takes(&session.connection));
    Ok(Answer::list(&found.map(|session| shown(&session.connection)).collect::<Vec<_>>()))
}

pub(super) async fn find_all(State(rest): State<Rest>) -> Answer {
    let sessions = rest.shared.hub.sessions();
    Answer::list(&sessions.iter().map(|session| shown(&session.connection)).collect::<Vec<_>>())
}

/// Ends a session as if its client had left.
pub(super) async fn terminate(State(rest): State<Rest>, command: Command) -> Answered {
    let session = rest.shared.hub.session(&needed(&command.object()?, "sessionId")?);
    Ok(Answer::done(session.is_some_and(|session| session.mailbox.put(Input::Terminate).is_ok())))
}

/// There is a log of all sessions only: nothing is set.
pub(super) async fn set_log_level(State(rest): State<Rest>, command: Command) -> Answered {
    let session = rest.shared.hub.session(&needed(&command.object()?, "sessionId")?);
    Ok(Answer::done(session.is_some()))
}
