use std::{sync::atomic::AtomicUsize, time::Duration};

use serde_json::{Value, json};
use tokio::{task::JoinSet, time::sleep};

use super::*;
use crate::{
    AllowAll, Answered, Backend, Callers, Checks, Context, HookName, HookResult, Hooks, Secret, hook,
    payloads::{HlsPlay, Stream},
    ready::testing::Wcs,
};

const SECOND: Duration = Duration::from_secs(1);
const AVAILABLE: &str = HookName::AvailableStream.as_str();

/// A backend whose handler counts how often it is asked, and does what the stream's `custom` says.
#[derive(Clone)]
struct Desk {
    wcs: Arc<Wcs>,
    cache: DecisionCache,
    asked: Arc<AtomicUsize>,
}

async fn decide(ctx: Context, mut stream: Stream) -> HookResult<Stream> {
    let told = |name: &str| stream.custom.get(name).and_then(Value::as_u64);
    if let Some(seconds) = told("takes") {
        sleep(Duration::from_secs(seconds)).await;
    }
    if let Some(seconds) = told("keep") {
        ctx.keep_for(Duration::from_secs(seconds));
    }
    match told("answer") {
        None => {}
        Some(0) => panic!("on purpose"),
        Some(status) => {
            let status = u16::try_from(status).unwrap().try_into().unwrap();
            return Err(Refusal::new(status, "said so"));
        }
    }
    if told("secretly").is_some() {
        stream.media_session_id = "m".into();
    }
    stream.name = "studio".into();
    Ok(stream)
}

impl Desk {
    fn new(limits: DecisionLimits) -> Self {
        let (cache, asked) = (DecisionCache::with_limits("tests", limits), Arc::new(AtomicUsize::new(0)));
        let count = Arc::clone(&asked);
        let key =
            |_: &Context, stream: &Stream| Some(DecisionKey::of([stream.custom.get("key")?.as_str()?]));
        let hooks = Hooks::new(AllowAll).caching(hook::AvailableStream, &cache, key);
        let hooks = hooks.caching(hook::PlayStream, &cache, key).on(hook::PlayStream, decide);
        let hooks = hooks.on(hook::AvailableStream, move |ctx, stream| {
            count.fetch_add(1, Ordering::Relaxed);
            decide(ctx, stream)
        });
        Self { wcs: Arc::new(Wcs::with(hooks)), cache, asked }
    }

