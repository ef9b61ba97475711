//! What a backend sees of faults, and what the dispatcher makes of them.

use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use tokio::{
    sync::mpsc,
    time::{Duration, Instant},
};
use wcs_hooks_dispatcher::{App, Dispatcher, FailureKind, RetryRule, Session, Settings};
use wcs_hooks_protocol::{
    hook,
    payloads::{Call, Connection, Stream},
};

use super::*;

const SECOND: Duration = Duration::from_secs(1);

/// A session on a WCS whose way to the backend has faults, and what the backend gets, with the time.
struct Scene {
    faults: Faults,
    session: Session,
    arrivals: mpsc::UnboundedReceiver<(String, Instant)>,
    began: Instant,
}

impl Scene {
    async fn new(rules: impl IntoIterator<Item = FaultRule>) -> Self {
        let (arrived, arrivals) = mpsc::unbounded_channel();
        let backend = tower::service_fn(move |request: Request<Full<Bytes>>| {
            let hook = request.uri().path().trim_start_matches('/').to_owned();
            let _ = arrived.send((hook, Instant::now()));
            async {
                let response = Response::builder().header("content-type", "application/json");
                Ok::<_, Infallible>(response.body(request.into_body()).unwrap())
            }
        });
        let faults = Faults::seeded(7);
        let dispatcher = Dispatcher::new(Settings::default(), faults.around(backend));
        let app = App::new("defaultApp", "http://backend").unwrap();
        let session = dispatcher.connect(&app, Connection::default()).await.unwrap();
        let mut scene = Self { faults, session, arrivals, began: Instant::now() };
        scene.arrived().await;
        scene.faults.set(rules).unwrap();
        scene
    }

    /// The next hook that the backend gets, and how many seconds after the beginning.
    async fn arrived(&mut self) -> (String, u64) {
        let (hook, at) = self.arrivals.recv().await.unwrap();
        (hook, at.duration_since(self.began).as_secs())
    }

    fn all_arrived(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.arrivals.try_recv().ok()).map(|(hook, _)| hook).collect()
    }
}

fn name(hook: HookName) -> String {
    hook.as_str().to_owned()
}

#[tokio::test(start_paused = true)]
async fn a_slow_hook_arrives_late() {
    let mut scene = Scene::new([FaultRule::new(Fault::slow(3 * SECOND..=3 * SECOND))]).await;
    let verdict = scene.session.send(hook::PublishStream, Stream::default()).await;
    assert!(verdict.goes_on() && verdict.reply().is_some());
    assert_eq!(scene.arrived().await, (name(HookName::PublishStream), 3));
    assert_eq!(scene.faults.counts().slow, 1);
}

