//! Marked secrets through every hook, every way to answer and every header; then everything that can be seen is searched.

use std::{
    panic,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use http::{
    Request,
    header::{AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION},
};
use http_body_util::{BodyExt, Full};
use serde_json::{Map, Value, json};
use tower::ServiceExt;
use wcs_hooks::{
    AllowAll, AnswerKind, Backend, Callers, Context, DecisionCache, DecisionKey, EventError, Hook, HookName,
    Hooks, KeepAlive, LogFormat, LogSettings, Payload, Refusal, Settings, TraceSettings, hook, kind, redact,
};
use wcs_hooks_protocol::SigningKey;

use super::otlp::collector;
use crate::support::{Lines, listen_everywhere};

/// In bytes.
const LONGEST_BODY: usize = 10_000;

/// Stands in every secret, and nowhere else.
const MARK: &str = "UXVlZXJzZWNyZXQ";

/// In which way the handlers of a backend answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Accepts,
    Refuses,
    Fails,
    Panics,
    NeverAnswers,
}

const WAYS: [Way; 5] = [Way::Accepts, Way::Refuses, Way::Fails, Way::Panics, Way::NeverAnswers];

impl Way {
    /// What the handler says, unless it accepts. It prints what it is given before.
    async fn take<P: Payload>(self, ctx: &Context, payload: &P) -> Option<Self> {
        tracing::trace!(?ctx, ?payload, body = ctx.redacted_body(), "given");
        match self {
            Self::Accepts => None,
            Self::Panics => panic!("on purpose"),
            Self::NeverAnswers => std::future::pending().await,
            way => Some(way),
        }
    }
}

fn refusal(way: Way) -> Refusal {
    if way == Way::Fails {
        Refusal::internal("the directory is down")
    } else {
        Refusal::forbidden("no").because("expired")
    }
}

/// Answers of each kind of hook.
trait Answers: AnswerKind {
    fn answer<P: Payload>(way: Option<Way>, payload: P) -> Self::Result<P>;
}

macro_rules! answers {
    ($($Kind:ident: |$way:ident, $payload:ident| $answer:expr;)*) => { $(
        impl Answers for kind::$Kind {
            fn answer<P: Payload>($way: Option<Way>, $payload: P) -> Self::Result<P> {
                $answer
            }
        }
    )* };
}

answers! {
    Connect: |way, payload| way.map_or(Ok(payload), |way| Err(refusal(way)));
    Invoke: |way, payload| way.map_or(Ok(payload), |way| Err(refusal(way)));
    Incoming: |way, payload| way.map_or(Ok(payload), |way| Err(refusal(way)));
    Access: |way, _payload| way.map_or(Ok(()), |way| Err(refusal(way)));
    Event: |way, _payload| way.map_or(Ok(()), |_| Err(EventError::new("disk full")));
    KeepAlive: |way, _payload| match way {
        Some(Way::Fails) => Err(EventError::new("disk full")),
        Some(_) => Ok(KeepAlive::EndStream),
        None => Ok(KeepAlive::Continue),
    };
}

fn handling<H: Hook<Kind: Answers>>(hooks: Hooks, marker: H, way: Way) -> Hooks {
    hooks.on(marker, move |ctx: Context, payload: H::Payload| async move {
        let way = way.take(&ctx, &payload).await;
        <H::Kind as Answers>::answer(way, payload)
    })
}

struct Door(Way);

impl wcs_hooks::ConnectHandler for Door {
    async fn connect(
        &self,
        ctx: Context,
        connection: wcs_hooks::payloads::Connection,
    ) -> wcs_hooks::HookResult<wcs_hooks::payloads::Connection> {
        let way = self.0.take(&ctx, &connection).await;
        kind::Connect::answer(way, connection)
    }
}

