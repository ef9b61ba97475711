//! Ready guards, composed with handlers in every way that there is: what a guard refuses alone stays refused.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, header};
use http_body_util::{BodyExt, Full};
use serde_json::{Value, json};
use tower::ServiceExt;
use wcs_hooks::{
    AllowAll, Backend, Callers, Checks, ConnectHandler, Context, DecisionCache, DecisionKey, Guard, HookName,
    HookResult, Hooks, Settings, StreamHandler, hook,
    payloads::{Connection, Stream},
    ready::{Claims, JwtAuth, OriginAuth, PasswordAuth, StreamRights, StreamTokens, Verifier},
    registry::Registry,
};

use crate::every_hook::handling_everything;

const SECRET: &str = "the secret of the tests' tokens.";

fn jwt() -> JwtAuth {
    JwtAuth::new(Verifier::builder().secret(SECRET).build().unwrap())
}

/// A user's handler that lets everything pass and overrides little.
struct Recorded;

impl ConnectHandler for Recorded {
    async fn connect(&self, _: Context, mut connection: Connection) -> HookResult<Connection> {
        connection.login = Some("recorded".to_owned());
        Ok(connection)
    }
}

impl StreamHandler for Recorded {
    async fn publish_stream(&self, _: Context, mut stream: Stream) -> HookResult<Stream> {
        stream.record = Some(true);
        Ok(stream)
    }
}

/// A guard of the user's, around a ready one.
struct Around<G>(G);

impl<G: Guard> Guard for Around<G> {
    fn checks(self) -> Checks {
        self.0.checks().streams(Recorded)
    }
}

/// All are to refuse what the first refuses.
fn compositions<G: Guard + Clone>(guard: &G) -> Vec<(&'static str, Hooks)> {
    let guard = || guard.clone();
    let cached = |hooks: Hooks| {
        let (cache, key) = (DecisionCache::new("tests"), || Some(DecisionKey::of(["the same for all"])));
        hooks
            .caching(hook::Connect, &cache, move |_, _| key())
            .caching(hook::PlayStream, &cache, move |_, _| key())
            .caching(hook::PublishStream, &cache, move |_, _| key())
            .caching(hook::PlayHls, &cache, move |_, _| key())
            .caching(hook::PlayRtsp, &cache, move |_, _| key())
    };
    vec![
        ("alone", Hooks::guarded(guard())),
        ("before a connect handler", Hooks::new(Recorded).guard(guard())),
        ("before a stream handler", Hooks::guarded(guard()).streams(Recorded)),
        ("behind a registration", Hooks::new(AllowAll).streams(Recorded).guard(guard())),
        ("before handlers of everything", handling_everything().guard(guard())),
        ("before caches", cached(handling_everything()).guard(guard())),
        ("inside another guard", Hooks::guarded(Around(guard())).streams(Recorded)),
        (
            "behind another guard",
            Hooks::guarded(Checks::new().connects(Recorded))
                .guard(Checks::new().streams(Recorded))
                .guard(guard()),
        ),
        ("twice", Hooks::guarded(guard()).guard(guard())),
        (
            "watched",
            Hooks::guarded(guard())
                .registry(&Registry::new())
                .on_every_event(async |_| Ok(()))
                .with_unhandled_hooks(),
        ),
    ]
}

fn backend(hooks: Hooks) -> Backend {
    let mut settings = Settings::default();
    settings.callers = Some(Callers::anyone());
    settings.duplicates.within = Duration::ZERO;
    Backend::builder(hooks).settings(settings).build().unwrap()
}

async fn send(backend: &Backend, hook: HookName, body: &Value) -> u16 {
    let request = Request::post(format!("/app/{hook}"))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Full::new(Bytes::from(body.to_string())))
        .unwrap();
    let reply = backend.clone().oneshot(request).await.unwrap();
    let status = reply.status().as_u16();
    reply.into_body().collect().await.unwrap();
    status
}