    async fn ask(&self, custom: Value) -> u16 {
        let body = json!({"appKey": "defaultApp", "sessionId": "s", "name": "alias", "custom": custom});
        self.wcs.send(AVAILABLE, &body).await.0
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    /// The statuses of as many calls at once.
    fn ask_at_once(&self, calls: usize, custom: &Value) -> JoinSet<u16> {
        let mut asking = JoinSet::new();
        for _ in 0..calls {
            let (desk, custom) = (self.clone(), custom.clone());
            asking.spawn(async move { desk.ask(custom).await });
        }
        asking
    }
}

fn desk() -> Desk {
    Desk::new(DecisionLimits::default())
}

#[tokio::test(start_paused = true)]
async fn each_decision_is_kept_for_its_time() {
    for (custom, status, kept_for) in [
        (json!({}), 200, 60),
        (json!({"keep": 5}), 200, 5),
        (json!({"keep": 0}), 200, 0),
        (json!({"answer": 403}), 403, 10),
        (json!({"answer": 401, "keep": 90}), 401, 90),
        (json!({"answer": 429}), 429, 0),
        (json!({"answer": 429, "keep": 3}), 429, 3),
        (json!({"answer": 500}), 500, 0),
        (json!({"answer": 503, "keep": 3}), 503, 0),
    ] {
        let (desk, moment) = (desk(), Duration::from_millis(1));
        let mut custom = custom;
        custom["key"] = json!("k");
        assert_eq!(desk.ask(custom.clone()).await, status, "{custom}");
        sleep((SECOND * kept_for).saturating_sub(moment)).await;
        assert_eq!(desk.ask(custom.clone()).await, status, "{custom}");
        assert_eq!(desk.asked(), if kept_for == 0 { 2 } else { 1 }, "{custom}");
        let asked = desk.asked();
        sleep(moment).await;
        assert_eq!(desk.ask(custom.clone()).await, status, "{custom}");
        assert_eq!(desk.asked(), asked + 1, "{custom}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_has_no_key_is_not_kept() {
    let desk = desk();
    assert_eq!((desk.ask(json!({})).await, desk.ask(json!({})).await, desk.asked()), (200, 200, 2));
    assert_eq!((desk.cache.hits(), desk.cache.misses(), desk.cache.is_empty()), (0, 0, true));
}

#[tokio::test(start_paused = true)]
async fn the_longest_time_does_not_overflow() {
    let desk = desk();
    desk.ask(json!({"key": "k", "keep": u64::MAX})).await;
    assert_eq!(desk.cache.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_thousand_calls_at_once_ask_once() {
    for (answer, status) in [(None, 200), (Some(403), 403), (Some(500), 500)] {
        let desk = desk();
        let asking = desk.ask_at_once(1000, &json!({"key": "k", "takes": 1, "answer": answer}));
        assert!(asking.join_all().await.iter().all(|got| *got == status));
        assert_eq!((desk.asked(), desk.cache.hits(), desk.cache.misses()), (1, 999, 1), "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_purged_while_it_is_decided_is_not_kept() {
    let all = |desk: &Desk| desk.cache.purge_all();
    let one = |desk: &Desk| desk.cache.purge(DecisionKey::of(["k"]));
    let another = |desk: &Desk| desk.cache.purge(DecisionKey::of(["another"]));
    for (purge, asked) in [(&all as &dyn Fn(&Desk), 2), (&one, 2), (&another, 1)] {
        let desk = desk();
        let custom = json!({"key": "k", "takes": 1});
        let asking = desk.ask_at_once(3, &custom);
        sleep(SECOND / 2).await;
        purge(&desk);
        // This one does not wait for what was begun before.
        let later = desk.ask_at_once(1, &custom);
        sleep(SECOND / 10).await;
        assert_eq!(desk.asked(), asked);
        assert_eq!(asking.join_all().await, [200; 3]);
        assert_eq!(desk.cache.len(), 2 - asked, "kept though it was purged");
        assert_eq!(later.join_all().await, [200]);
        assert_eq!((desk.ask(custom).await, desk.asked(), desk.cache.len()), (200, asked, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_is_purged_of_all_hooks_and_no_other_is() {
    let desk = desk();
    let body = |key: &str| json!({"name": "alias", "custom": {"key": key}});
    for (hook, key) in
        [(HookName::AvailableStream, "a"), (HookName::PlayStream, "a"), (HookName::PlayStream, "b")]
    {
        desk.wcs.send(hook.as_str(), &body(key)).await;
    }
    assert_eq!(desk.cache.len(), 3);
    desk.cache.purge(DecisionKey::of(["a"]));
    assert_eq!(desk.cache.len(), 1);
    desk.cache.purge_all();
    assert!(desk.cache.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_would_expire_first_gives_way() {
    let desk = Desk::new(DecisionLimits { most: 2, ..DecisionLimits::default() });
    let custom = |key: &str, keep: u64| json!({"key": key, "keep": keep});
    for (key, keep) in [("long", 100), ("short", 10), ("longer", 200), ("shortest", 1)] {
        desk.ask(custom(key, keep)).await;
        assert!(desk.cache.len() <= 2);
    }
    for (key, keep, asked) in [("long", 100, 4), ("longer", 200, 4), ("short", 10, 5)] {
        desk.ask(custom(key, keep)).await;
        assert_eq!(desk.asked(), asked, "{key}");
    }
}

#[tokio::test(start_paused = true)]
async fn past_the_most_that_may_be_under_way_handlers_are_asked_each_time() {
    let desk = Desk::new(DecisionLimits { most: 0, ..DecisionLimits::default() });
    let asking = desk.ask_at_once(10, &json!({"key": "k", "takes": 1}));
    assert_eq!((asking.join_all().await, desk.asked(), desk.cache.len()), (vec![200; 10], 10, 0));
}

#[tokio::test(start_paused = true)]
async fn if_the_handler_panics_those_who_wait_are_refused_and_the_next_one_asks() {
    let desk = desk();
    let custom = json!({"key": "k", "takes": 1, "answer": 0});
    assert_eq!(desk.ask_at_once(5, &custom).join_all().await, [500; 5]);
    assert_eq!((desk.asked(), desk.cache.len()), (1, 0));
    let counters = desk.wcs.backend().counters();
    let answered = |answered| counters.answered(HookName::AvailableStream, answered);
    assert_eq!((answered(Answered::Panicked), answered(Answered::Failed)), (1, 4));
    assert_eq!((desk.ask(custom).await, desk.asked()), (500, 2));
}

#[tokio::test(start_paused = true)]
async fn if_a_call_is_given_up_another_asks() {
    let desk = desk();
    let custom = json!({"key": "k", "takes": 1});
    let mut first = desk.ask_at_once(1, &custom);
    sleep(SECOND / 4).await;
    let others = desk.ask_at_once(5, &custom);
    sleep(SECOND / 4).await;
    first.abort_all();
    assert!(first.join_next().await.unwrap().unwrap_err().is_cancelled());
    assert_eq!(others.join_all().await, [200; 5]);
    assert_eq!((desk.asked(), desk.cache.len()), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn if_a_handler_takes_too_long_nobody_waits_for_ever() {
    let desk = desk();
    let asking = desk.ask_at_once(5, &json!({"key": "k", "takes": 3600}));
    assert_eq!(asking.join_all().await.len(), 5);
    assert_eq!(desk.cache.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn changes_are_made_to_each_body_and_the_rest_of_it_stays() {
    let desk = desk();
    for (session, sdp) in [("first", json!("v=0")), ("second", json!(null))] {
        let body = |name: &str| json!({"sessionId": session, "name": name, "sdp": sdp, "x": 1.50, "custom": {"key": "k"}});
        assert_eq!(desk.wcs.send(AVAILABLE, &body("alias")).await, (200, body("studio")));
    }
    assert_eq!(desk.asked(), 1);
}

/// The handler sets the name to what the first body says already, so there is no edit of it.
#[tokio::test(start_paused = true)]
async fn a_field_that_was_set_to_what_stood_there_is_set_in_other_bodies_too() {
    let desk = desk();
    for (name, asked) in [("studio", 1), ("alias", 2), ("alias", 2), ("studio", 2)] {
        let (_, answer) = desk.wcs.send(AVAILABLE, &json!({"name": name, "custom": {"key": "k"}})).await;
        assert_eq!((answer["name"].as_str(), desk.asked()), (Some("studio"), asked));
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_that_wcs_does_not_take_is_good_for_its_call_only() {
    let desk = desk();
    let asking = desk.ask_at_once(5, &json!({"key": "k", "takes": 1, "secretly": 1}));
    // One after the other they would not be done within the deadline.
    assert_eq!(asking.join_all().await, [200; 5]);
    assert_eq!((desk.asked(), desk.cache.hits(), desk.cache.len()), (5, 0, 0));
}

#[tokio::test]
async fn a_connect_is_the_same_only_if_all_of_it_is() {
    let cache = DecisionCache::new("tests");
    let wcs =
        Wcs::with(Hooks::new(AllowAll).caching(hook::Connect, &cache, |_, _| Some(DecisionKey::of(["k"]))));
    for (session, login, misses) in [("1", "a", 1), ("2", "a", 1), ("3", "b", 2)] {
        let body = json!({"appKey": "defaultApp", "sessionId": session, "login": login});
        let (_, answer) = wcs.send(HookName::Connect.as_str(), &body).await;
        assert!(answer["restClientConfig"].is_object() && answer["sessionId"] == session);
        assert_eq!(cache.misses(), misses);
    }
}

#[tokio::test]
async fn an_app_does_not_get_what_another_has_decided() {
    let cache = DecisionCache::new("tests");
    let keyed = |hooks: Hooks| hooks.caching(hook::PlayHls, &cache, |_, _| Some(DecisionKey::of(["k"])));
    let hooks = |allows: bool| {
        keyed(Hooks::new(AllowAll)).on(hook::PlayHls, move |_, _| async move {
            if allows { Ok(()) } else { Err(Refusal::forbidden("no")) }
        })
    };
    let backend = Backend::builder(hooks(true)).app("closed", hooks(false)).callers(Callers::anyone());
    let wcs = Wcs::of(backend.build().unwrap());
    for (app, status) in [("open", 200), ("closed", 403), ("open", 200), ("closed", 403)] {
        assert_eq!(wcs.told(HookName::PlayHls.as_str(), &json!({"appKey": app})).await.0, status);
    }
    assert_eq!((cache.hits(), cache.misses()), (2, 2));
}

#[test]
fn a_cache_without_a_handler_is_reported_also_behind_a_guard() {
    let check = Checks::new().on(hook::PlayHls, async |_, _| Ok(()));
    for hooks in [Hooks::new(AllowAll), Hooks::new(AllowAll).guard(check)] {
        let hooks = hooks.caching(hook::PlayHls, &DecisionCache::new("x"), |_, _| None);
        let error = Backend::builder(hooks).callers(Callers::anyone()).build().unwrap_err();
        let hook = HookName::PlayHls;
        let mistake = "its decisions are to be cached, and it has no handler: a cache stands behind the guards, and caches what \
                       a handler decides";
        assert_eq!(error.to_string(), format!("app \"default\", {hook}: {mistake}"));
    }
}

#[tokio::test]
async fn no_key_is_printed_and_the_numbers_are_on_the_page() {
    let desk = desk();
    desk.ask(json!({"key": "5ecret"})).await;
    desk.ask(json!({"key": "5ecret"})).await;
    let page = Page::of([&desk.cache as &dyn Source]);
    assert!(!format!("{:?} {}", desk.cache, page.to_text()).contains("5ecret"));
    let labels = &[("cache", "tests")];
    let value = |name| page.value(name, labels);
    assert_eq!(value("wcs_hooks_decision_hits"), Some(1));
    assert_eq!((value("wcs_hooks_decision_misses"), value("wcs_hooks_decisions")), (Some(1), Some(1)));
}

#[tokio::test(start_paused = true)]
async fn an_operator_sets_other_times_by_the_caches_name() {
    let desk = Desk::new(DecisionLimits { allows_for: SECOND, denies_for: SECOND, most: 10 });
    let backend = desk.wcs.backend();
    let asked = async |seconds: u64, answer: u64| {
        let before = desk.asked.load(Ordering::Relaxed);
        let custom = json!({"key": format!("{seconds} {answer} {before}"), "answer": answer});
        let custom = if answer == 200 { json!({"key": custom["key"]}) } else { custom };
        desk.ask(custom.clone()).await;
        sleep(Duration::from_secs(seconds)).await;
        desk.ask(custom).await;
        desk.asked.load(Ordering::Relaxed) - before
    };
    assert_eq!((asked(2, 200).await, asked(2, 403).await), (2, 2));

    let mut settings = backend.settings();
    let times = DecisionTimes { allows_for: Some(3 * SECOND), ..DecisionTimes::default() };
    settings.decisions = [("tests".to_owned(), times.clone())].into();
    backend.apply(settings.clone()).unwrap();
    assert_eq!((asked(2, 200).await, asked(4, 200).await, asked(2, 403).await), (1, 2, 2));

    let mut mistaken = settings.clone();
    mistaken.decisions.insert("other".to_owned(), times);
    let error = backend.apply(mistaken).unwrap_err();
    assert_eq!(error.to_string(), "decisions.other: no cache has this name: see `DecisionCache::new`");
    settings.decisions.clear();
    backend.apply(settings).unwrap();
    assert_eq!(asked(2, 200).await, 2);
}

#[test]
fn no_two_lists_of_parts_have_one_key() {
    let lists: [&[&str]; 9] =
        [&[], &[""], &["", ""], &["a b"], &["a", "b"], &["a ", "b"], &["a", " b"], &["ab"], &["", "ab"]];
    for (at, list) in lists.iter().enumerate() {
        for (other_at, other) in lists.iter().enumerate() {
            assert_eq!(
                DecisionKey::of(*list) == DecisionKey::of(*other),
                at == other_at,
                "{list:?} {other:?}"
            );
        }
    }
    assert_eq!(format!("{:?}", DecisionKey::of(["secret"])), "DecisionKey(..)");
}

/// A viewer whose token is known with a stream's name in it does not get the answer to another's question.
#[tokio::test]
async fn a_part_cannot_reach_into_the_next() {
    fn token(play: &HlsPlay) -> Option<&str> {
        play.token.as_ref().map(Secret::expose)
    }
    let cache = DecisionCache::new("players");
    let hooks = Hooks::new(AllowAll)
        .on(hook::PlayHls, async |_, play| match (token(&play), &*play.name) {
            (Some("viewer"), "a b") => Ok(()),
            _ => Err(Refusal::forbidden("no")),
        })
        .caching(hook::PlayHls, &cache, |_, play| Some(DecisionKey::of([token(play)?, &play.name])));
    let wcs = Wcs::with(hooks);
    for (token, name, status) in [("viewer", "a b", 200), ("viewer a", "b", 403), ("viewer", "a b", 200)] {
        let body = json!({"appKey": "defaultApp", "name": name, "token": token});
        assert_eq!(wcs.send("playHLS", &body).await.0, status, "{token} {name}");
    }
    assert_eq!((cache.hits(), cache.misses()), (1, 2));
}
