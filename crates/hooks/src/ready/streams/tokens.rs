//! Streams by the claims of tokens: [`StreamTokens`].

use std::{
    borrow::Cow,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use percent_encoding::percent_decode_str;
use wcs_hooks_protocol::{
    HookContext,
    payloads::{Connection, HlsPlay, RtspPlay, Stream},
    redact,
};

use super::{
    StreamRights,
    sessions::{Known, Sessions},
};
use crate::{
    Checks, ConnectHandler, Context, EventResult, Guard, HookResult, OrRefuse, Refusal, SessionHandler,
    StreamHandler,
    ready::{JwtAuth, TokenError, error::shown},
};

const DEFAULT_CLAIM: &str = "streams";
const DEFAULT_SESSIONS: usize = 100_000;

/// Lets clients in as [`JwtAuth`] does, and publish and play what a claim of their token allows: by default
/// `"streams": {"publish": ["studio-*"], "play": ["*"]}`, see [`StreamRights`]. Without the claim a client may come in,
/// and publish and play nothing.
///
/// It is a [`Guard`]: it checks `connect` and every hook below before the handlers of the app, and learns from
/// `ConnectionStatusEvent` which sessions have ended.
///
/// Whose rights count:
/// - `publishStream`, `playStream`, `availableStream`, `snapshot`: those of the token that the stream carries itself
///   (`createStream({custom: {token}})`), and if it carries none, those of the token with which its session opened.
/// - `playHLS`, `playRTSP`: those of the token in the URL. No session precedes them.
///
/// To play is also needed for `availableStream` and `snapshot`. Refused is with 403 if the right is missing, or from a
/// player, since that is what is documented to turn players away; and with 401 if there is no token that holds.
///
/// The rights of sessions are kept in the memory of this process: until the session ends, its token expires, or
/// [`StreamTokens::max_sessions`] newer ones have opened. Several processes behind one address, or a restart, need
/// tokens on the streams. With WCS's `keepAlive` a session may outlive its end; whether it then opens anew is not
/// documented, and if it does not, its streams need tokens as well.
///
/// WCS keeps the answer to `playHLS` per token (`hls_auth_token_cache`), and whether also per stream is not documented:
/// give HLS players tokens for one stream each.
///
/// ```
/// use wcs_hooks::{Hooks, ready::{JwtAuth, StreamTokens, Verifier}};
///
/// let verifier = Verifier::builder().secret("at least 32 bytes, known to few.").build()?;
/// let tokens = StreamTokens::new(JwtAuth::new(verifier));
/// let hooks = Hooks::guarded(tokens);
/// # Ok::<(), wcs_hooks::ready::ConfigError>(())
/// ```
///
/// Handlers of your own stand behind it. They are asked about what it allows:
///
/// ```
/// # use wcs_hooks::{Hooks, ready::{JwtAuth, Verifier}};
/// use wcs_hooks::{Context, HookResult, StreamHandler, payloads::Stream, ready::StreamTokens};
///
/// struct Recorded;
///
/// impl StreamHandler for Recorded {
///     async fn publish_stream(&self, _: Context, mut stream: Stream) -> HookResult<Stream> {
///         stream.record = Some(true);
///         Ok(stream)
///     }
/// }
///
/// # let verifier = Verifier::builder().secret("at least 32 bytes, known to few.").build()?;
/// # let tokens = StreamTokens::new(JwtAuth::new(verifier));
/// let hooks = Hooks::guarded(tokens).streams(Recorded);
/// # Ok::<(), wcs_hooks::ready::ConfigError>(())
/// ```
#[derive(Debug, Clone)]
pub struct StreamTokens {
    auth: JwtAuth,
    claim: String,
    sessions: Arc<Mutex<Sessions>>,
}

impl StreamTokens {
    /// Takes tokens as `auth` does.
    #[must_use]
    pub fn new(auth: JwtAuth) -> Self {
        Self {
            auth,
            claim: DEFAULT_CLAIM.to_owned(),
            sessions: Arc::new(Mutex::new(Sessions::with_capacity(DEFAULT_SESSIONS))),
        }
    }

    /// Reads the rights from this claim. Default: `streams`.
    ///
    /// ```
    /// use wcs_hooks::ready::{JwtAuth, StreamTokens, Verifier};
    ///
    /// let verifier = Verifier::builder().secret("at least 32 bytes, known to few.").build()?;
    /// let tokens = StreamTokens::new(JwtAuth::new(verifier)).claim("https://example.com/streams");
    /// # Ok::<(), wcs_hooks::ready::ConfigError>(())
    /// ```
    #[must_use]
    pub fn claim(mut self, name: impl Into<String>) -> Self {
        self.claim = name.into();
        self
    }

    /// Keeps the rights of so many sessions; the oldest gives way to a new one. Default: 100 000. With 0 every stream needs
    /// a token of its own. To be set before the first session opens, and before cloning.
    ///
    /// ```
    /// use wcs_hooks::ready::{JwtAuth, StreamTokens, Verifier};
    ///
    /// let verifier = Verifier::builder().secret("at least 32 bytes, known to few.").build()?;
    /// let tokens = StreamTokens::new(JwtAuth::new(verifier)).max_sessions(1_000);
    /// # Ok::<(), wcs_hooks::ready::ConfigError>(())
    /// ```
    #[must_use]
    pub fn max_sessions(mut self, sessions: usize) -> Self {
        self.sessions = Arc::new(Mutex::new(Sessions::with_capacity(sessions)));
        self
    }

    /// Lets a stream be published, or refuses it.
    ///
    /// # Errors
    /// 401 if there is no token that holds, 403 if it does not give the right.
    pub fn check_publish(&self, ctx: &Context, stream: &Stream) -> HookResult<()> {
        let rights = self.rights(ctx, stream)?;
        let may = rights.may_publish(&stream.name);
        granted(may, "no right to publish this stream", &stream.name)
    }

    /// Lets a stream be played, or refuses it.
    ///
    /// # Errors
    /// 401 if there is no token that holds, 403 if it does not give the right.
    pub fn check_play(&self, ctx: &Context, stream: &Stream) -> HookResult<()> {
        let rights = self.rights(ctx, stream)?;
        let may = rights.may_play(&stream.name);
        granted(may, "no right to play this stream", &stream.name)
    }

    /// Lets an HLS player play, or refuses it.
    ///
    /// # Errors
    /// 403 if there is no token that holds, or it does not give the right.
    pub fn check_hls(&self, play: &HlsPlay) -> HookResult<()> {
        let token = self.auth.source().of_hls(play).or_forbidden("no token")?;
        let rights = self.rights_of(token).or_forbidden("invalid token")?;
        granted(rights.may_play(&play.name), "no right to play this stream", &play.name)
    }

    /// Lets an RTSP client play, or refuses it. The stream's name is the path of the URL, percent-decoded, without the
    /// slash before it and without the name of a track behind it (`/trackID=1`).
    ///
    /// # Errors
    /// 403 if there is no token that holds, or it does not give the right.
    pub fn check_rtsp(&self, play: &RtspPlay) -> HookResult<()> {
        let token = self.auth.source().of_rtsp(play).or_forbidden("no token")?;
        let rights = self.rights_of(&token).or_forbidden("invalid token")?;
        let name = name_in_url(play.url()).or_forbidden("no such stream")?;
        granted(rights.may_play(&name), "no right to play this stream", &name)
    }

    fn rights(&self, ctx: &HookContext, stream: &Stream) -> HookResult<Arc<StreamRights>> {
        if let Some(token) = self.auth.source().of_stream(stream) {
            return self.rights_of(token).map(Arc::new).or_unauthorized("invalid token");
        }
        match self.sessions().find(ctx, SystemTime::now()) {
            Known::Rights(rights) => Ok(rights),
            Known::Expired => {
                Err(Refusal::unauthorized("invalid token").because("the session's has expired"))
            }
            Known::Nothing => {
                Err(Refusal::unauthorized("no token").because("nothing is known of the session"))
            }
        }
    }

    fn rights_of(&self, token: &str) -> Result<StreamRights, TokenError> {
        let claims = self.auth.verifier().verify(token)?;
        StreamRights::of(&claims, &self.claim)
    }

    fn sessions(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Guard for StreamTokens {
    fn checks(self) -> Checks {
        let checks = Arc::new(TokenChecks(self));
        Checks::new().connects(Arc::clone(&checks)).sessions(Arc::clone(&checks)).streams(checks)
    }
}

/// Out of reach: it cannot be registered for some of the hooks only, nor wrapped by a handler that leaves some out.
struct TokenChecks(StreamTokens);

impl ConnectHandler for TokenChecks {
    async fn connect(&self, ctx: Context, mut connection: Connection) -> HookResult<Connection> {
        let claims = self.0.auth.admit(&mut connection)?;
        let rights = StreamRights::of(&claims, &self.0.claim).or_unauthorized("invalid token")?;
        let leeway = self.0.auth.verifier().leeway();
        let expires_at = claims.expires_at().and_then(|at| at.checked_add(leeway));
        self.0.sessions().open(&ctx, rights, expires_at, SystemTime::now());
        Ok(connection)
    }
}

impl SessionHandler for TokenChecks {
    async fn disconnected(&self, ctx: Context, _: Connection) -> EventResult {
        self.0.sessions().close(&ctx);
        Ok(())
    }

    async fn connection_failed(&self, ctx: Context, _: Connection) -> EventResult {
        self.0.sessions().close(&ctx);
        Ok(())
    }
}

impl StreamHandler for TokenChecks {
    async fn publish_stream(&self, ctx: Context, stream: Stream) -> HookResult<Stream> {
        self.0.check_publish(&ctx, &stream)?;
        Ok(stream)
    }

    async fn play_stream(&self, ctx: Context, stream: Stream) -> HookResult<Stream> {
        self.0.check_play(&ctx, &stream)?;
        Ok(stream)
    }

    async fn available_stream(&self, ctx: Context, stream: Stream) -> HookResult<Stream> {
        self.0.check_play(&ctx, &stream)?;
        Ok(stream)
    }

    async fn snapshot(&self, ctx: Context, stream: Stream) -> HookResult<Stream> {
        self.0.check_play(&ctx, &stream)?;
        Ok(stream)
    }

    async fn play_hls(&self, _: Context, play: HlsPlay) -> HookResult<()> {
        self.0.check_hls(&play)
    }

    async fn play_rtsp(&self, _: Context, play: RtspPlay) -> HookResult<()> {
        self.0.check_rtsp(&play)
    }
}

fn granted(may: bool, reason: &'static str, name: &str) -> HookResult<()> {
    may.then_some(()).or_refuse(|| Refusal::forbidden(reason).because(shown(&redact::url(name))))
}

/// The stream's name in an RTSP URL of this server: `rtsp://wcs:5554/name?aclAuth=…`.
fn name_in_url(url: &str) -> Option<Cow<'_, str>> {
    let address = url.split_once('?').map_or(url, |(address, _)| address);
    let path = match address.split_once("://") {
        Some((_, rest)) => rest.split_once('/')?.1,
        None => address,
    };
    let name = match path.rsplit_once('/') {
        Some((name, last)) if is_track(last) => name,
        _ => path,
    };
    percent_decode_str(name).decode_utf8().ok()
}

/// `trackID=1`, or `streamid=1`: what RTSP clients put behind the URL to set up one track. Which of them WCS uses is not
/// documented.
fn is_track(segment: &str) -> bool {
    segment.split_once('=').is_some_and(|(name, number)| {
        let is_name = ["trackID", "streamid"].iter().any(|known| known.eq_ignore_ascii_case(name));
        is_name && number.parse::<u32>().is_ok()
    })
}

#[cfg(test)]
mod tests;
