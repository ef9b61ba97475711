//! Streams: published, played, stopped, killed. There is no media; a status follows as soon as the backend agrees. Spec
//! §7.3, §7.4.

use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use wcs_hooks_protocol::{
    HookName, Object, info, quoted,
    status::{MediaProvider, StreamStatus},
};

use super::{
    Input, Session,
    fields::{Fields, is, object},
};
use crate::{
    frame::{Frame, name},
    hub::StreamEntry,
};

/// One grey pixel as a PNG: the picture of every stream.
pub(crate) const PICTURE: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==";

/// Where the picture stands in the payload: under the name of the hook.
pub(crate) const PICTURE_FIELD: &str = HookName::Snapshot.as_str();

const AUDIO_STATE: &str = "audioState";
const VIDEO_STATE: &str = "videoState";

/// A stream of this session.
pub(super) struct Stream {
    media_session_id: Arc<str>,
    name: Arc<str>,
    published: bool,
    /// The Stream object as JSON, with the context and its last status.
    fields: String,
}

impl Session {
    /// A client publishes or plays.
    pub(super) async fn start_stream(&mut self, hook: HookName, object: &Object<'_>) {
        let Some(id) = self.stream_id(object) else { return };
        if self.streams.len() >= self.shared.limits.streams {
            return self.stream_error("The session has too many streams", Some(id));
        }
        if object.string("name").is_none_or(|name| name.is_empty()) {
            return self.stream_error("A stream needs a name", Some(id));
        }
        let published = hook == HookName::PublishStream;
        let requested = requested(object, published);
        let Ok(requested) = Object::parse(&requested) else { return };
        let Some(verdict) = self.ask(hook, &requested).await else { return };
        let Ok(agreed) = Object::parse(verdict.fields()) else { return };
        let stream = Stream {
            media_session_id: id.into(),
            name: agreed.string("name").unwrap_or_default().into(),
            published,
            fields: agreed.text().to_owned(),
        };
        match self.shared.hub.add_stream(self.entry(&stream)) {
            Ok(()) => self.started(stream).await,
            Err(info) => self.stream_status(&stream.fields, &StreamStatus::Failed, Some(info)).await,
        }
    }

    async fn started(&mut self, mut stream: Stream) {
        let status = if stream.published { StreamStatus::Publishing } else { StreamStatus::Playing };
        stream.fields = with_status(&set_up(&stream.fields), &status, None);
        if let Some(published) = self.shared.hub.published(&stream.name).filter(|_| !stream.published) {
            stream.fields = with(&stream.fields, states(&published.fields));
        }
        self.shared.hub.update_stream(&stream.media_session_id, &stream.fields);
        let fields = stream.fields.clone();
        self.streams.push(stream);
        self.event(HookName::StreamStatus, &fields, name::STREAM_STATUS).await;
    }

    fn entry(&self, stream: &Stream) -> StreamEntry {
        StreamEntry {
            media_session_id: Arc::clone(&stream.media_session_id),
            name: Arc::clone(&stream.name),
            published: stream.published,
            fields: stream.fields.as_str().into(),
            session_id: Arc::clone(&self.id),
            mailbox: self.mailbox.clone(),
        }
    }

    /// A client stops what it publishes or plays.
    pub(super) async fn stop_stream(&mut self, hook: HookName, object: &Object<'_>) {
        let Some(id) = self.stream_id(object) else { return };
        if self.stream(&id).is_none() {
            return self.stream_error(info::stream::STREAM_NOT_FOUND, Some(id));
        }
        if self.ask(hook, object).await.is_none() {
            return;
        }
        let Some(stream) = self.take_stream(&id, info::stream::STOPPED_BY_PUBLISHER_STOP) else { return };
        let status = if stream.published { StreamStatus::Unpublished } else { StreamStatus::Stopped };
        self.stream_status(&stream.fields, &status, None).await;
    }

    /// A client pauses what it plays.
    pub(super) async fn pause_stream(&mut self, object: &Object<'_>) {
        let Some(id) = self.stream_id(object) else { return };
        if self.stream(&id).is_none() {
            return self.stream_error(info::stream::STREAM_NOT_FOUND, Some(id));
        }
        if self.ask(HookName::PauseStream, object).await.is_none() {
            return;
        }
        let Some(stream) = self.streams.iter_mut().find(|stream| *stream.media_session_id == *id) else {
            return;
        };
        stream.fields = with_status(&stream.fields, &StreamStatus::Paused, None);
        let fields = stream.fields.clone();
        self.shared.hub.update_stream(&id, &fields);
        self.event(HookName::StreamStatus, &fields, name::STREAM_STATUS).await;
    }

