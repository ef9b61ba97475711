//! A client's session: [`Session`].

use std::{fmt, sync::Arc};

use bytes::Bytes;
use tokio::sync::Mutex;
use wcs_hooks_protocol::{
    Edits, Hook, HookContext, Object, PayloadError, RestClientConfig, hook, kind,
    payloads::{Connection, Stream},
    status::SessionStatus,
};

use crate::{
    App, Dispatcher, Verdict,
    body::{self, Context, text},
    method::Method,
};

/// A session that the backend let open, with the policies it set. Cheap to clone; clones are the same session.
///
/// By default its hooks are sent one after the other, in the order in which the futures are first polled
/// ([`Options::in_order`](crate::Options::in_order)).
///
/// ```
/// use wcs_hooks_dispatcher::{App, Dispatcher, Session, hook, payloads::{Connection, Stream}};
///
/// async fn publish(wcs: Dispatcher, app: App) -> Result<(), Box<dyn std::error::Error>> {
///     let mut connection = Connection::default();
///     connection.custom.insert("token".into(), "let me in".into());
///     let session: Session = wcs.connect(&app, connection).await?;
///
///     let verdict = session.send(hook::PublishStream, Stream { name: "b4e7".into(), ..Stream::default() }).await;
///     println!("{} goes on with {}", session.context().session_id, verdict.fields());
///     Ok(())
/// }
/// ```
#[derive(Clone)]
pub struct Session {
    inner: Arc<Inner>,
}

struct Inner {
    dispatcher: Dispatcher,
    app: App,
    context: Context,
    policies: Arc<RestClientConfig>,
    opening: Verdict,
    /// Whose turn it is. Tokio's mutex is fair: first come, first served.
    turn: Mutex<()>,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("app", &self.inner.app)
            .field("context", &self.inner.context.fields)
            .field("policies", &self.inner.policies)
            .finish_non_exhaustive()
    }
}

/// What a session's hooks can be: everything but `connect`, which opens it, and `playHLS` and `playRTSP`, which have none.
#[diagnostic::on_unimplemented(
    message = "this hook does not belong to a session",
    note = "`connect` is sent by `Dispatcher::connect`, `playHLS` and `playRTSP` by `Dispatcher::play`"
)]
pub trait InSession: kind::Kind {}

impl InSession for kind::Invoke {}
impl InSession for kind::Incoming {}
impl InSession for kind::Event {}
impl InSession for kind::KeepAlive {}

impl Session {
    pub(crate) fn open(dispatcher: Dispatcher, app: App, context: Context, opening: Verdict) -> Self {
        let policies = dispatcher.inner.policies.of(&opening, &app);
        Self { inner: Arc::new(Inner { dispatcher, app, context, policies, opening, turn: Mutex::new(()) }) }
    }

    /// The app.
    #[must_use]
    pub fn app(&self) -> &App {
        &self.inner.app
    }

    /// The fields that stand in every body of the session.
    #[must_use]
    pub fn context(&self) -> &HookContext {
        &self.inner.context.fields
    }

    /// The `restClientConfig` that the backend gave in its answer to `connect`.
    #[must_use]
    pub fn policies(&self) -> &RestClientConfig {
        &self.inner.policies
    }

    /// What came of `connect`. Its [`Verdict::fields`] are those that the session keeps: the client's with the backend's
    /// over them.
    #[must_use]
    pub fn opening(&self) -> &Verdict {
        &self.inner.opening
    }

    /// What the session keeps of its connection.
    ///
    /// # Errors
    /// If a raw object that was sent has a key twice.
    pub fn connection(&self) -> Result<Connection, PayloadError> {
        self.inner.opening.payload()
    }

    /// Sends a hook with its payload.
    ///
    /// ```no_run
    /// # use wcs_hooks_dispatcher::Session;
    /// use wcs_hooks_protocol::{hook, payloads::Call};
    ///
    /// # async fn run(session: Session) {
    /// let call = Call { call_id: "1".into(), callee: "1001".into(), ..Call::default() };
    /// let verdict = session.send(hook::PlaceCall, call).await;
    /// # }
    /// ```
    pub async fn send<H>(&self, _hook: H, payload: H::Payload) -> Verdict
    where
        H: Hook<Kind: InSession>,
    {
        self.call(Method::Known(H::NAME), body::typed(&self.inner.context, payload)).await
    }

