//! The table of spec §4.5: kind × `restOnError` × outcome.

use std::io::ErrorKind;

use wcs_hooks_dispatcher::{
    App, Dispatcher, FailureKind, PlayerRefusal, Settings, SipAnswer, ToClient, Verdict,
};
use wcs_hooks_protocol::{
    Effect::{
        self, BreakOperation, DeclineConnection, EndStream, GoOn, RefuseCaller, RefusePlayer, TellError,
    },
    HookContext, Object, Outcome,
};

use crate::backend::{Answer, Backend, answer, fails, json};

fn settings() -> Settings {
    Settings {
        keep_alive_enabled: true,
        hls_auth_enabled: true,
        rtsp_auth_enabled: true,
        ..Settings::default()
    }
}

/// Sends a hook in a session whose policy for it is this; the backend answers the hook so.
async fn verdict(hook: &'static str, policy: &str, reply: Reply) -> Verdict {
    let accept = format!(r#"{{"restClientConfig":{{"{hook}":{policy}}}}}"#);
    let service = Backend::default().service(move |called, _| match called {
        _ if called == hook => reply(),
        _ => json(200, accept.clone()),
    });
    let app = App::new("defaultApp", "http://backend").unwrap();
    let dispatcher = Dispatcher::new(settings(), service);
    let fields = Object::parse(r#"{"mediaSessionId":"m1","callId":"c1","operationId":"o1"}"#).unwrap();
    if matches!(hook, "connect" | "playHLS" | "playRTSP") {
        return dispatcher.send_raw(&app, HookContext::default(), hook, &fields).await;
    }
    let session = dispatcher.connect_raw(&app, HookContext::default(), &fields).await.unwrap();
    session.send_raw(hook, &fields).await
}

type Reply = fn() -> Answer;

const OUTCOMES: [(&str, Reply, Outcome); 12] = [
    ("200", || json(200, "{}"), Outcome::Accepted),
    ("200 without a body", || json(200, ""), Outcome::Unreadable),
    ("200 with broken JSON", || json(200, r#"{"name":"#), Outcome::Unreadable),
    ("200 with an array", || json(200, "[]"), Outcome::Unreadable),
    ("200 of another type", || answer(200, "text/html", "{}"), Outcome::Unreadable),
    ("204", || answer(204, "", ""), Outcome::Status(204)),
    ("302", || answer(302, "", ""), Outcome::Status(302)),
    ("401", || json(401, ""), Outcome::Status(401)),
    ("403", || json(403, r#"{"status":403,"reason":"no"}"#), Outcome::Status(403)),
    ("500", || json(500, ""), Outcome::Status(500)),
    ("refused", || fails(ErrorKind::ConnectionRefused), Outcome::NoAnswer),
    ("timed out", || fails(ErrorKind::TimedOut), Outcome::NoAnswer),
];

/// A hook of each kind, and what its errors lead to with `LOG` and with `FAIL`.
const KINDS: [(&str, Effect, Effect); 7] = [
    ("connect", DeclineConnection, DeclineConnection),
    ("publishStream", GoOn, BreakOperation),
    ("OnCallEvent", GoOn, RefuseCaller),
    ("StreamStatusEvent", GoOn, TellError),
    ("StreamKeepAliveEvent", GoOn, EndStream),
    ("playHLS", RefusePlayer, RefusePlayer),
    ("playRTSP", RefusePlayer, RefusePlayer),
];

#[tokio::test]
async fn every_cell_has_the_effect_of_the_specification() {
    for (hook, with_log, with_fail) in KINDS {
        for (name, reply, outcome) in OUTCOMES {
            for (on_error, on_any_error) in [("LOG", with_log), ("FAIL", with_fail)] {
                for rest_policy in ["NOTIFY", "OVERWRITE"] {
                    let policy = format!(
                        r#"{{"restOnError":"{on_error}","restPolicy":"{rest_policy}","restOverwrite":"name"}}"#
                    );
                    let verdict = verdict(hook, &policy, reply).await;
                    let (outcome, effect) = expected(hook, rest_policy, outcome, on_any_error);
                    let cell = format!("{hook} {on_error} {rest_policy} {name}");
                    assert_eq!((verdict.outcome(), verdict.effect()), (outcome, effect), "{cell}");
                    assert_eq!(verdict.goes_on(), effect == GoOn, "{cell}");
                    assert_eq!(verdict.attempts(), 1, "{cell}");
                }
            }
        }
    }
}

/// The body of a 200 counts only where something is taken from it; only 403 ends a stream.
fn expected(hook: &str, rest_policy: &str, outcome: Outcome, on_any_error: Effect) -> (Outcome, Effect) {
    let is_body_needed = match hook {
        "connect" => true,
        "playHLS" | "playRTSP" => false,
        _ => rest_policy == "OVERWRITE",
    };
    match outcome {
        Outcome::Accepted => (outcome, GoOn),
        Outcome::Unreadable if !is_body_needed => (Outcome::Accepted, GoOn),
        _ if on_any_error == EndStream && outcome != Outcome::Status(403) => (outcome, GoOn),
        _ => (outcome, on_any_error),
    }
}

const FAIL: &str = r#"{"restOnError":"FAIL"}"#;

fn refuse() -> Answer {
    json(403, r#"{"status":403,"reason":"no"}"#)
}

/// Spec §5.1, §5.2: what stands in the data of `fail`.
#[tokio::test]
async fn the_client_is_told_of_a_refusal_in_the_event_of_the_hook() {
    for (hook, rest) in [
        ("connect", r#""apiMethod":"ConnectionStatusEvent""#),
        ("publishStream", r#""apiMethod":"StreamStatusEvent","id":"m1""#),
        ("snapshot", r#""apiMethod":"StreamStatusEvent","id":"m1""#),
        ("call", r#""apiMethod":"CallStatusEvent","id":"c1""#),
        ("OnCallEvent", r#""apiMethod":"CallStatusEvent","id":"c1""#),
        ("OnDataEvent", r#""apiMethod":"DataStatusEvent","id":"o1""#),
        ("sendMessage", r#""apiMethod":"MessageStatusEvent""#),
        ("CallStatusEvent", r#""apiMethod":"CallStatusEvent","id":"c1""#),
        ("newStatusEvent", r#""apiMethod":"newStatusEvent""#),
        ("pushLogs", ""),
        ("newMethod", ""),
    ] {
        let ToClient::Fail(fail) = verdict(hook, FAIL, refuse).await.to_client() else {
            panic!("{hook}: the client is told")
        };
        let comma = if rest.is_empty() { "" } else { "," };
        assert_eq!(fail.data(), format!(r#"{{"status":"FAILED","info":"no"{comma}{rest}}}"#), "{hook}");
    }
}

#[tokio::test]
async fn the_client_is_told_something_also_if_there_is_no_refusal() {
    for (reply, info) in [
        ((|| json(500, "")) as Reply, "Internal Server Error"),
        (|| fails(ErrorKind::TimedOut), "Failed by request timeout"),
        (|| fails(ErrorKind::ConnectionRefused), "Failed by error"),
    ] {
        let ToClient::Fail(fail) = verdict("call", FAIL, reply).await.to_client() else {
            panic!("{info}: the client is told")
        };
        assert_eq!(fail.info, info);
    }
}

#[tokio::test]
async fn callers_players_and_keep_alives_have_answers_of_their_own() {
    let call = verdict("OnCallEvent", FAIL, refuse).await;
    assert_eq!(call.sip_answer(), Some(SipAnswer { code: 403, reason: "FORBIDDEN" }));
    assert_eq!(verdict("OnCallEvent", "{}", refuse).await.sip_answer(), None);

    let hls = verdict("playHLS", "{}", refuse).await;
    assert_eq!(
        (hls.player_refusal(), hls.to_client()),
        (Some(PlayerRefusal::Unauthorized), ToClient::Nothing)
    );
    let rtsp = verdict("playRTSP", "{}", refuse).await;
    assert_eq!(rtsp.player_refusal(), Some(PlayerRefusal::ConnectionClosed));
    assert_eq!(verdict("playRTSP", "{}", || json(200, "")).await.player_refusal(), None);

    let keep_alive = verdict("StreamKeepAliveEvent", FAIL, refuse).await;
    let ToClient::Fail(fail) = keep_alive.to_client() else { panic!("the client is told") };
    assert!(keep_alive.ends_stream());
    assert_eq!(
        fail.data(),
        r#"{"status":"FAILED","info":"Terminated by keep-alive","apiMethod":"StreamStatusEvent","id":"m1"}"#
    );
    assert_eq!(verdict("StreamKeepAliveEvent", FAIL, || json(200, "")).await.to_client(), ToClient::Nothing);
}

#[tokio::test]
async fn what_goes_on_reaches_the_client_without_what_is_excluded() {
    let policy =
        r#"{"clientExclude":"callId, operationId","restPolicy":"OVERWRITE","restOverwrite":"caller"}"#;
    let reply = || json(200, r#"{"caller":"hidden","callee":"x"}"#);
    for (hook, expected) in [
        ("OnCallEvent", ToClient::Delivered(r#"{"mediaSessionId":"m1","caller":"hidden"}"#.into())),
        ("CallStatusEvent", ToClient::Delivered(r#"{"mediaSessionId":"m1","caller":"hidden"}"#.into())),
        ("call", ToClient::Nothing),
    ] {
        assert_eq!(verdict(hook, policy, reply).await.to_client(), expected, "{hook}");
    }
}

#[tokio::test]
async fn a_verdict_tells_what_came_and_what_could_not_be_taken() {
    let policy = r#"{"restPolicy":"OVERWRITE","restOverwrite":"hasAudio,name"}"#;
    let verdict_of =
        verdict("publishStream", policy, || json(200, r#"{"hasAudio":"loud","name":"n"}"#)).await;
    assert_eq!(verdict_of.unreadable_fields(), ["hasAudio"]);
    assert_eq!(verdict_of.reply().map(wcs_hooks_dispatcher::Reply::status), Some(200));
    assert_eq!(verdict_of.policy().rest_overwrite, ["hasAudio", "name"]);
    let failed = verdict("publishStream", policy, || fails(ErrorKind::ConnectionRefused)).await;
    assert_eq!(failed.failure().unwrap().kind(), FailureKind::ConnectionRefused);
    assert!(failed.reply().is_none());
}

/// Errors of the network by their kinds, whatever brings them.
#[tokio::test]
async fn errors_of_a_service_are_told_apart_by_their_kinds() {
    for (reply, kind, attempts) in [
        ((|| fails(ErrorKind::ConnectionRefused)) as Reply, FailureKind::ConnectionRefused, 1),
        (|| fails(ErrorKind::TimedOut), FailureKind::Timeout, 1),
        (|| fails(ErrorKind::HostUnreachable), FailureKind::Unreachable, 4),
        (|| fails(ErrorKind::NetworkUnreachable), FailureKind::Unreachable, 4),
        (|| fails(ErrorKind::AddrNotAvailable), FailureKind::Unreachable, 4),
        (|| fails(ErrorKind::ConnectionReset), FailureKind::Reset, 4),
        (|| fails(ErrorKind::ConnectionAborted), FailureKind::Reset, 4),
        (|| fails(ErrorKind::BrokenPipe), FailureKind::Reset, 4),
        (|| fails(ErrorKind::UnexpectedEof), FailureKind::ClosedWithoutAnswer, 4),
        (|| fails(ErrorKind::PermissionDenied), FailureKind::Other, 4),
        (|| Err("made up".into()), FailureKind::Other, 4),
    ] {
        let verdict = verdict("call", "{}", reply).await;
        assert_eq!((verdict.failure().unwrap().kind(), verdict.attempts()), (kind, attempts));
    }
}