macro_rules! define_hooks {
    ($(
        $(#[doc = $topic_docs:literal])*
        $Trait:ident for $topic:ident { $(
            $(#[doc = $docs:literal])*
            $kind:ident $func:ident = $name:literal $(| $other:literal)*: $Marker:ident($Payload:ident)
                $(-> $Report:ident)? $(may $repeat:ident)? $({ $($rest:tt)* })?;
        )* }
    )*) => {
        /// Every hook of the catalogue, answered in one way.
        fn hooks(way: Way) -> Hooks {
            let hooks = Hooks::new(Door(way));
            $($( let hooks = define_hooks!(@on $kind hooks $Marker way); )*)*
            hooks
        }
    };
    (@on connect $hooks:ident $Marker:ident $way:ident) => { $hooks };
    (@on $kind:ident $hooks:ident $Marker:ident $way:ident) => { handling($hooks, hook::$Marker, $way) };
}

wcs_hooks_protocol::__with_hooks!(define_hooks);

/// Every field of a hook that is secret, and secrets where clients put them.
fn body(hook: HookName) -> String {
    let fields = hook.info().fields.iter().filter(|field| redact::is_secret(field.name));
    let mut body: Map<String, Value> = fields.map(|field| (field.name.to_owned(), MARK.into())).collect();
    body.insert("appKey".into(), "defaultApp".into());
    body.insert("sessionId".into(), "s1".into());
    body.insert("name".into(), format!("rtsp://me:{MARK}@host/s?token={MARK}").into());
    body.insert("custom".into(), json!({"token": MARK, "deep": [{"apiKey": MARK}]}));
    body.insert("newerSecret".into(), json!({"password": MARK}));
    Value::Object(body).to_string()
}

fn request(path: &str, body: String, authorization: &str) -> Request<Full<Bytes>> {
    let request = Request::post(format!("/{path}?token={MARK}"))
        .header("content-type", "application/json")
        .header(AUTHORIZATION, authorization)
        .header(PROXY_AUTHORIZATION, format!("Basic {MARK}"))
        .header(COOKIE, format!("session={MARK}"))
        .header("x-api-key", MARK)
        .header("tracestate", format!("vendor={MARK}"));
    request.body(Full::from(body)).unwrap()
}

fn backend(way: Way, limit: usize) -> Backend {
    let mut settings = Settings::default();
    settings.callers = Some(Callers::signed([MARK]).or_basic("wcs", MARK));
    settings.deadlines.refusable = Duration::from_millis(1);
    settings.deadlines.events = Duration::from_millis(1);
    settings.limits.hooks = limit;
    settings.limits.body = LONGEST_BODY;
    let decisions = DecisionCache::new("players");
    let hooks = hooks(way).caching(hook::PlayHls, &decisions, |_, play| {
        Some(DecisionKey::of([play.custom.get("token")?.as_str()?]))
    });
    Backend::builder(hooks)
        .metrics_of(decisions.clone())
        .app("other", Hooks::new(AllowAll))
        .settings(settings)
        .build()
        .unwrap()
}

/// Calls every hook, signed; then with what is wrong in the header and the body.
async fn call_everything(backend: &Backend) {
    let key = SigningKey::new(&MARK.to_owned().into());
    // The last one is answered from the cache, if the first has been.
    for hook in HookName::ALL.iter().chain([&HookName::PlayHls]) {
        let body = body(*hook);
        let signature = key.sign(body.as_bytes());
        backend.clone().oneshot(request(hook.as_str(), body, &signature)).await.unwrap();
    }
    for authorization in [MARK, &format!("WCS {MARK}"), &format!("Basic {MARK}"), &format!("Bearer {MARK}")] {
        backend.clone().oneshot(request("connect", body(HookName::Connect), authorization)).await.unwrap();
    }
    for body in [format!("{{\"token\":\"{MARK}"), MARK.to_owned(), format!("{{\"a\":1,\"a\":\"{MARK}\"}}")] {
        let signature = key.sign(body.as_bytes());
        backend.clone().oneshot(request(MARK, body.clone(), &signature)).await.unwrap();
        backend.clone().oneshot(request("connect", body, &signature)).await.unwrap();
    }
    too_long(backend, &key).await;
}

/// What does not echo the body has nothing of it.
async fn too_long(backend: &Backend, key: &SigningKey) {
    let body = format!("{{\"token\":\"{}\"}}", MARK.repeat(LONGEST_BODY / MARK.len() + 1));
    let signature = key.sign(body.as_bytes());
    let answer = backend.clone().oneshot(request("connect", body, &signature)).await.unwrap();
    let (head, body) = answer.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    assert_eq!(head.status, 413);
    check("answer to a body that is too long", &format!("{head:?} {body:?}"));
}

/// What panic hooks are told from now on, in all threads.
fn panics() -> Arc<Mutex<Vec<String>>> {
    let panics = Arc::new(Mutex::new(Vec::new()));
    let (told, before) = (Arc::clone(&panics), panic::take_hook());
    panic::set_hook(Box::new(move |info| {
        told.lock().unwrap().push(info.to_string());
        before(info);
    }));
    panics
}

fn check(what: &str, text: &str) {
    assert!(!text.contains(MARK), "{what}: {}", text.replace(MARK, "<<<HERE>>>"));
}

#[tokio::test(start_paused = true)]
async fn are_in_nothing_that_can_be_seen() {
    listen_everywhere();
    let panics = panics();
    for format in [LogFormat::Text, LogFormat::Json] {
        let mut settings = LogSettings::default();
        settings.filter = "trace".to_owned();
        settings.format = format;
        let lines = Lines::default();
        let (subscriber, _logging) = settings.subscriber(lines.clone()).unwrap();
        let _guard = tracing::subscriber::set_default(subscriber);
        for way in WAYS {
            let backend = backend(way, 4096);
            call_everything(&backend).await;
            check("metrics", &backend.metrics().to_text());
            check("Debug", &format!("{backend:?} {:?} {:?}", backend.counters(), backend.settings()));
            check("settings", &serde_json::to_string(&backend.settings()).unwrap());
        }
        let text = lines.text();
        check("log", &text);
        for line in [
            "given",
            "accepted",
            "refused",
            "handler failed",
            "handler panicked",
            "deadline",
            "request rejected",
            "malformed",
            "decided before",
        ] {
            assert!(text.contains(line), "nothing was logged of {line:?}");
        }
    }
    let panics = panics.lock().unwrap().join("\n");
    assert!(panics.contains("on purpose"), "{panics}");
    check("panics", &panics);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn are_in_no_span_that_a_collector_gets() {
    listen_everywhere();
    let (url, spans) = collector().await;
    let mut settings = LogSettings::default();
    settings.filter = "trace".to_owned();
    settings.traces = Some(TraceSettings::new(url));
    let (subscriber, logging) = settings.subscriber(std::io::sink).unwrap();
    let guard = tracing::subscriber::set_default(subscriber);
    for way in WAYS {
        call_everything(&backend(way, 4096)).await;
    }
    drop(guard);
    tokio::task::spawn_blocking(move || drop(logging)).await.unwrap();
    let spans = spans.lock().unwrap();
    let of = |hook: HookName| {
        spans.iter().filter(|span| format!("{:?}", span.attributes).contains(hook.as_str())).count()
    };
    assert!(HookName::ALL.iter().all(|hook| of(*hook) >= WAYS.len()), "{} spans", spans.len());
    check("spans", &format!("{spans:?}"));
}

/// Calls that find no place.
#[tokio::test(start_paused = true)]
async fn are_in_nothing_that_is_shed() {
    listen_everywhere();
    let lines = Lines::default();
    let mut settings = LogSettings::default();
    settings.filter = "trace".to_owned();
    let (subscriber, _logging) = settings.subscriber(lines.clone()).unwrap();
    let _guard = tracing::subscriber::set_default(subscriber);
    let backend = backend(Way::NeverAnswers, 1);
    tokio::join!(call_everything(&backend), call_everything(&backend));
    assert!(lines.text().contains("shed"), "{}", lines.text());
    check("log", &lines.text());
    check("metrics", &backend.metrics().to_text());
}