    /// Sends any method, in the catalogue or not, with any object. The session's context replaces what the object has of
    /// it; unknown fields, number spelling and order are kept, blanks and nulls are not.
    ///
    /// ```no_run
    /// # use wcs_hooks_dispatcher::Session;
    /// use wcs_hooks_protocol::Object;
    ///
    /// # async fn run(session: Session) -> Result<(), wcs_hooks_protocol::JsonError> {
    /// let verdict = session.send_raw("newStatusEvent", &Object::parse(r#"{"status": "NEW"}"#)?).await;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn send_raw(&self, method: &str, object: &Object<'_>) -> Verdict {
        self.call(Method::named(method), body::raw(&self.inner.context, object)).await
    }

    /// Sends `ConnectionStatusEvent` with what the session keeps of its connection, a status, and the session's id as
    /// `authToken` unless there is one already. Spec §3.4.
    ///
    /// ```
    /// # use wcs_hooks_dispatcher::{Session, status::SessionStatus};
    /// # async fn run(session: Session) {
    /// let verdict = session.send_status(SessionStatus::Established).await;
    /// # }
    /// ```
    pub async fn send_status(&self, status: SessionStatus) -> Verdict {
        let fields =
            with_status(self.inner.opening.fields_bytes(), &self.inner.context.fields.session_id, &status);
        self.call(Method::Known(hook::ConnectionStatus::NAME), fields).await
    }

    /// Sends `StreamKeepAliveEvent` for a stream, if that is [on](Dispatcher::is_keep_alive_on) for the app. The stream
    /// has ended if [`Verdict::ends_stream`] says so.
    ///
    /// There is no timer in here: WCS sends it every [`Settings::keep_alive_interval`](crate::Settings).
    pub async fn keep_alive(&self, stream: Stream) -> Verdict {
        self.send(hook::StreamKeepAlive, stream).await
    }

    async fn call(&self, method: Method, fields: Bytes) -> Verdict {
        let inner = &*self.inner;
        let in_order = inner.dispatcher.inner.options.in_order;
        let _turn = if in_order { Some(inner.turn.lock().await) } else { None };
        inner.dispatcher.call(&inner.app, method, Arc::clone(&inner.policies), fields).await
    }
}

fn with_status(connection: &Bytes, session_id: &str, status: &SessionStatus) -> Bytes {
    let mut edits = Edits::new();
    let has_token = Object::parse(text(connection)).is_ok_and(|object| object.get("authToken").is_some());
    if !has_token {
        edits.set("authToken", wcs_hooks_protocol::quoted(session_id));
    }
    edits.set("status", wcs_hooks_protocol::quoted(status.as_str()));
    body::edited(connection, &edits)
}

/// The backend declined a connection: WCS closes it, and the client gets `fail`. Spec §4.5.
///
/// ```
/// use wcs_hooks_dispatcher::{App, Dispatcher, payloads::Connection};
///
/// async fn why(wcs: Dispatcher, app: App) -> Option<String> {
///     let declined = wcs.connect(&app, Connection::default()).await.err()?;
///     Some(declined.verdict().reply()?.reason())
/// }
/// ```
pub struct Declined {
    verdict: Box<Verdict>,
}

impl Declined {
    pub(crate) fn new(verdict: Verdict) -> Self {
        Self { verdict: Box::new(verdict) }
    }

    /// What came of `connect`.
    #[must_use]
    pub fn verdict(&self) -> &Verdict {
        &self.verdict
    }
}

impl fmt::Debug for Declined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Declined").field(&self.verdict.outcome()).finish()
    }
}

impl fmt::Display for Declined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the backend declined the connection: ")?;
        match (self.verdict.reply(), self.verdict.failure()) {
            (Some(reply), _) if reply.status() == 200 => f.write_str("its 200 has no JSON object"),
            (Some(reply), _) => write!(f, "{} {}", reply.status(), reply.reason()),
            (None, Some(failure)) => failure.fmt(f),
            (None, None) => f.write_str("it was not asked"),
        }
    }
}

impl std::error::Error for Declined {}
