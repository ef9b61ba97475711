//! What may be published and played, and what has become of it.

use wcs_hooks::{
    Context, EventResult, HookResult, OrRefuse, Refusal, StreamHandler,
    payloads::{HlsPlay, RtspPlay, Stream},
    status::StreamStatus,
};

use super::{Handlers, session};
use crate::{command::Room, rooms::Turn};

impl StreamHandler for Handlers {
    async fn publish_stream(&self, ctx: Context, stream: Stream) -> HookResult<Stream> {
        let room = Room::of_stream(&stream).or_forbidden("a stream needs a room, in custom.name")?;
        let (id, name) = (&stream.media_session_id, &stream.name);
        self.hall.ask(room, |rooms| rooms.publish(&session(&ctx), room, id, name).map(|()| Vec::new()))?;
        Ok(stream)
    }

    async fn play_stream(&self, ctx: Context, stream: Stream) -> HookResult<Stream> {
        self.hall.look(|rooms| rooms.play(&session(&ctx), &stream.name))?;
        Ok(stream)
    }

    async fn available_stream(&self, ctx: Context, stream: Stream) -> HookResult<Stream> {
        self.play_stream(ctx, stream).await
    }

    async fn snapshot(&self, ctx: Context, stream: Stream) -> HookResult<Stream> {
        self.play_stream(ctx, stream).await
    }

    async fn play_hls(&self, _: Context, _: HlsPlay) -> HookResult<()> {
        Err(Refusal::forbidden("rooms are for participants"))
    }

    async fn play_rtsp(&self, _: Context, _: RtspPlay) -> HookResult<()> {
        Err(Refusal::forbidden("rooms are for participants"))
    }

    async fn stream_status(&self, ctx: Context, stream: Stream) -> EventResult {
        let turn = match stream.status {
            Some(StreamStatus::Publishing) => Turn::Live,
            Some(StreamStatus::Unpublished) => Turn::Unpublished,
            Some(StreamStatus::Failed) => Turn::Failed,
            _ => return Ok(()),
        };
        let id = &stream.media_session_id;
        self.hall.note(|rooms| rooms.turn(&session(&ctx), id, turn).into_iter().collect());
        Ok(())
    }
}
