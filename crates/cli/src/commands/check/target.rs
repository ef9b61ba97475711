//! The backend that is checked: [`Target`].

use std::time::Duration;

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::Method;
use tokio::sync::OnceCell;
use wcs_hooks_dispatcher::{App, AppError, HttpTransport, Settings};
use wcs_hooks_protocol::{
    FieldValue, HookContext, HookName, Object, RestClientConfig, Secret, SigningKey, quoted,
    status::SessionStatus,
};

use super::{
    body,
    fields::FieldAt,
    finding::Problem,
    wire::{Answer, Call, JSON, Trouble, Wire},
};
use crate::fields::set;

/// How calls prove that they come from WCS.
pub(crate) enum Proof {
    Nothing,
    /// `rest_hook_secret_key`.
    Signature(Secret),
    /// `restUsername` and `restPassword`.
    Basic(String, Secret),
}

impl Proof {
    /// The `Authorization` of a body.
    pub(crate) fn header(&self, body: &[u8]) -> Option<String> {
        match self {
            Self::Nothing => None,
            Self::Signature(secret) => Some(SigningKey::new(secret).sign(body)),
            Self::Basic(user, password) => Some(basic(user, password.expose())),
        }
    }
}

/// An `Authorization` of HTTP Basic.
pub(crate) fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}")))
}

/// What is said of the backend on the command line.
pub(crate) struct Known {
    pub(crate) url: String,
    pub(crate) app_key: String,
    pub(crate) proof: Proof,
    pub(crate) timeout: Duration,
    pub(crate) fields: Vec<FieldAt>,
    pub(crate) refused_fields: Vec<FieldAt>,
}

/// A hook that was sent, and what came of it.
pub(crate) struct Sent {
    pub(crate) hook: HookName,
    pub(crate) body: String,
    pub(crate) answer: Result<Answer, Trouble>,
}

/// A backend in whose eyes a session is open.
pub(crate) struct Target {
    pub(crate) known: Known,
    pub(crate) context: HookContext,
    /// The app of a WCS that is set up for this backend.
    pub(crate) app: App,
    wire: Wire,
    opening: OnceCell<Answer>,
    sweep: OnceCell<Vec<Sent>>,
}

impl Target {
    /// Nothing is sent yet.
    pub(crate) fn new(mut known: Known, transport: HttpTransport) -> Result<Self, AppError> {
        let mut app = App::new(&*known.app_key, &known.url)?;
        if let Proof::Basic(user, password) = &known.proof {
            app = app.with_credentials(user, password)?;
        }
        app.url().clone_into(&mut known.url);
        let context = HookContext {
            node_id: "Hw47CFMBEchVOpBMDr29IxjudnJ1sjOY@127.0.0.1".to_owned(),
            app_key: known.app_key.clone(),
            session_id: format!("wcs-hooks-check-{}", std::process::id()),
        };
        let wire = Wire { transport, timeout: known.timeout };
        Ok(Self { known, context, app, wire, opening: OnceCell::new(), sweep: OnceCell::new() })
    }

    /// The answer to the first `connect`.
    pub(crate) async fn opening(&self) -> Result<&Answer, Trouble> {
        self.opening.get_or_try_init(|| self.post(HookName::Connect, self.body(HookName::Connect))).await
    }

    /// The policies of the session.
    pub(crate) async fn config(&self) -> Result<RestClientConfig, Problem> {
        let config = self.config_json().await?;
        Ok(config.and_then(|json| RestClientConfig::read(&json)).unwrap_or_default())
    }

    /// `restClientConfig` as it came, if it did.
    pub(crate) async fn config_json(&self) -> Result<Option<String>, Problem> {
        let opening = self.opening().await?;
        let object = Object::parse(opening.json()?);
        let object = object.map_err(|error| Problem::fail(format!("the answer is {error}")))?;
        Ok(object.get(RestClientConfig::FIELD).map(str::to_owned))
    }

