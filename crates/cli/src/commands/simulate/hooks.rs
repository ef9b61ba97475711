//! The hooks that go out, seen on their way: printed, and shown on the demo's page.

use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::ext::ReasonPhrase;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use tokio::sync::broadcast::{
    self,
    error::{RecvError, TryRecvError},
};
use tower::ServiceExt;
use wcs_hooks_dispatcher::{Backend, HttpTransport, Object, TransportError, redact};
use wcs_hooks_protocol::escaped;

use crate::output::{BAD, DIM, GOOD, Output, WARN, remark};

/// As many wait for a reader that is slow; it misses others.
const WAITING: usize = 1024;
/// Bodies that are longer are not shown.
const LONGEST_BODY: usize = 64 << 10;

/// Where all hooks are seen. Clones are the same place.
#[derive(Clone)]
pub(super) struct Hooks(broadcast::Sender<Arc<Sent>>);

impl Default for Hooks {
    fn default() -> Self {
        Self(broadcast::Sender::new(WAITING))
    }
}

/// A hook that was sent, and what came of it.
#[derive(Serialize)]
pub(super) struct Sent {
    hook: String,
    app: String,
    session: String,
    status: Option<u16>,
    reason: String,
    milliseconds: f64,
    #[serde(serialize_with = "printable")]
    request: Bytes,
    #[serde(serialize_with = "printable")]
    answer: Vec<u8>,
}

/// A body without its secrets; `null` if it is no object.
fn printable<S: Serializer>(body: impl AsRef<[u8]>, serializer: S) -> Result<S::Ok, S::Error> {
    let object = Object::from_slice(body.as_ref()).ok();
    let json = object.and_then(|object| RawValue::from_string(redact::json(object.text())).ok());
    json.serialize(serializer)
}

impl Hooks {
    /// All that go out from now on.
    pub(super) fn subscribe(&self) -> broadcast::Receiver<Arc<Sent>> {
        self.0.subscribe()
    }

    /// How many read along.
    pub(super) fn readers(&self) -> usize {
        self.0.receiver_count()
    }

    /// The way over the network, watched.
    pub(super) fn watch(&self, transport: HttpTransport) -> impl Backend + use<> {
        let hooks = self.clone();
        tower::service_fn(move |request: Request<Full<Bytes>>| {
            let (transport, hooks) = (transport.clone(), hooks.clone());
            async move {
                let mut under_way = UnderWay::begin(hooks, &request).await;
                let response = transport.oneshot(request).await?;
                under_way.answered(&response);
                Ok::<_, TransportError>(response.map(|body| {
                    body.map_frame(move |frame| {
                        under_way.read(frame.data_ref());
                        frame
                    })
                }))
            }
        })
    }
}

/// A hook that is told of when it is dropped: its answer has been read, or nobody waits for it any more.
struct UnderWay {
    hooks: Hooks,
    start: Instant,
    sent: Option<Sent>,
}

impl UnderWay {
    async fn begin(hooks: Hooks, request: &Request<Full<Bytes>>) -> Self {
        let Ok(body) = request.body().clone().collect().await;
        let body = body.to_bytes();
        let (app, session) = {
            let object = Object::from_slice(&body).ok();
            let text = |name| {
                object.as_ref().and_then(|object| object.string(name)).unwrap_or_default().into_owned()
            };
            (text("appKey"), text("sessionId"))
        };
        let sent = Sent {
            hook: request.uri().path().rsplit('/').next().unwrap_or_default().to_owned(),
            app,
            session,
            status: None,
            reason: "no answer".to_owned(),
            milliseconds: 0.0,
            request: if body.len() > LONGEST_BODY { Bytes::new() } else { body },
            answer: Vec::new(),
        };
        Self { hooks, start: Instant::now(), sent: Some(sent) }
    }

    fn answered<B>(&mut self, response: &Response<B>) {
        let Some(sent) = &mut self.sent else { return };
        let usual = response.status().canonical_reason().unwrap_or_default();
        let given = response.extensions().get::<ReasonPhrase>();
        sent.status = Some(response.status().as_u16());
        sent.reason = given
            .map_or_else(|| usual.into(), |given| String::from_utf8_lossy(given.as_bytes()))
            .into_owned();
    }

    fn read(&mut self, data: Option<&Bytes>) {
        if let (Some(sent), Some(data)) = (&mut self.sent, data) {
            let room = (LONGEST_BODY + 1).saturating_sub(sent.answer.len());
            sent.answer.extend_from_slice(&data[..data.len().min(room)]);
        }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        if let Some(mut sent) = self.sent.take() {
            sent.milliseconds = milliseconds(self.start.elapsed());
            // Nobody may be reading along.
            drop(self.hooks.0.send(Arc::new(sent)));
        }
    }
}

/// With three places.
fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}

/// Prints a line for each hook, unless it is to be quiet.
pub(super) struct Printer<'a> {
    hooks: Option<broadcast::Receiver<Arc<Sent>>>,
    output: &'a Output,
}

impl<'a> Printer<'a> {
    pub(super) fn new(hooks: &Hooks, is_quiet: bool, output: &'a Output) -> Self {
        Self { hooks: (!is_quiet).then(|| hooks.0.subscribe()), output }
    }

    /// Prints as they go out, and does not end by itself. Nothing is lost if this is not waited for to the end.
    pub(super) async fn run(&mut self) -> io::Result<()> {
        loop {
            let next = match &mut self.hooks {
                Some(hooks) => hooks.recv().await,
                None => std::future::pending().await,
            };
            match next {
                Ok(sent) => sent.print(self.output)?,
                Err(RecvError::Lagged(missed)) => lagged(missed)?,
                Err(RecvError::Closed) => self.hooks = None,
            }
        }
    }

    /// Prints those that have gone out already.
    pub(super) fn rest(&mut self) -> io::Result<()> {
        let Some(hooks) = &mut self.hooks else { return Ok(()) };
        loop {
            match hooks.try_recv() {
                Ok(sent) => sent.print(self.output)?,
                Err(TryRecvError::Lagged(missed)) => lagged(missed)?,
                Err(TryRecvError::Empty | TryRecvError::Closed) => return Ok(()),
            }
        }
    }
}

fn lagged(missed: u64) -> io::Result<()> {
    remark(format_args!("{missed} hooks went out too fast to be printed"))
}

impl Sent {
    fn print(&self, output: &Output) -> io::Result<()> {
        output.object(self)?;
        let [hook, app, reason] = [&self.hook, &self.app, &self.reason].map(|text| escaped(text).to_string());
        let milliseconds = self.milliseconds;
        let (colour, status) = match self.status {
            Some(200) => (GOOD, "200".to_owned()),
            Some(status) => (BAD, status.to_string()),
            None => (WARN, "---".to_owned()),
        };
        output.line(format_args!(
            "{colour}{status}{colour:#} {hook:<24} {app} {DIM}{reason}, {milliseconds} ms{DIM:#}"
        ))
    }
}
