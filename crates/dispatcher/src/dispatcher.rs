//! WCS as seen by backends: [`Dispatcher`].

use std::{fmt, sync::Arc, time::Instant};

use bytes::Bytes;
use http::HeaderValue;
use tokio::sync::Semaphore;
use uuid::Uuid;
use wcs_hooks_protocol::{
    Hook, HookContext, HookName, Object, RestClientConfig, SigningKey, is_asked, kind, payloads::Connection,
};

use crate::{
    App, Declined, Session, Settings, Verdict,
    body::{self, Context},
    counted::{self, Counted},
    exchange::{Backend, Exchange, Limits, Outgoing, exchange},
    method::Method,
    players::Players,
    policies::Policies,
};

/// How a dispatcher works where WCS's settings say nothing.
///
/// ```
/// use wcs_hooks_dispatcher::Options;
///
/// let options = Options { in_order: false, ..Options::default() };
/// assert_eq!(options.max_in_flight, 256);
/// ```
///
/// New fields may be added in any release: write `..Options::default()` behind the ones you set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The most calls of backends at one time; further ones wait. Default 256. 0 is taken for 1.
    pub max_in_flight: usize,
    /// Whether the hooks of a session are sent one after the other, in the order in which they were first polled. WCS
    /// sends them from a pool of threads, so that a backend may see them in another order: false does the same.
    /// Default true.
    pub in_order: bool,
    /// The longest body of an answer, in bytes. Default 4 MiB: an answer may carry an SDP, logs or data.
    pub max_answer: usize,
    /// The `nodeId` of contexts that have none. Default 32 random letters and digits and `@127.0.0.1`.
    pub node_id: String,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            max_in_flight: 256,
            in_order: true,
            max_answer: 4 << 20,
            node_id: format!("{}@127.0.0.1", Uuid::new_v4().simple()),
        }
    }
}

/// A WCS server, seen from the backends that it calls. Cheap to clone; clones are the same server.
///
/// The backend is reached through any [`Backend`]: [`HttpTransport`](crate::HttpTransport), or a service in this process.
///
/// ```no_run
/// use wcs_hooks_dispatcher::{App, Dispatcher, HttpTransport, Settings};
/// use wcs_hooks_protocol::{hook, payloads::{Connection, Stream}};
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let settings = Settings::from_file("/usr/local/FlashphonerWebCallServer/conf/flashphoner.properties")?;
/// let dispatcher = Dispatcher::new(settings, HttpTransport::new()?);
/// let app = App::new("defaultApp", "http://localhost:8081/apps/EchoApp")?;
/// let session = dispatcher.connect(&app, Connection::default()).await?;
/// let verdict = session.send(hook::PublishStream, Stream { name: "b4e7".into(), ..Stream::default() }).await;
/// println!("{:?} with {}", verdict.effect(), verdict.fields());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Dispatcher {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    settings: Settings,
    pub(crate) options: Options,
    limits: Limits,
    signing_key: Option<SigningKey>,
    in_flight: Semaphore,
    backend: Box<dyn Backend>,
    pub(crate) policies: Policies,
    players: Players,
    pub(crate) counted: Counted,
}

impl fmt::Debug for Dispatcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dispatcher")
            .field("settings", &self.inner.settings)
            .field("options", &self.inner.options)
            .finish_non_exhaustive()
    }
}

impl Dispatcher {
    /// WCS's settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// Whether `StreamKeepAliveEvent` is sent for streams of this app: the settings enable it and list the app, and the
    /// method is switched on.
    #[must_use]
    pub fn is_keep_alive_on(&self, app: &App) -> bool {
        self.is_on(app, &Method::Known(HookName::StreamKeepAlive))
    }

    /// Whether the settings and the app let a method be called.
    fn is_on(&self, app: &App, method: &Method) -> bool {
        let settings = &self.inner.settings;
        let by_settings = match method {
            Method::Known(HookName::PlayHls) => settings.hls_auth_enabled,
            Method::Known(HookName::PlayRtsp) => settings.rtsp_auth_enabled,
            Method::Known(HookName::StreamKeepAlive) => {
                settings.keep_alive_enabled && settings.keep_alive_app_keys.iter().any(|key| key == app.key())
            }
            _ => true,
        };
        let by_app = match method {
            Method::Known(hook) => app.is_on(*hook),
            Method::Unknown(_) => true,
        };
        !settings.requests_disabled && by_settings && by_app
    }