/// What clients may bring to each hook: good, bad and nothing.
fn bodies() -> Vec<Value> {
    let token = |rights: StreamRights| {
        let claims = Claims::new().expiring_in(Duration::from_mins(1)).with("streams", rights);
        claims.sign(&SECRET.into()).unwrap()
    };
    let tokens = [
        None,
        Some("x".to_owned()),
        Some(token(StreamRights::new(["**"], ["**"]))),
        Some(token(StreamRights::new(["b4e7"], [""; 0]))),
        Some(token(StreamRights::new([""; 0], ["b4e7"]))),
    ];
    let mut bodies = Vec::new();
    for (number, token) in tokens.iter().enumerate() {
        for (origin, password) in [("https://example.com", "correct horse"), ("https://evil.example", "x")] {
            let url = token.as_ref().map_or_else(String::new, |token| format!("?aclAuth={token}"));
            for name in ["b4e7".to_owned(), format!("rtsp://wcs/b4e7{url}")] {
                let mut body = json!({
                    "nodeId": "n", "appKey": "defaultApp", "sessionId": number.to_string(), "name": name,
                    "origin": origin, "custom": {"login": "alice", "password": password},
                });
                if let Some(token) = token {
                    body["custom"]["token"] = token.clone().into();
                    body["token"] = token.clone().into();
                }
                bodies.push(body);
            }
        }
    }
    bodies
}

/// Sends every hook with every body; gives the statuses. `connect` comes first, so that sessions have rights.
async fn statuses(hooks: Hooks) -> Vec<(HookName, usize, u16)> {
    let (backend, bodies) = (backend(hooks), bodies());
    let mut statuses = Vec::new();
    for &hook in HookName::ALL {
        for (number, body) in bodies.iter().enumerate() {
            statuses.push((hook, number, send(&backend, hook, body).await));
        }
    }
    statuses
}

async fn assert_closed<G: Guard + Clone>(guard: G, expected: &[HookName]) {
    let mut alone = None;
    for (way, hooks) in compositions(&guard) {
        let statuses = statuses(hooks).await;
        let alone = alone.get_or_insert_with(|| statuses.clone());
        for (first, got) in alone.iter().zip(&statuses) {
            assert!(first.2 == 200 || first == got, "{way}: {got:?}, and alone {first:?}");
        }
        // What it allows is not refused by the composition either.
        assert_eq!(*alone, statuses, "{way}");
    }
    let alone = alone.unwrap();
    let is_refused = |hook: &HookName| alone.iter().any(|(sent, _, status)| sent == hook && *status != 200);
    let refused: Vec<_> = HookName::ALL.iter().copied().filter(is_refused).collect();
    assert_eq!(refused, expected);
    let is_allowed = |hook: &HookName| alone.iter().any(|(sent, _, status)| sent == hook && *status == 200);
    assert!(expected.iter().all(is_allowed), "refuses whatever comes");
}

#[tokio::test]
async fn a_guard_of_tokens_and_streams_stays_closed() {
    use HookName::{AvailableStream, Connect, PlayHls, PlayRtsp, PlayStream, PublishStream, Snapshot};
    let guarded = [Connect, PublishStream, PlayStream, Snapshot, AvailableStream, PlayHls, PlayRtsp];
    assert_closed(StreamTokens::new(jwt()), &guarded).await;
}

#[tokio::test]
async fn guards_of_connect_stay_closed() {
    assert_closed(jwt(), &[HookName::Connect]).await;
    assert_closed(OriginAuth::new(["https://example.com"]).unwrap(), &[HookName::Connect]).await;
}

#[tokio::test]
async fn a_guard_of_passwords_stays_closed() {
    // A cheap hash of `correct horse`, made with another implementation.
    let line = "alice:$argon2id$v=19$m=64,t=1,p=1$Y0hK+2m/RlmE6UuWcQDnyg$1uXTFY8h4DykKaHmgANL/CtcU+JCVH2CBZ1cxBHmHVg";
    assert_closed(PasswordAuth::new(line.parse().unwrap()), &[HookName::Connect]).await;
}