    /// Every hook of the catalogue, sent once in its session.
    pub(crate) async fn sweep(&self) -> &[Sent] {
        self.sweep.get_or_init(|| self.send_every_hook()).await
    }

    async fn send_every_hook(&self) -> Vec<Sent> {
        let mut sweep = Vec::new();
        for &hook in HookName::ALL {
            let body = self.body(hook);
            let answer = self.post(hook, body.clone()).await;
            sweep.push(Sent { hook, body, answer });
        }
        sweep
    }

    /// A body that the backend should accept.
    pub(crate) fn body(&self, hook: HookName) -> String {
        self.filled(hook, &self.known.fields)
    }

    /// A body that the backend should refuse, and the hook; nothing if it is not known how to be refused.
    pub(crate) fn refused(&self) -> Option<(HookName, String)> {
        let hook = self.known.refused_fields.first()?.hook;
        let body = self.body(hook);
        let fields = self.known.refused_fields.iter().filter(|field| field.hook == hook);
        Some((hook, fields.fold(body, |body, field| field.field.put_into(&body))))
    }

    fn filled(&self, hook: HookName, fields: &[FieldAt]) -> String {
        let fields = fields.iter().filter(|field| field.hook == hook);
        fields.fold(body::of(hook, &self.context), |body, field| field.field.put_into(&body))
    }

    /// Whether a value at this place was given on the command line.
    pub(crate) fn is_given(&self, hook: HookName, path: &str) -> bool {
        self.known.fields.iter().any(|field| field.hook == hook && field.field.path() == path)
    }

    /// The call of a hook, as WCS makes it.
    pub(crate) fn call(&self, method: &str, body: impl Into<Bytes>) -> Call {
        let body = body.into();
        Call {
            method: Method::POST,
            url: format!("{}/{method}", self.known.url),
            content_type: Some(JSON),
            authorization: self.known.proof.header(&body),
            body,
        }
    }

    /// Sends a hook as WCS does.
    pub(crate) async fn post(&self, hook: HookName, body: impl Into<Bytes>) -> Result<Answer, Trouble> {
        self.send(self.call(hook.as_str(), body)).await
    }

    /// Sends any request.
    pub(crate) async fn send(&self, call: Call) -> Result<Answer, Trouble> {
        self.wire.send(call).await
    }

    /// Tells the backend that the session has ended, so that it need not keep it.
    pub(crate) async fn leave(&self) {
        let body = self.body(HookName::ConnectionStatus);
        let body = set(&body, "status", &quoted(SessionStatus::Disconnected.as_str()));
        // It makes no difference any more.
        drop(self.post(HookName::ConnectionStatus, body).await);
    }

    /// Whether nothing is there any more that could answer.
    pub(crate) async fn is_gone(&self) -> bool {
        let answer = self.post(HookName::Connect, self.body(HookName::Connect)).await;
        matches!(answer, Err(Trouble::Unreachable(_)))
    }

    /// Whether the backend still opens sessions, after `what`.
    pub(crate) async fn survives(&self, what: &str) -> Result<(), Problem> {
        let answer = self.post(HookName::Connect, self.body(HookName::Connect)).await;
        match answer {
            Ok(answer) if answer.is_accepted() => Ok(()),
            Ok(answer) => Err(Problem::fail(format!("after {what}, a good call is answered {answer}"))),
            Err(trouble) => Err(Problem::fail(format!("after {what}, a good call has {trouble}"))),
        }
    }

    /// The settings of a WCS that is set up for this backend.
    pub(crate) fn settings(&self) -> Settings {
        let hook_secret = match &self.known.proof {
            Proof::Signature(secret) => Some(secret.clone()),
            _ => None,
        };
        Settings { hook_secret, request_timeout: Some(self.known.timeout), ..Settings::default() }
    }

    /// The transport of a WCS that is set up for this backend.
    pub(crate) fn transport(&self) -> HttpTransport {
        self.wire.transport.clone()
    }
}
