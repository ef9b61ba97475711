//! `/stream/…`.

use std::sync::Arc;

use axum::extract::State;
use wcs_hooks_protocol::{info, quoted};

use super::{
    Rest,
    command::{Answer, Answered, Command, needed},
    filter::Filter,
};
use crate::{
    hub::StreamEntry,
    session::{Input, PICTURE},
};

/// The type of a stream's event that carries data. Spec §6.2.
const DATA: &str = "data";

impl Rest {
    fn streams(&self, command: &Command) -> Result<Vec<StreamEntry>, Answer> {
        let object = command.object()?;
        let filter = Filter::of(&object);
        let mut streams = self.shared.hub.streams();
        streams.retain(|stream| filter.takes(&stream.fields));
        Ok(streams)
    }
}

pub(super) async fn find(State(rest): State<Rest>, command: Command) -> Answered {
    let objects: Vec<_> = rest.streams(&command)?.into_iter().map(|stream| stream.fields).collect();
    Ok(Answer::list(&objects))
}

pub(super) async fn find_all(State(rest): State<Rest>) -> Answer {
    let objects: Vec<_> = rest.shared.hub.streams().into_iter().map(|stream| stream.fields).collect();
    Answer::list(&objects)
}

/// Ends streams; without a filter, all of them.
pub(super) async fn terminate(State(rest): State<Rest>, command: Command) -> Answered {
    let streams = rest.streams(&command)?;
    for stream in &streams {
        let ended = Input::StreamEnded {
            media_session_id: Arc::clone(&stream.media_session_id),
            info: info::stream::STOPPED_BY_REST_TERMINATE,
        };
        let _ = stream.mailbox.put(ended);
    }
    Ok(Answer::done(!streams.is_empty()))
}

/// Sends data to those who play a stream.
pub(super) async fn send_event(State(rest): State<Rest>, command: Command) -> Answered {
    let object = command.object()?;
    let name = needed(&object, "streamName")?;
    if !rest.shared.hub.is_playable(&name) {
        return Ok(Answer::None);
    }
    let (kind, payload) = (Arc::<str>::from(DATA), Arc::<str>::from(object.get("payload").unwrap_or("null")));
    for player in rest.shared.hub.players_of(&name) {
        let event = Input::StreamEvent {
            media_session_id: player.media_session_id,
            kind: Arc::clone(&kind),
            payload: Arc::clone(&payload),
        };
        let _ = player.mailbox.put(event);
    }
    Ok(Answer::Done)
}

/// A picture of a stream: the same for each.
pub(super) async fn snapshot(State(rest): State<Rest>, command: Command) -> Answered {
    let object = command.object()?;
    let is_there = rest.shared.hub.is_playable(&needed(&object, "streamName")?);
    Ok(if is_there { Answer::Json(quoted(PICTURE)) } else { Answer::None })
}