    /// Something else has ended a stream.
    pub(super) async fn stream_failed(&mut self, media_session_id: &str, info: &'static str) {
        if let Some(stream) = self.take_stream(media_session_id, info::stream::STOPPED_BY_PUBLISHER_STOP) {
            self.stream_status(&stream.fields, &StreamStatus::Failed, Some(info)).await;
        }
    }

    /// All streams are gone, and nobody is told.
    pub(super) fn forget_streams(&mut self) {
        for stream in self.streams.drain(..) {
            self.shared.hub.remove_stream(&stream.media_session_id);
        }
    }

    /// All streams end with the session.
    pub(super) async fn end_streams(&mut self) {
        while let Some(id) = self.streams.first().map(|stream| Arc::clone(&stream.media_session_id)) {
            self.stream_failed(&id, info::stream::STOPPED_BY_SESSION_DISCONNECT).await;
        }
    }

    /// Tells the backend of every stream; one that it refuses ends. Spec §3.4 StreamKeepAliveEvent.
    pub(crate) async fn keep_alive(&mut self) {
        let ids: Vec<_> = self.streams.iter().map(|stream| Arc::clone(&stream.media_session_id)).collect();
        for id in ids {
            let Some(fields) = self.stream(&id).map(|stream| stream.fields.clone()) else { continue };
            let Ok(object) = Object::parse(&fields) else { continue };
            let verdict = self.send(HookName::StreamKeepAlive, &object).await;
            if verdict.ends_stream() {
                self.stream_failed(&id, info::stream::TERMINATED_BY_KEEP_ALIVE).await;
            }
        }
    }

    /// A client wants a picture.
    pub(super) async fn snapshot(&mut self, object: &Object<'_>) {
        let Some(id) = self.stream_id(object) else { return };
        let Some(verdict) = self.ask(HookName::Snapshot, object).await else { return };
        let Ok(agreed) = Object::parse(verdict.fields()) else { return };
        let own = self.stream(&id).is_some();
        let is_there = own || self.shared.hub.is_playable(&agreed.string("name").unwrap_or_default());
        if !is_there {
            let payload = super::fields::object([("info", quoted(info::stream::STREAM_NOT_FOUND))]);
            return self.stream_event(&id, "snapshotFailed", &payload);
        }
        self.stream_event(
            &id,
            "snapshotCompleted",
            &super::fields::object([(PICTURE_FIELD, quoted(PICTURE))]),
        );
        let fields = with_status(agreed.text(), &StreamStatus::SnapshotComplete, None);
        let Ok(event) = Object::parse(&fields) else { return };
        self.tell_failure(&self.send(HookName::StreamStatus, &event).await);
    }

    /// A client asks whether a stream can be played.
    pub(super) async fn available_stream(&mut self, object: &Object<'_>) {
        let Some(id) = self.stream_id(object) else { return };
        let Some(verdict) = self.ask(HookName::AvailableStream, object).await else { return };
        let Ok(agreed) = Object::parse(verdict.fields()) else { return };
        let is_there = self.shared.hub.is_playable(&agreed.string("name").unwrap_or_default());
        let mut members = vec![("id", quoted(&id)), ("status", quoted(&is_there.to_string()))];
        if !is_there {
            members.push(("info", quoted(info::stream::STREAM_NOT_FOUND)));
        }
        self.tell(&Frame::new(HookName::AvailableStream.as_str(), [super::fields::object(members)]));
    }

    /// A publisher tells its players something.
    pub(super) fn send_stream_event(&mut self, object: &Object<'_>) {
        let Some(id) = self.stream_id(object) else { return };
        let kind = object.string("type").unwrap_or_default();
        let payload = object.get("payload").unwrap_or("null");
        let Some(stream) = self.streams.iter_mut().find(|stream| *stream.media_session_id == *id) else {
            return self.stream_error(info::stream::STREAM_NOT_FOUND, Some(id));
        };
        if let Some((field, state)) = muted(&kind) {
            stream.fields = with(&stream.fields, [(field, state)]);
            self.shared.hub.update_stream(&id, &stream.fields);
        }
        let (kind, payload) = (Arc::<str>::from(kind), Arc::<str>::from(payload));
        for player in self.shared.hub.players_of(&stream.name) {
            let event = Input::StreamEvent {
                media_session_id: player.media_session_id,
                kind: Arc::clone(&kind),
                payload: Arc::clone(&payload),
            };
            let _ = player.mailbox.put(event);
        }
    }

    /// Tells the client what happened in a stream.
    pub(super) fn stream_event(&self, media_session_id: &str, kind: &str, payload: &str) {
        let event = object([
            ("mediaSessionId", quoted(media_session_id)),
            ("type", quoted(kind)),
            ("payload", payload.to_owned()),
        ]);
        self.tell(&Frame::new(name::STREAM_EVENT, [event]));
    }

