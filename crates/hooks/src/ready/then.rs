//! One connect handler behind another: [`Then`].

use wcs_hooks_protocol::payloads::Connection;

use crate::{ConnectHandler, Context, HookResult};

/// Joins connect handlers.
pub trait ConnectHandlerExt: ConnectHandler + Sized {
    /// Asks `next` too, once this handler has let the client in. `next` gets the connection as this one left it; the
    /// first refusal counts.
    ///
    /// ```
    /// use wcs_hooks::{AllowAll, Hooks, ready::{ConnectHandlerExt, OriginAuth}};
    ///
    /// let hooks = Hooks::new(OriginAuth::new(["https://example.com"])?.then(AllowAll));
    /// # Ok::<(), wcs_hooks::ready::ConfigError>(())
    /// ```
    fn then<N: ConnectHandler>(self, next: N) -> Then<Self, N> {
        Then { first: self, next }
    }
}

impl<T: ConnectHandler> ConnectHandlerExt for T {}

/// Two connect handlers, one behind the other. Made by [`ConnectHandlerExt::then`].
#[derive(Debug, Clone)]
pub struct Then<A, B> {
    first: A,
    next: B,
}

impl<A: ConnectHandler, B: ConnectHandler> ConnectHandler for Then<A, B> {
    async fn connect(&self, ctx: Context, connection: Connection) -> HookResult<Connection> {
        let connection = self.first.connect(ctx.clone(), connection).await?;
        self.next.connect(ctx, connection).await
    }
}