#[tokio::test(start_paused = true)]
async fn a_hook_that_is_too_slow_ends_by_the_timeout_of_wcs() {
    let mut scene = Scene::new([FaultRule::new(Fault::slow(20 * SECOND..=20 * SECOND))]).await;
    let verdict = scene.session.send(hook::PublishStream, Stream::default()).await;
    assert_eq!(verdict.failure().unwrap().kind(), FailureKind::Timeout);
    assert_eq!(scene.all_arrived(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_duplicate_arrives_while_the_first_is_answered() {
    let mut scene = Scene::new([FaultRule::new(Fault::Duplicated { after: 2 * SECOND })]).await;
    let verdict = scene.session.send(hook::PublishStream, Stream::default()).await;
    assert_eq!(verdict.attempts(), 1);
    assert_eq!(scene.began.elapsed(), Duration::ZERO);
    assert_eq!(scene.arrived().await, (name(HookName::PublishStream), 0));
    assert_eq!(scene.arrived().await, (name(HookName::PublishStream), 2));
    assert_eq!(scene.faults.counts().duplicated, 1);
}

#[tokio::test(start_paused = true)]
async fn a_lost_connection_is_tried_again_as_the_settings_say() {
    for (when, handled) in [(WhenLost::BeforeHandling, 0), (WhenLost::AfterHandling, 4)] {
        let mut scene = Scene::new([FaultRule::new(Fault::ConnectionLost(when))]).await;
        let verdict = scene.session.send(hook::PublishStream, Stream::default()).await;
        assert_eq!(verdict.failure().unwrap().kind(), FailureKind::Reset, "{when:?}");
        assert_eq!(verdict.attempts(), 1 + RetryRule::default().count, "{when:?}");
        assert_eq!(scene.all_arrived().len(), handled, "{when:?}");
        let counts = scene.faults.counts();
        assert_eq!(counts.lost_before_handling + counts.lost_after_handling, 4, "{when:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_event_arrives_after_the_next_hook() {
    let mut scene = Scene::new([FaultRule::new(Fault::Reordered { at_most: 9 * SECOND })]).await;
    let verdict = scene.session.send(hook::StreamStatus, Stream::default()).await;
    assert!(verdict.goes_on());
    assert_eq!(scene.all_arrived(), Vec::<String>::new());
    scene.session.send(hook::PublishStream, Stream::default()).await;
    assert_eq!(scene.arrived().await, (name(HookName::PublishStream), 0));
    assert_eq!(scene.arrived().await, (name(HookName::StreamStatus), 0));
    assert_eq!(scene.faults.counts().reordered, 1);
}

#[tokio::test(start_paused = true)]
async fn an_event_is_not_held_back_for_ever() {
    let mut scene = Scene::new([FaultRule::new(Fault::Reordered { at_most: 9 * SECOND })]).await;
    scene.session.send(hook::StreamStatus, Stream::default()).await;
    assert_eq!(scene.arrived().await, (name(HookName::StreamStatus), 9));
}

#[tokio::test(start_paused = true)]
async fn the_second_of_two_events_goes_first() {
    let mut scene = Scene::new([FaultRule::new(Fault::Reordered { at_most: 9 * SECOND })]).await;
    scene.session.send(hook::StreamStatus, Stream::default()).await;
    scene.session.send(hook::CallStatus, Call::default()).await;
    assert_eq!(scene.arrived().await.0, name(HookName::CallStatus));
    assert_eq!(scene.arrived().await.0, name(HookName::StreamStatus));
}

#[tokio::test(start_paused = true)]
async fn what_is_held_back_is_sent_after_the_rules_are_gone() {
    let mut scene = Scene::new([FaultRule::new(Fault::Reordered { at_most: 9 * SECOND })]).await;
    scene.session.send(hook::StreamStatus, Stream::default()).await;
    scene.faults.set([]).unwrap();
    scene.session.send(hook::PublishStream, Stream::default()).await;
    assert_eq!(scene.arrived().await.0, name(HookName::PublishStream));
    assert_eq!(scene.arrived().await, (name(HookName::StreamStatus), 0));
}

#[test]
fn rules_as_json() {
    let text = r#"[{"fault":{"slow":{"fromMs":1,"toMs":5}},"hooks":["publishStream"],"probability":0.5},
        {"fault":{"duplicated":{"afterMs":0}}},{"fault":{"reordered":{"atMostMs":1000}}},
        {"fault":{"connectionLost":"afterHandling"}}]"#;
    let rules: Vec<FaultRule> = serde_json::from_str(text).unwrap();
    let again = serde_json::to_string(&rules).unwrap();
    assert_eq!(serde_json::from_str::<Vec<FaultRule>>(&again).unwrap(), rules);
    assert!(again.contains(r#""hooks":["publishStream"],"probability":0.5"#), "{again}");
}

#[test]
fn what_is_wrong_in_a_rule_is_said() {
    for (json, expected) in [
        (r#"{"fault":{"slow":{"fromMs":1}}}"#, "missing field `toMs`"),
        (r#"{"fault":{"slow":{"fromMs":5,"toMs":1}}}"#, "rule 0: `fromMs` must not be greater than `toMs`"),
        (r#"{"fault":{"reordered":{"atMostMs":600001}}}"#, "rule 0: a fault may delay a hook for 10 minutes"),
        (r#"{"fault":{"duplicated":{"afterMs":0}},"probability":-0.1}"#, "rule 0: `probability` must be"),
        (r#"{"fault":{"duplicated":{"afterMs":0}},"hooks":["publish"]}"#, r#"unknown hook "publish""#),
        (r#"{"fault":{"duplicated":{"afterMs":0}},"hook":[]}"#, "unknown field `hook`"),
    ] {
        let rule = serde_json::from_str::<FaultRule>(json).map_err(|error| error.to_string());
        let error = rule.and_then(|rule| Faults::seeded(1).set([rule]).map_err(|error| error.to_string()));
        let error = error.unwrap_err();
        assert!(error.contains(expected), "{json}: {error}");
    }
}

#[test]
fn a_wrong_rule_changes_nothing() {
    let faults = Faults::seeded(1);
    let rule = FaultRule::new(Fault::Duplicated { after: SECOND });
    faults.set([rule.clone()]).unwrap();
    faults.set([rule.clone().with_probability(f64::NAN)]).unwrap_err();
    faults.set(std::iter::repeat_n(rule.clone(), 101)).unwrap_err();
    assert_eq!(faults.rules(), [rule]);
}