    async fn stream_status(&self, fields: &str, status: &StreamStatus, info: Option<&str>) {
        let fields = with_status(fields, status, info);
        self.event(HookName::StreamStatus, &fields, name::STREAM_STATUS).await;
    }

    fn stream(&self, media_session_id: &str) -> Option<&Stream> {
        self.streams.iter().find(|stream| *stream.media_session_id == *media_session_id)
    }

    /// Takes a stream out; those who play it learn why.
    fn take_stream(&mut self, media_session_id: &str, info: &'static str) -> Option<Stream> {
        let place = self.streams.iter().position(|stream| *stream.media_session_id == *media_session_id)?;
        for player in self.shared.hub.remove_stream(media_session_id) {
            let _ =
                player.mailbox.put(Input::StreamEnded { media_session_id: player.media_session_id, info });
        }
        Some(self.streams.remove(place))
    }

    /// The id in a message about a stream. Without one nothing can be done, and the client is told.
    fn stream_id(&self, object: &Object<'_>) -> Option<String> {
        let id = object.string("mediaSessionId").filter(|id| !id.is_empty());
        if id.is_none() {
            self.stream_error(info::stream::MEDIASESSIONID_IS_NULL, None);
        }
        id.map(std::borrow::Cow::into_owned)
    }

    fn stream_error(&self, info: &str, id: Option<String>) {
        self.tell(&Frame::failed(info, Some(HookName::StreamStatus), id));
    }
}

/// What the backend is asked with: the client's fields, and what WCS fills in. Spec §3.4.
fn requested(object: &Object<'_>, published: bool) -> String {
    let media_type = if published { "publish" } else { "play" };
    let numbers = ["width", "height", "bitrate", "minBitrate", "maxBitrate", "quality"];
    let fields = Fields::of(object)
        .set("published", published.to_string())
        .default("status", quoted(StreamStatus::Pending.as_str()))
        .default("record", "false");
    let fields = numbers.into_iter().fold(fields, |fields, name| fields.default(name, "0"));
    let fields = fields.default("history", "false").default("gop", "0").default("fps", "0");
    fields
        .default("audioBitrate", "0")
        .default("codecImpl", quoted(""))
        .default("cvoExtension", "false")
        .default("mediaProvider", quoted(MediaProvider::WebRtc.as_str()))
        .set("createDate", now().to_string())
        .text("mediaType", media_type)
        .set(AUDIO_STATE, r#"{"muted":false}"#)
        .set(VIDEO_STATE, r#"{"muted":false}"#)
        .json()
}

/// What is known once media is there: its codecs.
fn set_up(fields: &str) -> String {
    let Ok(object) = Object::parse(fields) else { return fields.to_owned() };
    let has = |name| is(&object, name) == Some(true);
    let fields = Fields::of(&object);
    let fields = if has("hasAudio") { fields.text("audioCodec", "opus") } else { fields };
    if has("hasVideo") { fields.text("videoCodec", "VP8") } else { fields }.json()
}

fn with_status(fields: &str, status: &StreamStatus, info: Option<&str>) -> String {
    let Ok(object) = Object::parse(fields) else { return fields.to_owned() };
    let fields = Fields::of(&object).text("status", status.as_str());
    match info {
        Some(info) => fields.text("info", info),
        None => fields,
    }
    .json()
}

/// Which field an event of a stream changes, and to what.
fn muted(kind: &str) -> Option<(&'static str, String)> {
    let (field, muted) = match kind {
        "audioMuted" => (AUDIO_STATE, true),
        "audioUnmuted" => (AUDIO_STATE, false),
        "videoMuted" => (VIDEO_STATE, true),
        "videoUnmuted" => (VIDEO_STATE, false),
        _ => return None,
    };
    Some((field, format!(r#"{{"muted":{muted}}}"#)))
}

/// What is muted of a stream.
fn states(fields: &str) -> Vec<(&'static str, String)> {
    let Ok(object) = Object::parse(fields) else { return Vec::new() };
    let state = |name| Some((name, object.get(name)?.to_owned()));
    [AUDIO_STATE, VIDEO_STATE].into_iter().filter_map(state).collect()
}

fn with(fields: &str, members: impl IntoIterator<Item = (&'static str, String)>) -> String {
    let Ok(object) = Object::parse(fields) else { return fields.to_owned() };
    let fields = Fields::of(&object);
    members.into_iter().fold(fields, |fields, (name, json)| fields.set(name, json)).json()
}

/// Milliseconds since 1970.
fn now() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis())
}
