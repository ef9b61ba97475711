//! `/data/send`.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;

use super::{
    Rest,
    command::{Answer, Answered, Command, needed, texts},
};
use crate::session::Input;

/// The most sessions that one command is about.
const MOST_SESSIONS: usize = 100_000;

/// Sends data to sessions. Found is one at least: which of many are not, the vendor's docs leave open.
pub(super) async fn send(State(rest): State<Rest>, command: Command) -> Answered {
    let object = command.object()?;
    let operation_id = Arc::<str>::from(needed(&object, "operationId")?);
    let mut sessions = texts(&object, "sessionIds");
    sessions.extend(object.string("sessionId").map(Into::into));
    if sessions.is_empty() || sessions.len() > MOST_SESSIONS {
        let why = format!("`sessionId` is missing, or `sessionIds` with 1 to {MOST_SESSIONS}");
        return Err(Answer::error(StatusCode::BAD_REQUEST, why));
    }
    // One copy for all of them.
    let payload = Arc::<str>::from(object.get("payload").unwrap_or("null"));
    let mut is_delivered = false;
    for session in sessions {
        let Some(member) = rest.shared.hub.session(&session) else { continue };
        let data = Input::Data { operation_id: Arc::clone(&operation_id), payload: Arc::clone(&payload) };
        is_delivered |= member.mailbox.put(data).is_ok();
    }
    Ok(Answer::done(is_delivered))
}
