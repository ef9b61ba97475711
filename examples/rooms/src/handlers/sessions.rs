//! Who may connect, and who has gone.

use wcs_hooks::{
    ConnectHandler, Context, EventResult, HookResult, OrRefuse, SessionHandler, payloads::Connection,
    status::SessionStatus,
};

use super::{Handlers, session};

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
