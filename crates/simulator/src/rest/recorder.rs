//! `/recorder/…`, and the older `/stream/startRecording` and `/stream/stopRecording`. Nothing is recorded: which streams are said
//! to be is kept.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use axum::extract::State;
use http::StatusCode;
use wcs_hooks_protocol::{Object, quoted};

use super::{
    Rest,
    command::{Answer, Answered, Command, needed},
};
use crate::{hub::StreamEntry, session::object};

/// The file of each recording, by `mediaSessionId`.
pub(super) type Recordings = Mutex<BTreeMap<String, String>>;

impl Rest {
    /// Acts on the recordings of the streams that are there; those of others have ended.
    fn recordings<T>(&self, act: impl FnOnce(&mut BTreeMap<String, String>, &[StreamEntry]) -> T) -> T {
        let streams = self.shared.hub.streams();
        let mut recordings = self.recordings.lock().unwrap_or_else(PoisonError::into_inner);
        recordings.retain(|id, _| streams.iter().any(|stream| *stream.media_session_id == **id));
        act(&mut recordings, &streams)
    }
}

/// A stream is recorded once at a time: another attempt is answered `500`.
pub(super) async fn startup(State(rest): State<Rest>, command: Command) -> Answered {
    let object = command.object()?;
    let id = needed(&object, "mediaSessionId")?.into_owned();
    rest.recordings(|recordings, streams| {
        let Some(stream) = streams.iter().find(|stream| *stream.media_session_id == *id) else {
            return Ok(Answer::None);
        };
        if recordings.contains_key(&id) {
            return Err(Answer::error(StatusCode::INTERNAL_SERVER_ERROR, "the stream is recorded already"));
        }
        recordings.insert(id, file_name(&object, stream));
        Ok(Answer::Done)
    })
}

pub(super) async fn terminate(State(rest): State<Rest>, command: Command) -> Answered {
    let object = command.object()?;
    let id = needed(&object, "mediaSessionId")?;
    Ok(Answer::done(rest.recordings(|recordings, _| recordings.remove(&*id).is_some())))
}

pub(super) async fn find_all(State(rest): State<Rest>) -> Answer {
    let objects = rest.recordings(|recordings, _| {
        let object = |(id, file): (&String, &String)| {
            object([("fileName", quoted(file)), ("mediaSessionId", quoted(id))])
        };
        recordings.iter().map(object).collect::<Vec<_>>()
    });
    Answer::list(&objects)
}

/// The template with what is known of the stream. Times are left as they stand, since nothing is written.
fn file_name(command: &Object<'_>, stream: &StreamEntry) -> String {
    let config = command.get("config").and_then(|json| Object::parse(json).ok());
    let template = config.as_ref().and_then(|config| config.string("fileTemplate"));
    let template = template.unwrap_or_else(|| "stream-{mediaSessionId}-{streamName}".into());
    let name = template
        .replace("{streamName}", &stream.name)
        .replace("{mediaSessionId}", &stream.media_session_id)
        .replace("{sessionId}", &stream.session_id);
    format!("{name}.mp4")
}
