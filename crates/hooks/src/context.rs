//! What a handler is told beside the payload: [`Context`].

use std::{fmt, net::IpAddr, ops::Deref, time::Duration};

use bytes::Bytes;
use http::Extensions;
use wcs_hooks_protocol::{HookContext, HookName, redact};

use crate::{PeerAddress, decisions::KeepFor};

/// Which hook was called, for which node, app and session.
///
/// Two hooks of one session may be handled at the same time, and an event may come before the one that it follows:
/// nothing orders them (spec §1.3). A hook may also come twice.
///
/// ```
/// use wcs_hooks::{Context, EventResult, payloads::Stream};
///
/// async fn stream_status(ctx: Context, stream: Stream) -> EventResult {
///     tracing::info!("{} of {}: {} {:?}", ctx.hook(), ctx.app_key, stream.name, stream.status);
///     Ok(())
/// }
/// ```
#[derive(Clone)]
pub struct Context {
    fields: HookContext,
    hook: HookName,
    body: Bytes,
    extensions: Extensions,
    peer: Option<PeerAddress>,
}

impl Context {
    pub(crate) fn new(
        fields: HookContext,
        hook: HookName,
        body: Bytes,
        extensions: Extensions,
        peer: Option<PeerAddress>,
    ) -> Self {
        Self { fields, hook, body, extensions, peer }
    }

    /// The hook that was called.
    #[must_use]
    pub fn hook(&self) -> HookName {
        self.hook
    }

    /// The body as it came, secrets included.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// The body with its secrets hidden, fit for a log: one line of JSON.
    #[must_use]
    pub fn redacted_body(&self) -> String {
        redact::json(&String::from_utf8_lossy(&self.body)).replace(['\r', '\n'], " ")
    }

    /// The address that the connection came from: a proxy's, if one stands between. `None` for a unix socket, and for a
    /// request without a [`PeerAddress`] that did not come from `Server`.
    #[must_use]
    pub fn peer_address(&self) -> Option<IpAddr> {
        self.peer.map(|peer| peer.0)
    }

    /// What layers around the service have put into the request.
    #[must_use]
    pub fn extensions(&self) -> &Extensions {
        &self.extensions
    }

    pub(crate) fn extensions_mut(&mut self) -> &mut Extensions {
        &mut self.extensions
    }

    /// How long a [`DecisionCache`](crate::DecisionCache) is to keep what this handler decides, in place of its own time;
    /// zero: not at all. The last one counts, and none is more than a year. Without effect if the hook has no cache.
    ///
    /// ```
    /// use std::time::Duration;
    /// use wcs_hooks::{Context, HookResult, OrRefuse, payloads::RtspPlay};
    ///
    /// async fn play_rtsp(ctx: Context, play: RtspPlay) -> HookResult<()> {
    ///     ctx.keep_for(Duration::from_secs(2));                          // a stream that is not there may soon be
    ///     play.url().contains("/b4e7").then_some(()).or_forbidden("no such stream")?;
    ///     ctx.keep_for(Duration::from_secs(300));
    ///     Ok(())
    /// }
    /// ```
    pub fn keep_for(&self, duration: Duration) {
        if let Some(keep_for) = self.extensions.get::<KeepFor>() {
            keep_for.set(duration);
        }
    }
}

/// `node_id`, `app_key`, `session_id` and `node_address()`.
impl Deref for Context {
    type Target = HookContext;

    fn deref(&self) -> &HookContext {
        &self.fields
    }
}

/// Without the body, which may hold secrets.
impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("hook", &self.hook)
            .field("fields", &self.fields)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
