//! A backend that is a function, and remembers what it was asked.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use serde_json::Value;
use tokio::sync::watch;
use tower::util::service_fn;

/// What a backend answers.
pub(crate) enum Reply {
    /// 200 with what came.
    Echo,
    /// 200 with this.
    Object(Value),
    /// This status, with a reason.
    Refuse(u16, &'static str),
    /// Nothing, for ever.
    Hang,
}

type Answer = dyn Fn(&str, &Value) -> Reply + Send + Sync;

#[derive(Clone)]
pub(crate) struct Backend {
    answer: Arc<Answer>,
    seen: Arc<Mutex<Vec<(String, Value)>>>,
    count: watch::Sender<usize>,
    delay: Arc<Mutex<Duration>>,
    bodies: Arc<Mutex<Vec<(String, String)>>>,
}

type Answering = Pin<Box<dyn Future<Output = Result<Response<Full<Bytes>>, Infallible>> + Send>>;

impl Backend {
    pub(crate) fn new(answer: impl Fn(&str, &Value) -> Reply + Send + Sync + 'static) -> Self {
        Self {
            answer: Arc::new(answer),
            seen: Arc::default(),
            count: watch::Sender::new(0),
            delay: Arc::default(),
            bodies: Arc::default(),
        }
    }

    pub(crate) fn service(
        &self,
    ) -> impl tower::Service<
        Request<Full<Bytes>>,
        Response = Response<Full<Bytes>>,
        Error = Infallible,
        Future = Answering,
    > + Clone
    + Send
    + Sync
    + 'static {
        let backend = self.clone();
        service_fn(move |request| -> Answering { Box::pin(backend.clone().asked(request)) })
    }

    async fn asked(self, request: Request<Full<Bytes>>) -> Result<Response<Full<Bytes>>, Infallible> {
        let hook = request.uri().path().trim_start_matches('/').to_owned();
        let body = request.into_body().collect().await?.to_bytes();
        // Half a surrogate pair is kept as it came, and read by few.
        let fields: Value = serde_json::from_slice(&body).unwrap_or_default();
        let reply = (self.answer)(&hook, &fields);
        self.bodies.lock().unwrap().push((hook.clone(), String::from_utf8(body.to_vec()).unwrap()));
        self.seen.lock().unwrap().push((hook, fields));
        self.count.send_modify(|count| *count += 1);
        let delay = *self.delay.lock().unwrap();
        tokio::time::sleep(delay).await;
        let (status, body) = match reply {
            Reply::Echo => (200, body),
            Reply::Object(object) => (200, object.to_string().into()),
            Reply::Refuse(status, reason) => {
                (status, serde_json::json!({ "status": status, "reason": reason }).to_string().into())
            }
            Reply::Hang => std::future::pending().await,
        };
        let response = Response::builder().status(status).header("content-type", "application/json");
        Ok(response.body(Full::new(body)).unwrap())
    }

    /// Takes this long for an answer from now on.
    pub(crate) fn slow(&self, delay: Duration) {
        *self.delay.lock().unwrap() = delay;
    }

    /// The fields of a hook that it was asked last.
    pub(crate) fn last(&self, hook: &str) -> Value {
        let seen = self.seen.lock().unwrap();
        seen.iter().rev().find(|(name, _)| name == hook).unwrap().1.clone()
    }

    /// The body of a hook that it was asked last, as it came.
    pub(crate) fn last_body(&self, hook: &str) -> String {
        let bodies = self.bodies.lock().unwrap();
        bodies.iter().rev().find(|(name, _)| name == hook).unwrap().1.clone()
    }

    /// The hooks that it has been asked so far, with their fields.
    pub(crate) fn all(&self) -> Vec<(String, Value)> {
        self.seen.lock().unwrap().clone()
    }

    /// What it has been asked so far: a line for each hook.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.seen.lock().unwrap().iter().map(|(hook, fields)| super::client::line(hook, fields)).collect()
    }

    /// [`Self::lines`] of one session.
    pub(crate) fn lines_of(&self, session_id: &str) -> Vec<String> {
        let seen = self.seen.lock().unwrap();
        let of_session = seen.iter().filter(|(_, fields)| fields["sessionId"] == session_id);
        of_session.map(|(hook, fields)| super::client::line(hook, fields)).collect()
    }

    /// Waits until a session is over, and gives its lines.
    pub(crate) async fn ended(&self, session_id: &str) -> Vec<String> {
        let is_over = |lines: &[String]| lines.last().is_some_and(|line| line.ends_with("DISCONNECTED"));
        let over = |_: &usize| is_over(&self.lines_of(session_id));
        self.count.subscribe().wait_for(over).await.unwrap();
        self.lines_of(session_id)
    }

    /// Waits until it has been asked this many hooks, and gives their lines.
    pub(crate) async fn asked_for(&self, hooks: usize) -> Vec<String> {
        self.count.subscribe().wait_for(|count| *count >= hooks).await.unwrap();
        self.lines()
    }

    /// Waits for a hook, and gives its fields.
    pub(crate) async fn asked_about(&self, hook: &str) -> Value {
        let mut count = self.count.subscribe();
        loop {
            let found = self.seen.lock().unwrap().iter().find(|(name, _)| name == hook).cloned();
            if let Some((_, fields)) = found {
                return fields;
            }
            count.changed().await.unwrap();
        }
    }
}
