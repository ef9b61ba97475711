//! What WCS would do after calling the backend: [`Verdict`]. Spec §4.5, §5.

use std::{fmt, sync::Arc};

use bytes::Bytes;
use wcs_hooks_protocol::{
    Effect, HookContext, HookKind, HookName, HookPolicy, Object, Outcome, Payload, PayloadError,
    RestClientConfig, Taken, effect, info, redact, taken,
};

use crate::{
    Failure, FailureKind, Reply,
    body::{self, text},
    counted,
    exchange::Exchange,
    method::Method,
    taken::changes,
};

mod told;

pub use told::{FailMessage, PlayerRefusal, SipAnswer, ToClient};

/// What WCS would do: the cell of the table in spec §4.5 that an answer leads to, and all that follows from it.
///
/// ```
/// use wcs_hooks_dispatcher::{App, Dispatcher, Settings};
/// use wcs_hooks_protocol::{Effect, hook, payloads::{Connection, Stream}};
/// # use std::convert::Infallible;
/// # use bytes::Bytes;
/// # use http_body_util::Full;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // A backend that accepts every session, sets no policy, and refuses everything else.
/// let backend = tower::service_fn(|request: http::Request<Full<Bytes>>| async move {
///     let is_connect = request.uri().path().ends_with("/connect");
///     let response = http::Response::builder().header("content-type", "application/json");
///     Ok::<_, Infallible>(response.status(if is_connect { 200 } else { 403 }).body(Full::<Bytes>::from("{}")).unwrap())
/// });
/// let app = App::new("defaultApp", "http://backend")?;
/// let session = Dispatcher::new(Settings::default(), backend).connect(&app, Connection::default()).await?;
/// let verdict = session.send(hook::PublishStream, Stream { name: "b4e7".into(), ..Stream::default() }).await;
///
/// // By WCS's defaults the refusal changes nothing.
/// assert_eq!((verdict.effect(), verdict.attempts()), (Effect::GoOn, 1));
/// # Ok(())
/// # }
/// ```
///
/// Printing with `{:?}` hides secrets.
pub struct Verdict {
    method: Method,
    policies: Arc<RestClientConfig>,
    outcome: Outcome,
    effect: Effect,
    sent: Option<Bytes>,
    fields: Bytes,
    unreadable: Vec<String>,
    result: Option<Result<Reply, Failure>>,
    attempts: u32,
}

impl Verdict {
    /// The backend is not called, and WCS goes on with the client's data.
    pub(crate) fn not_asked(method: Method, policies: Arc<RestClientConfig>, fields: Bytes) -> Self {
        Self {
            method,
            policies,
            outcome: Outcome::NotAsked,
            effect: Effect::GoOn,
            sent: None,
            fields,
            unreadable: Vec::new(),
            result: None,
            attempts: 0,
        }
    }

    /// The backend is not called again: this came of the last call.
    pub(crate) fn remembered(
        method: Method,
        policies: Arc<RestClientConfig>,
        fields: Bytes,
        outcome: Outcome,
    ) -> Self {
        let effect = effect(method.kind(), policies.policy_of(method.as_str()).rest_on_error, outcome);
        Self { outcome, effect, ..Self::not_asked(method, policies, fields) }
    }

    /// The backend was called.
    pub(crate) fn of(
        method: Method,
        policies: Arc<RestClientConfig>,
        sent: Bytes,
        fields: Bytes,
        exchange: Exchange,
    ) -> Self {
        let mut verdict = Self {
            attempts: exchange.attempts,
            sent: Some(sent),
            ..Self::not_asked(method, policies, fields)
        };
        let policies = Arc::clone(&verdict.policies);
        let policy = policies.policy_of(verdict.hook());
        verdict.outcome = match &exchange.result {
            Ok(reply) if reply.status() == 200 => verdict.take(reply, policy),
            Ok(reply) => Outcome::Status(reply.status()),
            Err(_) => Outcome::NoAnswer,
        };
        verdict.effect = effect(verdict.kind(), policy.rest_on_error, verdict.outcome);
        verdict.result = Some(exchange.result);
        verdict
    }

