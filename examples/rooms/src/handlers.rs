//! What WCS asks and tells, and what it is answered.

mod sessions;
mod streams;

use std::sync::Arc;

use serde::Deserialize;
use wcs_hooks::{
    Context, HookResult, Hooks, OrRefuse, Refusal, hook,
    payloads::Data,
    ready::JwtAuth,
    registry::{Query, Registry},
};

use crate::{
    command::Command,
    hall::Hall,
    rooms::{Refused, Session},
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
        let (hall, room) = (&self.hall, command.room());
        let done = match &command {
            Command::Join(_) => hall.ask(room, |rooms| rooms.join(&session, &login, room)),
            Command::Leave(_) => hall.change(|rooms| rooms.leave(&session, room)),
            Command::SendMessage { text, .. } => {
                hall.ask(room, |rooms| rooms.message(&session, room, command.to(), text))
            }
        };
        Ok(done?)
    }

    async fn login(&self, ctx: &Context) -> HookResult<String> {
        let query = Query::new().node(&ctx.node_id).session(&ctx.session_id);
        let known = self.registry.sessions(&query).await?.pop();
        Ok(known.or_unauthorized("this session is not known here: connect again")?.login)
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