    /// The context with what is missing made up: this node, the app, a session's id in the style of newer builds.
    fn complete(&self, app: &App, context: HookContext) -> Context {
        let or = |given: String, otherwise: &dyn Fn() -> String| {
            if given.is_empty() { otherwise() } else { given }
        };
        HookContext {
            node_id: or(context.node_id, &|| self.inner.options.node_id.clone()),
            app_key: app.key().to_owned(),
            session_id: or(context.session_id, &|| Uuid::new_v4().to_string()),
        }
        .into()
    }

    fn signature(&self, body: &[u8]) -> Option<HeaderValue> {
        let key = self.inner.signing_key.as_ref()?;
        HeaderValue::try_from(key.sign(body)).ok()
    }

    /// A dispatcher with the default [`Options`].
    ///
    /// ```
    /// use wcs_hooks_dispatcher::{Dispatcher, HttpTransport, Settings};
    ///
    /// let wcs = Dispatcher::new(Settings::default(), HttpTransport::new()?);
    /// # Ok::<(), wcs_hooks_dispatcher::TlsError>(())
    /// ```
    pub fn new(settings: Settings, backend: impl Backend) -> Self {
        Self::with_options(settings, backend, Options::default())
    }

    /// A dispatcher.
    ///
    /// ```
    /// use wcs_hooks_dispatcher::{Dispatcher, HttpTransport, Options, Settings};
    ///
    /// let options = Options { max_in_flight: 16, ..Options::default() };
    /// let wcs = Dispatcher::with_options(Settings::default(), HttpTransport::new()?, options);
    /// # Ok::<(), wcs_hooks_dispatcher::TlsError>(())
    /// ```
    pub fn with_options(settings: Settings, backend: impl Backend, options: Options) -> Self {
        let limits =
            Limits { retry: settings.retry, timeout: settings.request_timeout, body: options.max_answer };
        let permits = options.max_in_flight.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            inner: Arc::new(Inner {
                limits,
                signing_key: settings.hook_secret.as_ref().map(SigningKey::new),
                in_flight: Semaphore::new(permits),
                backend: Box::new(backend),
                policies: Policies::new(),
                players: Players::new(
                    settings.hls_auth_token_cache,
                    settings.client_acl_property_name.clone(),
                ),
                counted: Counted::default(),
                settings,
                options,
            }),
        }
    }

    /// A client connects: calls `connect`, and opens a session unless the backend declines it. Spec §4.2.
    ///
    /// If the method is off, the session opens with the client's data and the default policies.
    ///
    /// # Errors
    /// If the backend declines: any answer but a 200 with a JSON object, or no answer.
    pub async fn connect(&self, app: &App, connection: Connection) -> Result<Session, Declined> {
        self.connect_as(app, HookContext::default(), connection).await
    }

    /// [`Dispatcher::connect`] with a `nodeId` and `sessionId` of one's own; what is empty is made up. The `appKey` is
    /// the app's.
    ///
    /// # Errors
    /// As [`Dispatcher::connect`].
    pub async fn connect_as(
        &self,
        app: &App,
        context: HookContext,
        connection: Connection,
    ) -> Result<Session, Declined> {
        let context = self.complete(app, context);
        let connection = Connection { rest_client_config: None, ..connection };
        let fields = body::typed(&context, connection);
        self.open(app, context, fields).await
    }

    /// [`Dispatcher::connect_as`] with any object, whose unknown fields, number spelling and order are kept. A
    /// `restClientConfig` in it is not sent: a backend that echoes it would let the client choose the policy.
    ///
    /// # Errors
    /// As [`Dispatcher::connect`].
    pub async fn connect_raw(
        &self,
        app: &App,
        context: HookContext,
        connection: &Object<'_>,
    ) -> Result<Session, Declined> {
        let context = self.complete(app, context);
        let fields = body::raw(&context, connection);
        let fields = body::without(&fields, &[RestClientConfig::FIELD.to_owned()]);
        self.open(app, context, fields).await
    }

    async fn open(&self, app: &App, context: Context, fields: Bytes) -> Result<Session, Declined> {
        let policies = self.inner.policies.default_ones();
        let verdict = self.call(app, Method::Known(HookName::Connect), policies, fields).await;
        if verdict.goes_on() {
            Ok(Session::open(self.clone(), app.clone(), context, verdict))
        } else {
            Err(Declined::new(verdict))
        }
    }

    /// An HLS or RTSP player asks for a stream: calls `playHLS` or `playRTSP`, if the settings enable it. There is no
    /// session and no policy. Spec §3.4.
    ///
    /// ```no_run
    /// # use wcs_hooks_dispatcher::{App, Dispatcher};
    /// use wcs_hooks_protocol::{hook, payloads::HlsPlay};
    ///
    /// # async fn run(dispatcher: Dispatcher, app: App) {
    /// let mut play = HlsPlay { name: "b4e7".into(), ..HlsPlay::default() };
    /// play.custom.insert(dispatcher.settings().client_acl_property_name.clone(), "key1".into());
    /// let refusal = dispatcher.play(&app, hook::PlayHls, play).await.player_refusal();
    /// # }
    /// ```
    pub async fn play<H>(&self, app: &App, hook: H, payload: H::Payload) -> Verdict
    where
        H: Hook<Kind = kind::Access>,
    {
        self.play_as(app, HookContext::default(), hook, payload).await
    }

    /// [`Dispatcher::play`] with a `nodeId` and `sessionId` of one's own; what is empty is made up.
    pub async fn play_as<H>(&self, app: &App, context: HookContext, _hook: H, payload: H::Payload) -> Verdict
    where
        H: Hook<Kind = kind::Access>,
    {
        let context = self.complete(app, context);
        let policies = self.inner.policies.default_ones();
        self.call(app, Method::Known(H::NAME), policies, body::typed(&context, payload)).await
    }

    /// Calls any method with any object outside of a session, by the default policy. What is empty in the context is made
    /// up. A name that cannot be the last segment of a URL as it is counts as a method that is off.
    pub async fn send_raw(
        &self,
        app: &App,
        context: HookContext,
        method: &str,
        object: &Object<'_>,
    ) -> Verdict {
        let context = self.complete(app, context);
        let policies = self.inner.policies.default_ones();
        self.call(app, Method::named(method), policies, body::raw(&context, object)).await
    }

    /// Calls a method, if it is on, judges what comes of it, and counts it.
    pub(crate) async fn call(
        &self,
        app: &App,
        method: Method,
        policies: Arc<RestClientConfig>,
        fields: Bytes,
    ) -> Verdict {
        let verdict = self.judge(app, method, policies, fields).await;
        self.inner.counted.judged(app.name(), &verdict);
        verdict
    }

    async fn judge(
        &self,
        app: &App,
        method: Method,
        policies: Arc<RestClientConfig>,
        fields: Bytes,
    ) -> Verdict {
        let policy = policies.policy_of(method.as_str());
        let is_asked = self.is_on(app, &method) && is_asked(method.kind(), policy);
        let Some(uri) = app.endpoint(&method).filter(|_| is_asked) else {
            return Verdict::not_asked(method, policies, fields);
        };
        let player = self.inner.players.recognize(app, &method, &fields);
        if let Some(outcome) = player.as_ref().and_then(|player| self.inner.players.outcome(player)) {
            return Verdict::remembered(method, policies, fields, outcome);
        }
        let body = body::without(&fields, &policy.rest_exclude);
        let outgoing = Outgoing {
            app: app.name(),
            hook: method.as_str(),
            row: counted::row(&method),
            uri,
            headers: app.headers(),
            signature: self.signature(&body),
            body,
        };
        let exchange = self.exchange(&outgoing).await;
        let sent = outgoing.body;
        let verdict = Verdict::of(method, policies, sent, fields, exchange);
        verdict.log(app.name());
        if let (Some(player), Some(_)) = (player, verdict.reply()) {
            self.inner.players.remember(player, verdict.outcome());
        }
        verdict
    }

    async fn exchange(&self, outgoing: &Outgoing<'_>) -> Exchange {
        let counted = &self.inner.counted;
        let waiting = counted.waits();
        // The semaphore is never closed.
        let _permit = self.inner.in_flight.acquire().await;
        drop(waiting);
        let (_calling, started) = (counted.calls(), Instant::now());
        let exchange = exchange(&*self.inner.backend, outgoing, self.inner.limits, counted).await;
        counted.answered(outgoing.row, started.elapsed());
        exchange
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use http::{Request, Response};
    use http_body_util::Full;

    use super::*;

    #[tokio::test]
    async fn a_client_does_not_choose_the_policy_by_the_echo() {
        let echo = tower::service_fn(async |request: Request<Full<Bytes>>| {
            let reply = Response::builder().header("content-type", "application/json");
            Ok::<_, Infallible>(reply.body(request.into_body()).unwrap())
        });
        let app = App::new("defaultApp", "http://host").unwrap();
        let text = r#"{"restClientConfig":{"call":{"restPolicy":"DISABLE"}},"keepAlive":true}"#;
        let connection = Object::parse(text).unwrap();
        let dispatcher = Dispatcher::new(Settings::default(), echo);
        let session = dispatcher.connect_raw(&app, HookContext::default(), &connection).await.unwrap();
        assert_eq!(*session.policies(), RestClientConfig::default());
        assert!(session.opening().fields().ends_with(r#","keepAlive":true}"#));
    }
}