    /// Takes from a 200 what the policy says, which may need no body at all.
    fn take(&mut self, reply: &Reply, policy: &HookPolicy) -> Outcome {
        let taken = taken(self.kind(), policy);
        if taken == Taken::Nothing {
            return Outcome::Accepted;
        }
        let (Some(answer), Ok(object)) = (reply.object(), Object::from_slice(&self.fields)) else {
            return Outcome::Unreadable;
        };
        let changes = changes(&object, &answer, taken, self.method.fields());
        if !changes.edits.is_empty() {
            self.fields = object.edited(&changes.edits).into();
        }
        self.unreadable = changes.unreadable;
        Outcome::Accepted
    }

    /// The name of the hook, as it stands in the URL.
    #[must_use]
    pub fn hook(&self) -> &str {
        self.method.as_str()
    }

    /// Where it is counted.
    pub(crate) fn row(&self) -> usize {
        counted::row(&self.method)
    }

    /// The kind of the hook. One that the catalogue does not know is an event if its name ends in `StatusEvent`, and
    /// otherwise an [`HookKind::Invoke`].
    #[must_use]
    pub fn kind(&self) -> HookKind {
        self.method.kind()
    }

    /// The policy that was applied. That of `connect`, `playHLS` and `playRTSP` is always the default one.
    #[must_use]
    pub fn policy(&self) -> &HookPolicy {
        self.policies.policy_of(self.hook())
    }

    /// What came of calling the backend.
    #[must_use]
    pub const fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// What WCS does.
    #[must_use]
    pub const fn effect(&self) -> Effect {
        self.effect
    }

    /// Whether WCS goes on with what was asked for, or delivers the event.
    #[must_use]
    pub const fn goes_on(&self) -> bool {
        matches!(self.effect, Effect::GoOn)
    }

    /// The answer, if there is one.
    #[must_use]
    pub const fn reply(&self) -> Option<&Reply> {
        match &self.result {
            Some(Ok(reply)) => Some(reply),
            _ => None,
        }
    }

    /// Why there is no answer, if the backend was called and did not answer.
    #[must_use]
    pub const fn failure(&self) -> Option<&Failure> {
        match &self.result {
            Some(Err(failure)) => Some(failure),
            _ => None,
        }
    }

    /// How many times the backend was called for this: 0 if it was not (nor if its last answer to an HLS player's token
    /// is still kept), more than 1 after retries.
    #[must_use]
    pub const fn attempts(&self) -> u32 {
        self.attempts
    }

    /// The body that the backend was sent, after `restExclude`; `None` if it was not called.
    #[must_use]
    pub fn sent(&self) -> Option<&str> {
        self.sent.as_deref().map(text)
    }

    /// The object that WCS goes on with, as compact JSON with the context in it: the client's, with what was taken from
    /// the answer. After a refusal, the client's.
    ///
    /// Taken are the fields of `restOverwrite`, or, of the answer to `connect`, all but `restClientConfig`. A string where
    /// the field is a number or boolean is read as what it means, and a number where it is a text as its spelling. The
    /// client's value stays where the answer has none, has `null` or has a value of another kind (the spec leaves the
    /// latter two open, §4.3), and the context always stays.
    #[must_use]
    pub fn fields(&self) -> &str {
        text(&self.fields)
    }

    pub(crate) const fn fields_bytes(&self) -> &Bytes {
        &self.fields
    }

    /// [`Verdict::fields`] as a payload.
    ///
    /// ```
    /// # use wcs_hooks_dispatcher::Verdict;
    /// use wcs_hooks_protocol::payloads::Stream;
    ///
    /// fn name_to_play(verdict: &Verdict) -> Option<String> {
    ///     Some(verdict.payload::<Stream>().ok()?.name)
    /// }
    /// ```
    ///
    /// # Errors
    /// If a raw object that was sent has a key twice.
    pub fn payload<P: Payload>(&self) -> Result<P, PayloadError> {
        P::from_json(&self.fields)
    }

