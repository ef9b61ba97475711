//! What WCS asks and tells, and what it is answered.

use std::sync::Arc;

use serde::Deserialize;
use wcs_hooks::{
    ConnectHandler, Context, EventResult, HookResult, Hooks, OrRefuse, Refusal, SessionHandler,
    StreamHandler, hook,
    payloads::{Connection, Data, Stream},
    ready::JwtAuth,
    registry::{Query, Registry},
    status::{SessionStatus, StreamStatus},
};

use crate::{
    command::{Command, Room},
    hall::Hall,
    rooms::{Refused, Session, Turn},
};

pub(crate) struct Handlers {
    pub(crate) hall: Arc<Hall>,
    /// Knows the login of a session.
    pub(crate) registry: Registry,
    /// Without it, everybody may come under any login.
    pub(crate) tokens: Option<JwtAuth>,
    /// Whether the vendor's tests get the refusals that they wait for.
    pub(crate) has_vendor_fixtures: bool,
}

impl Handlers {
    pub(crate) fn hooks(self) -> Hooks {
        let this = Arc::new(self);
        let chat = Arc::clone(&this);
        Hooks::new(Arc::clone(&this)).registry(&this.registry).sessions(Arc::clone(&this)).streams(this).on(
            hook::OnData,
            move |ctx, data| {
                let chat = Arc::clone(&chat);
                async move { chat.command(&ctx, &data).await.map(|()| data) }
            },
        )
    }

    async fn command(&self, ctx: &Context, data: &Data) -> HookResult<()> {
        let command = Command::deserialize(&data.payload).or_forbidden("not a command of rooms")?;
        let (session, login) = (session(ctx), self.login(ctx).await?);
        if self.has_vendor_fixtures && command.is_refused_to(&login) {
            return Err(Refusal::forbidden("refused, as the vendor's tests want it"));
        }
        let room = command.room();
        let done = self.hall.ask(room, |rooms| match &command {
            Command::Join(_) => rooms.join(&session, &login, room),
            Command::Leave(_) => rooms.leave(&session, room),
            Command::SendMessage { text, .. } => rooms.message(&session, room, command.to(), text),
        });
        Ok(done?)
    }

    async fn login(&self, ctx: &Context) -> HookResult<String> {
        let query = Query::new().node(&ctx.node_id).session(&ctx.session_id);
        let known = self.registry.sessions(&query).await?.pop();
        Ok(known.or_unauthorized("this session is not known here: connect again")?.login)
    }
}

impl ConnectHandler for Handlers {
    async fn connect(&self, ctx: Context, mut connection: Connection) -> HookResult<Connection> {
        let login = connection.custom_str("login").unwrap_or_default().to_owned();
        (!login.is_empty()).then_some(()).or_unauthorized("no login")?;
        if let Some(tokens) = &self.tokens {
            let claims = tokens.admit(&mut connection)?;
            (claims.str("sub") == Some(&login))
                .then_some(())
                .or_forbidden("the token is for another login")?;
        }
        // Older builds give a session's id again.
        self.hall.gone(&session(&ctx));
        connection.login = Some(login);
        Ok(connection)
    }
}

impl SessionHandler for Handlers {
    async fn connection_status(&self, ctx: Context, connection: Connection) -> EventResult {
        if let Some(SessionStatus::Disconnected | SessionStatus::Failed) = connection.status {
            self.hall.gone(&session(&ctx));
        }
        Ok(())
    }
}

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

fn session(ctx: &Context) -> Session {
    Session { node_id: (&*ctx.node_id).into(), session_id: (&*ctx.session_id).into() }
}

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Self {
        if refused.is_for_now() {
            Self::too_many_requests(refused.text())
        } else {
            Self::forbidden(refused.text())
        }
    }
}
