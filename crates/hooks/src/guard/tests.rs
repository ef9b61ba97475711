use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use wcs_hooks_protocol::{FieldValue, HookKind};

use super::*;
use crate::{
    AllowAll, Backend, Callers, ConnectHandler, DecisionCache, DecisionKey, EventError, EventResult,
    HookPolicy, HookResult, KeepAlive, KeepAliveResult, Refusal, SessionHandler, StreamHandler, Unhandled,
    hook,
    payloads::{Connection, HlsPlay, Stream},
    ready::testing::Wcs,
};

/// Who was asked, in order.
#[derive(Clone, Default)]
struct Asked(Arc<Mutex<Vec<&'static str>>>);

impl Asked {
    fn note(&self, who: &'static str) {
        self.0.lock().unwrap().push(who);
    }

    fn take(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// Lets "yes" pass, and makes "go on" of "change".
fn check(asked: &Asked, who: &'static str) -> Checks {
    let asked = asked.clone();
    Checks::new().on(hook::PlayStream, move |_, mut stream: Stream| {
        asked.note(who);
        async move {
            match &*stream.name {
                "no" => return Err(Refusal::forbidden(who)),
                "change" => stream.name = "go on".into(),
                _ => {}
            }
            Ok(stream)
        }
    })
}

fn body(name: &str) -> Value {
    json!({"nodeId": "n", "appKey": "defaultApp", "sessionId": "s", "name": name, "record": false})
}

#[tokio::test]
async fn guards_come_before_the_handler_in_their_order_wherever_they_are_registered() {
    let asked = Asked::default();
    let handler = asked.clone();
    let hooks = Hooks::new(AllowAll)
        .guard(check(&asked, "first"))
        .on(hook::PlayStream, move |_, mut stream| {
            handler.note("handler");
            stream.record = Some(true);
            if stream.name == "go on" {
                stream.name.push('!');
            }
            async { Ok(stream) }
        })
        .guard(check(&asked, "second"));
    let wcs = Wcs::with(hooks);
    let all = vec!["first", "second", "handler"];
    for (name, expected, status, answer) in
        [("yes", all.clone(), 200, "yes"), ("no", vec!["first"], 403, ""), ("change", all, 200, "go on!")]
    {
        let (got, answered) = wcs.send("playStream", &body(name)).await;
        assert_eq!((got, asked.take()), (status, expected), "{name}");
        if status == 200 {
            assert_eq!((&answered["name"], &answered["record"]), (&json!(answer), &json!(true)), "{name}");
        }
    }
}

#[tokio::test]
async fn a_guard_changes_what_no_handler_decides() {
    let wcs = Wcs::with(Hooks::guarded(check(&Asked::default(), "guard")));
    assert_eq!(wcs.send("playStream", &body("change")).await.1["name"], "go on");
    assert_eq!(wcs.told("playStream", &body("no")).await, (403, "guard".to_owned()));
}

#[tokio::test]
async fn a_cache_stands_behind_the_guards() {
    let (asked, cache) = (Asked::default(), DecisionCache::new("tests"));
    let handler = asked.clone();
    let hooks = Hooks::guarded(check(&asked, "guard"))
        .on(hook::PlayStream, move |_, stream| {
            handler.note("handler");
            async { Ok(stream) }
        })
        .caching(hook::PlayStream, &cache, |_, _| Some(DecisionKey::of(["all the same"])))
        .overwriting(hook::PlayStream, [""; 0]);
    let wcs = Wcs::with(hooks);
    assert_eq!(wcs.send("playStream", &body("yes")).await.0, 200);
    assert_eq!(asked.take(), ["guard", "handler"]);
    assert_eq!(wcs.send("playStream", &body("yes")).await.0, 200);
    assert_eq!(asked.take(), ["guard"]);
    assert_eq!(wcs.send("playStream", &body("no")).await.0, 403);
}

/// Watches, and may end a stream.
struct Watch(Asked);

impl StreamHandler for Watch {
    async fn publishing(&self, _: Context, stream: Stream) -> EventResult {
        self.0.note("guard");
        if stream.name == "no" { Err(EventError::new("disk full")) } else { Ok(()) }
    }

    async fn stream_keep_alive(&self, _: Context, stream: Stream) -> KeepAliveResult {
        self.0.note("guard");
        Ok(if stream.name == "no" { KeepAlive::EndStream } else { KeepAlive::Continue })
    }
}

#[tokio::test]
async fn an_event_reaches_its_handler_whatever_a_guard_says_and_an_ended_stream_does_not() {
    let asked = Asked::default();
    let (events, keep_alives) = (asked.clone(), asked.clone());
    let hooks = Hooks::new(AllowAll)
        .guard(Checks::new().streams(Watch(asked.clone())))
        .on(hook::StreamStatus, move |_, _| {
            events.note("handler");
            async { Ok(()) }
        })
        .on(hook::StreamKeepAlive, move |_, _| {
            keep_alives.note("handler");
            async { Ok(KeepAlive::Continue) }
        });
    let wcs = Wcs::with(hooks);
    let both = ["guard", "handler"].as_slice();
    for (hook, name, status, expected) in [
        ("StreamStatusEvent", "yes", 200, both),
        ("StreamStatusEvent", "no", 200, both),
        ("StreamKeepAliveEvent", "yes", 200, both),
        ("StreamKeepAliveEvent", "no", 403, &["guard"]),
    ] {
        let mut body = body(name);
        body["status"] = "PUBLISHING".into();
        assert_eq!((wcs.send(hook, &body).await.0, &*asked.take()), (status, expected), "{hook} {name}");
    }
    assert_eq!(wcs.backend().counters().answered(hook::StreamStatus::NAME, crate::Answered::Failed), 1);
}

/// Each of these overrides one method.
struct Plays;

impl StreamHandler for Plays {
    async fn play_stream(&self, _: Context, stream: Stream) -> HookResult<Stream> {
        Ok(stream)
    }
}

struct Ready;

impl StreamHandler for Ready {
    fn play_hls(&self, _: Context, _: HlsPlay) -> impl Future<Output = HookResult<()>> + Send {
        std::future::ready(Ok(()))
    }
}

struct Leaves;

impl SessionHandler for Leaves {
    async fn disconnected(&self, _: Context, _: Connection) -> EventResult {
        Ok(())
    }
}

struct Whole;

impl SessionHandler for Whole {
    async fn connection_status(&self, _: Context, _: Connection) -> EventResult {
        Ok(())
    }
}

struct Nothing;

impl StreamHandler for Nothing {}
impl SessionHandler for Nothing {}

#[test]
fn a_method_that_is_not_overridden_is_no_handler() {
    let new = || Hooks::new(AllowAll);
    for (hooks, expected) in [
        (new().streams(Plays), vec![HookName::PlayStream]),
        (new().streams(Arc::new(Plays)), vec![HookName::PlayStream]),
        (new().streams(Ready), vec![HookName::PlayHls]),
        (new().sessions(Leaves), vec![HookName::ConnectionStatus]),
        (new().sessions(Arc::new(Whole)), vec![HookName::ConnectionStatus]),
        (new().sessions(Nothing).streams(Arc::new(Nothing)), vec![]),
    ] {
        let handled: Vec<_> =
            hooks.handlers.keys().copied().filter(|hook| *hook != HookName::Connect).collect();
        assert_eq!(handled, expected);
    }
    // One topic in two places: each has its own methods.
    let hooks = new().streams(Plays).streams(Ready).on(hook::PublishStream, async |_, stream| Ok(stream));
    assert_eq!(hooks.handlers.len(), 4);
}

#[test]
#[should_panic(
    expected = "Leave one out, or put the one that only checks before the other by `Hooks::guard`"
)]
fn two_handlers_of_a_hook_are_told_what_to_do() {
    let _ = Hooks::new(AllowAll).streams(Plays).on(hook::PlayStream, async |_, stream| Ok(stream));
}

#[test]
fn what_nobody_decides_is_named() {
    let undecided = |hooks: Hooks| {
        let backend = Backend::builder(hooks).callers(Callers::anyone()).build().unwrap();
        let (app, hooks) = backend.undecided_hooks().next().unwrap();
        assert_eq!(app, "default");
        hooks.to_vec()
    };
    let could_be_refused = |hook: &HookName| {
        !matches!(hook.kind(), HookKind::Event | HookKind::KeepAlive | HookKind::Connect)
            && !hook.info().refusing_makes_no_sense
    };
    let all: Vec<HookName> = HookName::ALL.iter().copied().filter(could_be_refused).collect();
    let without = |decided: &[HookName]| -> Vec<_> {
        all.iter().copied().filter(|hook| !decided.contains(hook)).collect()
    };
    assert_eq!(undecided(Hooks::new(AllowAll)), all);
    assert_eq!(undecided(Hooks::new(AllowAll).streams(Plays)), without(&[HookName::PlayStream]));
    assert_eq!(undecided(Hooks::new(AllowAll).streams(Nothing)), all);
    assert_eq!(undecided(Hooks::new(AllowAll).unhandled(Unhandled::Refuse)), []);
    // A guard of streams alone says nothing of `connect`.
    let guarded = undecided(Hooks::guarded(check(&Asked::default(), "guard")));
    assert_eq!(guarded[0], HookName::Connect);
    assert_eq!(guarded[1..], without(&[HookName::PlayStream]));
}

#[tokio::test]
async fn a_connect_that_nobody_decides_is_answered_with_the_policies_or_refused() {
    let checks = || check(&Asked::default(), "guard");
    let wcs = Wcs::with(Hooks::guarded(checks()));
    let (status, answer) = wcs.send("connect", &body("x")).await;
    assert_eq!((status, &answer["restClientConfig"]["playStream"]["restOnError"]), (200, &json!("FAIL")));
    let wcs = Wcs::with(Hooks::guarded(checks()).unhandled(Unhandled::Refuse));
    assert_eq!(wcs.send("connect", &body("x")).await.0, 403);
}

#[tokio::test]
async fn what_is_not_overridden_can_be_refused_by_a_word_and_is_not_sent_otherwise() {
    for (hooks, status, policy) in [
        (Hooks::new(AllowAll).streams(Plays), 200, "DISABLE"),
        (Hooks::new(AllowAll).streams(Plays).unhandled(Unhandled::Refuse), 403, "NOTIFY"),
    ] {
        let wcs = Wcs::with(hooks);
        assert_eq!(wcs.send("publishStream", &body("x")).await.0, status);
        let answer = wcs.send("connect", &body("x")).await.1;
        assert_eq!(answer["restClientConfig"]["publishStream"]["restPolicy"], policy);
        assert_eq!(HookPolicy::default().rest_policy.as_str(), "NOTIFY");
    }
}

/// A guard that refuses in vain is no guard.
#[test]
fn no_setting_lets_wcs_ignore_a_guard() {
    use crate::{Fallback, RestOnError, RestPolicy, Settings};
    let guarded = || Hooks::guarded(check(&Asked::default(), "guard"));
    let build = |hooks: Hooks, set: fn(&mut crate::HookSettings)| {
        let mut settings = Settings { callers: Some(Callers::anyone()), ..Settings::default() };
        set(settings.hooks.entry(HookName::PlayStream).or_default());
        Backend::builder(hooks).settings(settings).build().map(drop).map_err(|error| error.to_string())
    };
    let ignored = Err(
        "app \"default\", playStream: a guard checks it, and by its policy WCS ignores refusals: it needs \
                       restOnError FAIL, and not DISABLE"
            .to_owned(),
    );
    assert_eq!(build(guarded(), |hook| hook.rest_on_error = Some(RestOnError::Log)), ignored);
    assert_eq!(build(guarded(), |hook| hook.rest_policy = Some(RestPolicy::Disable)), ignored);
    assert_eq!(build(guarded().policy(HookName::PlayStream, HookPolicy::default()), |_| {}), ignored);
    let error = build(guarded(), |hook| hook.fallback = Some(Fallback::Allow)).unwrap_err();
    assert!(error.ends_with("would let pass what it has not checked in time"), "{error}");
    assert_eq!(build(guarded(), |hook| hook.rest_policy = Some(RestPolicy::Notify)), Ok(()));
    // Without a guard it is for the operator to say.
    let decided = Hooks::new(AllowAll).on(hook::PlayStream, async |_, stream| Ok(stream));
    assert_eq!(build(decided, |hook| hook.rest_on_error = Some(RestOnError::Log)), Ok(()));
}

#[tokio::test]
async fn no_session_gets_a_policy_by_which_a_guard_is_ignored() {
    struct Opens;

    impl ConnectHandler for Opens {
        async fn connect(&self, _: Context, mut connection: Connection) -> HookResult<Connection> {
            let policies =
                r#"{"playStream":{"restPolicy":"DISABLE"},"publishStream":{"restPolicy":"NOTIFY"}}"#;
            connection.rest_client_config = crate::RestClientConfig::read(policies);
            Ok(connection)
        }
    }

    let wcs = Wcs::with(Hooks::new(Opens).guard(check(&Asked::default(), "guard")));
    let config = wcs.send("connect", &body("x")).await.1["restClientConfig"].clone();
    assert_eq!(
        (&config["playStream"]["restOnError"], &config["playStream"]["restPolicy"]),
        (&json!("FAIL"), &json!("OVERWRITE"))
    );
    assert_eq!(config["publishStream"]["restPolicy"], "NOTIFY");
}

#[tokio::test]
async fn fields_that_nobody_knows_are_counted_once_though_a_guard_reads_them_too() {
    let hooks =
        Hooks::guarded(check(&Asked::default(), "guard")).on(hook::PlayStream, async |_, stream| Ok(stream));
    let wcs = Wcs::with(hooks);
    for (count, name) in [(3, "yes"), (6, "change")] {
        let mut body = body(name);
        for new in ["new", "newer", "newest"] {
            body[new] = true.into();
        }
        assert_eq!(wcs.send("playStream", &body).await.0, 200);
        let unknown: u64 = wcs.backend().shared.apps[0].hooks.unknown_fields().map(|(_, count)| count).sum();
        assert_eq!(unknown, count, "{name}");
    }
}

#[test]
fn checks_are_printed_by_their_hooks() {
    assert_eq!(format!("{:?}", check(&Asked::default(), "guard")), "[PlayStream]");
}