    /// Fields that were to be taken from the answer but are of a kind they cannot have. The client's values stay.
    #[must_use]
    pub fn unreadable_fields(&self) -> &[String] {
        &self.unreadable
    }

    /// What the client is told at once.
    #[must_use]
    pub fn to_client(&self) -> ToClient {
        match self.effect {
            Effect::GoOn if self.is_delivered() => {
                ToClient::Delivered(body::for_client(&self.fields, &self.policy().client_exclude))
            }
            Effect::GoOn | Effect::RefusePlayer => ToClient::Nothing,
            _ => ToClient::Fail(self.fail()),
        }
    }

    /// What the caller of a call or message that came in hears, if it was refused.
    #[must_use]
    pub fn sip_answer(&self) -> Option<SipAnswer> {
        (self.effect == Effect::RefuseCaller).then_some(SipAnswer::FORBIDDEN)
    }

    /// What happens to an HLS or RTSP player that was refused.
    #[must_use]
    pub fn player_refusal(&self) -> Option<PlayerRefusal> {
        let is_rtsp = self.method == Method::Known(HookName::PlayRtsp);
        (self.effect == Effect::RefusePlayer).then_some(if is_rtsp {
            PlayerRefusal::ConnectionClosed
        } else {
            PlayerRefusal::Unauthorized
        })
    }

    /// Whether WCS ends the stream that a `StreamKeepAliveEvent` was about.
    #[must_use]
    pub fn ends_stream(&self) -> bool {
        self.effect == Effect::EndStream
    }

    /// Events go to the client, and so does what comes in. The keep-alive is between WCS and the backend.
    fn is_delivered(&self) -> bool {
        matches!(self.kind(), HookKind::Event | HookKind::Incoming)
    }

    fn fail(&self) -> FailMessage {
        let ends_stream = self.ends_stream();
        let event =
            if ends_stream { Some(HookName::StreamStatus.as_str()) } else { self.method.failure_event() };
        FailMessage {
            info: if ends_stream { info::stream::TERMINATED_BY_KEEP_ALIVE.to_owned() } else { self.info() },
            api_method: event.map(str::to_owned),
            id: self.id(),
        }
    }

    /// Why it failed. Where there is no refusal the spec is silent: one of WCS's own texts is used.
    fn info(&self) -> String {
        match (&self.result, self.outcome) {
            (Some(Ok(reply)), Outcome::Status(_)) => reply.info(),
            (Some(Err(failure)), _) if failure.kind() == FailureKind::Timeout => {
                info::call::FAILED_BY_REQUEST_TIMEOUT.to_owned()
            }
            _ => info::call::FAILED_BY_ERROR.to_owned(),
        }
    }

    /// The id of the stream, call or operation. Spec §5.1.
    fn id(&self) -> Option<String> {
        let field = self.method.fields().iter().find(|field| field.id)?;
        let object = Object::from_slice(&self.fields).ok()?;
        object.string(field.name).map(std::borrow::Cow::into_owned)
    }

    /// Writes a line about an interaction error. Attempts without an answer have theirs already.
    pub(crate) fn log(&self, app: &str) {
        if let (Some(reply), true) = (self.reply(), self.outcome.is_error()) {
            tracing::warn!(
                app,
                hook = self.hook(),
                attempt = self.attempts,
                effect = ?self.effect,
                "Interaction error in REST: {} {}",
                reply.status(),
                reply.reason(),
            );
        }
        for field in &self.unreadable {
            tracing::warn!(
                app,
                hook = self.hook(),
                field,
                "The answer's field is of another kind and was not taken"
            );
        }
    }

    /// The context that was sent.
    #[must_use]
    pub fn context(&self) -> HookContext {
        Object::from_slice(&self.fields).map(|object| HookContext::read(&object)).unwrap_or_default()
    }
}

impl fmt::Debug for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verdict")
            .field("hook", &self.hook())
            .field("outcome", &self.outcome)
            .field("effect", &self.effect)
            .field("attempts", &self.attempts)
            .field("fields", &format_args!("{}", redact::json(self.fields())))
            .field("result", &self.result)
            .finish_non_exhaustive()
    }
}
