use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::{
    Hooks,
    ready::{
        Claims, Verifier,
        testing::{SECRET, Wcs},
    },
};

fn tokens() -> StreamTokens {
    StreamTokens::new(JwtAuth::new(Verifier::builder().secret(SECRET).build().unwrap()))
}

fn wcs(tokens: &StreamTokens) -> Wcs {
    Wcs::with(Hooks::guarded(tokens.clone()))
}

fn token(rights: impl Into<Value>) -> String {
    let claims = Claims::new().expiring_in(Duration::from_mins(1)).with("streams", rights);
    claims.sign(&SECRET.into()).unwrap()
}

/// May publish `studio-1` and the like, and play every plain name.
fn studio() -> String {
    token(StreamRights::new(["studio-*"], ["*"]))
}

fn expired() -> String {
    let claims = Claims::new().with("exp", 1).with("streams", StreamRights::new(["**"], ["**"]));
    claims.sign(&SECRET.into()).unwrap()
}

fn session(id: &str, more: &Value) -> Value {
    let mut body = json!({"nodeId": "n", "appKey": "defaultApp", "sessionId": id});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

async fn connected(tokens: &StreamTokens, token: &str) -> Wcs {
    let wcs = wcs(tokens);
    let body = session("s", &json!({"custom": {"token": token}}));
    assert_eq!(wcs.told("connect", &body).await, (200, String::new()));
    wcs
}

const NO_PUBLISH: (u16, &str) = (403, "no right to publish this stream");
const NO_PLAY: (u16, &str) = (403, "no right to play this stream");
const GRANTED: (u16, &str) = (200, "");

#[tokio::test]
async fn streams_go_by_the_rights_of_their_session() {
    let wcs = connected(&tokens(), &studio()).await;
    let cases = [
        ("publishStream", "studio-1", GRANTED),
        ("publishStream", "Studio-1", NO_PUBLISH),
        ("publishStream", "b4e7", NO_PUBLISH),
        ("publishStream", "", NO_PUBLISH),
        ("playStream", "b4e7", GRANTED),
        ("playStream", "rtsp://camera.example.com/1", NO_PLAY),
        ("playStream", "vod://secret.mp4", NO_PLAY),
        ("availableStream", "b4e7", GRANTED),
        ("availableStream", "a/b", NO_PLAY),
        ("snapshot", "b4e7", GRANTED),
        ("snapshot", "rtmp://a/b", NO_PLAY),
        ("unPublishStream", "b4e7", GRANTED),
        ("stopStream", "a/b", GRANTED),
    ];
    for (hook, name, (status, reason)) in cases {
        let body = session("s", &json!({"mediaSessionId": "m", "name": name}));
        assert_eq!(wcs.told(hook, &body).await, (status, reason.to_owned()), "{hook} {name}");
    }
}

#[tokio::test]
async fn a_streams_own_token_counts_alone() {
    let wcs = connected(&tokens(), &studio()).await;
    let cases = [
        (token(StreamRights::new(["b4e7"], [""])), GRANTED),
        (token(StreamRights::new(["other"], [""])), NO_PUBLISH),
        (token(json!({})), NO_PUBLISH),
        (token(json!(null)), NO_PUBLISH),
        (token(json!({"publish": "b4e7"})), (401, "invalid token")),
        (token(json!({"publish": [1]})), (401, "invalid token")),
        (token(json!(["b4e7"])), (401, "invalid token")),
        (expired(), (401, "invalid token")),
        ("x".to_owned(), (401, "invalid token")),
        (String::new(), NO_PUBLISH),
    ];
    for (token, (status, reason)) in cases {
        for id in ["s", "unknown"] {
            let body = session(id, &json!({"name": "b4e7", "custom": {"token": token}}));
            let expected =
                if token.is_empty() && id == "unknown" { (401, "no token") } else { (status, reason) };
            let expected = (expected.0, expected.1.to_owned());
            assert_eq!(wcs.told("publishStream", &body).await, expected, "{id} {token}");
        }
    }
}

#[tokio::test]
async fn rights_end_with_the_session_and_are_its_own() {
    let wcs = connected(&tokens(), &studio()).await;
    let publish = |id: &str| session(id, &json!({"name": "studio-1"}));
    let event = |id: &str, status: &str| session(id, &json!({"status": status}));
    assert_eq!(wcs.told("publishStream", &publish("other")).await.1, "no token");
    assert_eq!(wcs.told("publishStream", &publish("")).await.1, "no token");
    for (id, status) in [("s", "ESTABLISHED"), ("other", "DISCONNECTED"), ("other", "FAILED")] {
        assert_eq!(wcs.send("ConnectionStatusEvent", &event(id, status)).await.0, 200);
        assert_eq!(wcs.told("publishStream", &publish("s")).await.0, 200, "{id} {status}");
    }
    for status in ["DISCONNECTED", "FAILED"] {
        let opening = session("s", &json!({"custom": {"token": studio()}}));
        assert_eq!(wcs.told("connect", &opening).await.0, 200);
        assert_eq!(wcs.told("publishStream", &publish("s")).await.0, 200);
        assert_eq!(wcs.send("ConnectionStatusEvent", &event("s", status)).await.0, 200);
        assert_eq!(wcs.told("publishStream", &publish("s")).await, (401, "no token".to_owned()), "{status}");
    }
}

#[tokio::test]
async fn rights_end_with_their_token() {
    let verifier = Verifier::builder().secret(SECRET).leeway(Duration::ZERO).build().unwrap();
    let tokens = StreamTokens::new(JwtAuth::new(verifier));
    let wcs = connected(&tokens, &studio()).await;
    let ctx = HookContext { node_id: "n".into(), session_id: "s".into(), ..HookContext::default() };
    let after = |seconds| SystemTime::now() + Duration::from_secs(seconds);
    assert!(matches!(tokens.sessions().find(&ctx, after(50)), Known::Rights(_)));
    assert_eq!(tokens.sessions().find(&ctx, after(61)), Known::Expired);
    // As if the session had opened with it when it still held.
    let long_ago = SystemTime::UNIX_EPOCH;
    tokens.sessions().open(&ctx, StreamRights::new(["**"], ["**"]), Some(long_ago), long_ago);
    let body = session("s", &json!({"name": "studio-1"}));
    assert_eq!(wcs.told("publishStream", &body).await, (401, "invalid token".to_owned()));
}

#[tokio::test]
async fn who_is_refused_opens_nothing() {
    let tokens = tokens();
    let wcs = wcs(&tokens);
    for token in [expired(), "x".to_owned(), token(json!("all")), String::new()] {
        let body = session("s", &json!({"custom": {"token": token}}));
        assert_eq!(wcs.told("connect", &body).await.0, 401);
    }
    assert_eq!(tokens.sessions().len(), 0);
    let without_rights = Claims::new().expiring_in(Duration::from_mins(1)).sign(&SECRET.into()).unwrap();
    let body = session("s", &json!({"custom": {"token": without_rights}}));
    assert_eq!(wcs.told("connect", &body).await.0, 200);
    let body = session("s", &json!({"name": "studio-1"}));
    assert_eq!(wcs.told("publishStream", &body).await, (403, NO_PUBLISH.1.to_owned()));
}

#[tokio::test]
async fn sessions_are_bounded() {
    let tokens = tokens().max_sessions(3).claim("streams");
    let wcs = wcs(&tokens);
    let token = studio();
    for id in 0..10 {
        let body = session(&id.to_string(), &json!({"custom": {"token": token}}));
        assert_eq!(wcs.told("connect", &body).await.0, 200);
    }
    assert_eq!(tokens.sessions().len(), 3);
    for (id, status) in [("6", 401), ("7", 200), ("9", 200)] {
        let body = session(id, &json!({"name": "studio-1"}));
        assert_eq!(wcs.told("publishStream", &body).await.0, status, "{id}");
    }
}

#[tokio::test]
async fn players_go_by_the_token_in_their_url_and_are_turned_away_with_403() {
    let wcs = wcs(&tokens());
    let (good, bad) = (studio(), expired());
    #[rustfmt::skip]
    let cases = [
        ("playHLS", json!({"name": "test", "token": good}), GRANTED),
        ("playHLS", json!({"name": "test", "custom": {"token": good}}), GRANTED),
        ("playHLS", json!({"name": "test", "custom": {"aclAuth": good}}), GRANTED),
        ("playHLS", json!({"name": "rtsp://a/b", "custom": {"token": good}}), NO_PLAY),
        ("playHLS", json!({"name": "test", "custom": {"token": bad}}), (403, "invalid token")),
        ("playHLS", json!({"name": "test"}), (403, "no token")),
        ("playRTSP", json!({"name": "rtsp://wcs:554/test", "custom": {"aclAuth": good}}), GRANTED),
        ("playRTSP", json!({"name": format!("rtsp://wcs:554/test?aclAuth={good}")}), GRANTED),
        ("playRTSP", json!({"name": format!("rtsp://wcs/test/trackID=1?token={good}")}), GRANTED),
        ("playRTSP", json!({"name": format!("rtsp://wcs/test?token={good}/trackID=1")}), GRANTED),
        ("playRTSP", json!({"rtspUrl": format!("rtsp://wcs/test?token={good}")}), GRANTED),
        ("playRTSP", json!({"name": format!("rtsp://wcs/a/b?token={good}")}), NO_PLAY),
        ("playRTSP", json!({"name": format!("rtsp://wcs/rtsp%3A%2F%2Fa%2Fb?token={good}")}), NO_PLAY),
        ("playRTSP", json!({"name": format!("rtsp://wcs?token={good}")}), (403, "no such stream")),
        ("playRTSP", json!({"name": format!("rtsp://wcs/%ff?token={good}")}), (403, "no such stream")),
        ("playRTSP", json!({"name": format!("rtsp://wcs/test?token={bad}")}), (403, "invalid token")),
        ("playRTSP", json!({"name": "rtsp://wcs/test"}), (403, "no token")),
    ];
    for (hook, body, (status, reason)) in cases {
        assert_eq!(wcs.told(hook, &body).await, (status, reason.to_owned()), "{hook} {body}");
    }
}

#[test]
fn the_name_in_an_rtsp_url_is_its_path() {
    #[rustfmt::skip]
    let cases = [
        ("rtsp://wcs:554/test", Some("test")),
        ("rtsp://wcs/a%20b?x=/c", Some("a b")),
        ("rtsp://wcs/a/b", Some("a/b")),
        ("rtsp://wcs/a/TrackId=12", Some("a")),
        ("rtsp://wcs/a/streamid=0", Some("a")),
        ("rtsp://wcs/a/b=1", Some("a/b=1")),
        ("rtsp://wcs/trackID=1", Some("trackID=1")),
        ("rtsp://wcs/a/trackID=x", Some("a/trackID=x")),
        ("test", Some("test")),
        ("", Some("")),
        ("rtsp://wcs/", Some("")),
        ("rtsp://wcs", None),
        ("rtsp://wcs/%c3", None),
    ];
    for (url, expected) in cases {
        assert_eq!(name_in_url(url).as_deref(), expected, "{url}");
    }
}

#[test]
fn neither_the_log_nor_debug_has_a_token() {
    let tokens = tokens();
    let play = RtspPlay { name: format!("rtsp://wcs/a/b?token={}", studio()), ..RtspPlay::default() };
    let refusal = tokens.check_rtsp(&play).unwrap_err();
    assert_eq!(refusal.to_string(), r#"403 no right to play this stream ("a/b")"#);
    let pull = StreamRights::default();
    let refusal = granted(pull.may_play("x"), NO_PLAY.1, "rtsp://me:pw@host/s?token=T").unwrap_err();
    assert!(!refusal.to_string().contains("pw") && !refusal.to_string().contains("T\""), "{refusal}");
    assert!(!format!("{tokens:?}").contains(SECRET));
}
