//! Clients by their token: [`JwtAuth`].

use std::{fmt, sync::Arc};

use wcs_hooks_protocol::payloads::Connection;

use super::{Claims, TokenSource, Verifier};
use crate::{Checks, ConnectHandler, Context, Guard, HookResult, OrRefuse};

type OnAccept = dyn Fn(&Claims, &mut Connection) -> HookResult<()> + Send + Sync;

/// Lets clients in with a token that holds. Others are refused with 401, `no token` or `invalid token`; why goes to the
/// log, and the token to neither.
///
/// ```
/// use wcs_hooks::{Hooks, Refusal, ready::{JwtAuth, TokenSource, Verifier}};
///
/// let verifier = Verifier::builder().secret("at least 32 bytes, known to few.").build()?;
/// let auth = JwtAuth::new(verifier)
///     .token_from(TokenSource::custom(["jwt"]))
///     .with_claims(|claims, connection| {
///         let line = claims.str("line").ok_or(Refusal::forbidden("no telephone line"))?;
///         connection.sip_login = Some(line.to_owned());
///         Ok(())
///     });
/// let hooks = Hooks::new(auth);
/// # Ok::<(), wcs_hooks::ready::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct JwtAuth {
    verifier: Verifier,
    source: TokenSource,
    sets_login: bool,
    on_accept: Option<Arc<OnAccept>>,
}

impl JwtAuth {
    /// Takes tokens that hold before `verifier`, from `custom.token`.
    ///
    /// ```
    /// use wcs_hooks::{Hooks, ready::{JwtAuth, Verifier}};
    ///
    /// let verifier = Verifier::builder().secret("at least 32 bytes, known to few.").build()?;
    /// let hooks = Hooks::new(JwtAuth::new(verifier));
    /// # Ok::<(), wcs_hooks::ready::ConfigError>(())
    /// ```
    #[must_use]
    pub fn new(verifier: Verifier) -> Self {
        Self { verifier, source: TokenSource::default(), sets_login: false, on_accept: None }
    }

    /// Takes the token from these places. Default: `custom.token`.
    ///
    /// ```
    /// use wcs_hooks::{Hooks, ready::{JwtAuth, TokenSource, Verifier}};
    ///
    /// let verifier = Verifier::builder().secret("at least 32 bytes, known to few.").build()?;
    /// let hooks = Hooks::new(JwtAuth::new(verifier).token_from(TokenSource::custom(["jwt"]).or_auth_token()));
    /// # Ok::<(), wcs_hooks::ready::ConfigError>(())
    /// ```
    #[must_use]
    pub fn token_from(mut self, source: TokenSource) -> Self {
        self.source = source;
        self
    }

    /// Sets `login` of the session to the token's `sub`, if it has one. Default: `login` stays as it came, since what WCS does with
    /// another one is not documented (RTMP clients bring a random one, spec §3.4).
    ///
    /// ```
    /// use wcs_hooks::{Hooks, ready::{JwtAuth, Verifier}};
    ///
    /// let verifier = Verifier::builder().secret("at least 32 bytes, known to few.").build()?;
    /// let hooks = Hooks::new(JwtAuth::new(verifier).login_from_subject());
    /// # Ok::<(), wcs_hooks::ready::ConfigError>(())
    /// ```
    #[must_use]
    pub fn login_from_subject(mut self) -> Self {
        self.sets_login = true;
        self
    }

    /// Runs `accept` once the token holds: it may change the connection by the claims, or refuse after all. Given twice,
    /// the last one counts.
    #[must_use]
    pub fn with_claims(
        mut self,
        accept: impl Fn(&Claims, &mut Connection) -> HookResult<()> + Send + Sync + 'static,
    ) -> Self {
        self.on_accept = Some(Arc::new(accept));
        self
    }

    /// The claims of a connection's token. For handlers of your own.
    ///
    /// ```
    /// use wcs_hooks::{ConnectHandler, Context, HookResult, payloads::Connection, ready::JwtAuth};
    ///
    /// struct Mine {
    ///     tokens: JwtAuth,
    /// }
    ///
    /// impl ConnectHandler for Mine {
    ///     async fn connect(&self, ctx: Context, mut connection: Connection) -> HookResult<Connection> {
    ///         let claims = self.tokens.admit(&mut connection)?;
    ///         tracing::info!("{:?} opens {}", claims.str("sub"), ctx.session_id);
    ///         Ok(connection)
    ///     }
    /// }
    /// ```
    ///
    /// # Errors
    /// If there is no token, or none that holds, or what was given to [`JwtAuth::with_claims`] refuses.
    pub fn admit(&self, connection: &mut Connection) -> HookResult<Claims> {
        let token = self.source.of_connection(connection).or_unauthorized("no token")?;
        let claims = self.verifier.verify(token).or_unauthorized("invalid token")?;
        if let Some(subject) = claims.str("sub").filter(|_| self.sets_login) {
            connection.login = Some(subject.to_owned());
        }
        if let Some(accept) = &self.on_accept {
            accept(&claims, connection)?;
        }
        Ok(claims)
    }

    pub(super) fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    pub(super) fn source(&self) -> &TokenSource {
        &self.source
    }
}

impl Guard for JwtAuth {
    fn checks(self) -> Checks {
        Checks::new().connects(self)
    }
}

impl ConnectHandler for JwtAuth {
    async fn connect(&self, _: Context, mut connection: Connection) -> HookResult<Connection> {
        self.admit(&mut connection)?;
        Ok(connection)
    }
}

impl fmt::Debug for JwtAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtAuth")
            .field("verifier", &self.verifier)
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
