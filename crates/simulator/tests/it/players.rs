//! HLS players.

use axum::body::Body;
use http::Request;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tokio::time::{Duration, advance};
use tower::ServiceExt;
use wcs_hooks_simulator::dispatcher::{App, Settings};

use crate::support::{Reply, World};

/// Lets those play who have the right token, on a WCS that asks.
fn world(token_cache: Duration) -> World {
    let settings = Settings {
        hls_auth_enabled: true,
        rtsp_auth_enabled: true,
        hls_auth_token_cache: token_cache,
        ..Settings::default()
    };
    let answer = |_: &str, fields: &Value| {
        if fields["custom"]["aclAuth"] == "key1" { Reply::Echo } else { Reply::Refuse(403, "Wrong token") }
    };
    let hls = App::new("hlsApp", "http://hls").unwrap();
    World::built(settings, answer, |builder| builder.app(hls))
}

async fn get(world: &World, path: &str) -> (u16, String) {
    let request = Request::get(path).body(Body::empty()).unwrap();
    let response = world.gateway.router().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test(start_paused = true)]
async fn a_player_with_the_right_token_plays() {
    let world = world(Duration::ZERO);
    let (status, playlist) = get(&world, "/b4e7/b4e7.m3u8?aclAuth=key1&other=1").await;
    assert!(status == 200 && playlist.starts_with("#EXTM3U\n"), "{status} {playlist}");
    let mut play = world.backend.asked_about("playHLS").await;
    let id = play["mediaSessionId"].take();
    assert!(id.as_str().unwrap().ends_with("-b4e7-HLS"), "{id}");
    let session_id = play["sessionId"].take();
    let expected = json!({ "nodeId": world.gateway.node_id(), "appKey": "defaultApp", "sessionId": null,
        "mediaSessionId": null, "name": "b4e7", "mediaProvider": "HLS", "custom": { "aclAuth": "key1" } });
    assert!(session_id.is_string());
    assert_eq!(play, expected);
}

#[tokio::test(start_paused = true)]
async fn what_players_get() {
    for (path, expected, asked) in [
        ("/b4e7/b4e7.m3u8?aclAuth=key2", 401, 1),
        ("/b4e7/b4e7.m3u8", 401, 1),
        ("/b4e7/b4e7.m3u8?aclAuth=key1&appKey=hlsApp", 200, 1),
        ("/b4e7/b4e7.m3u8?aclAuth=key1&appKey=unknownApp", 404, 0),
        ("/b4e7/b4e7.ts?aclAuth=key1", 426, 0),
        ("/", 426, 0),
    ] {
        let world = world(Duration::ZERO);
        assert_eq!(get(&world, path).await.0, expected, "{path}");
        assert_eq!(world.backend.lines().len(), asked, "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_kept_for_a_token() {
    let world = world(Duration::from_secs(5));
    for (wait, expected) in [(0, 1), (4, 1), (2, 2)] {
        advance(Duration::from_secs(wait)).await;
        assert_eq!(get(&world, "/b4e7/b4e7.m3u8?aclAuth=key1").await.0, 200);
        assert_eq!(world.backend.lines().len(), expected, "after {wait} s");
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_is_asked_by_default() {
    let world = World::with(|_, _| Reply::Refuse(403, "No"));
    assert_eq!(get(&world, "/b4e7/b4e7.m3u8").await.0, 200);
    assert_eq!(world.backend.lines(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn rtsp_clients_are_asked_about_on_demand() {
    let world = world(Duration::ZERO);
    for (url, refused) in [
        ("rtsp://wcs:5554/b4e7?aclAuth=key1", Some(false)),
        ("rtsp://wcs:5554/b4e7?aclAuth=key2", Some(true)),
        ("rtsp://wcs:5554/b4e7", Some(true)),
        ("rtsp://wcs:5554/b4e7?appKey=unknownApp", None),
        ("not a URL", None),
    ] {
        let verdict = world.gateway.play_rtsp(url, Some("LibVLC/3.0.4")).await;
        assert_eq!(verdict.map(|verdict| verdict.player_refusal().is_some()), refused, "{url}");
    }
    let play = world.backend.asked_about("playRTSP").await;
    assert_eq!(play["name"], "rtsp://wcs:5554/b4e7?aclAuth=key1");
    assert_eq!((&play["userAgent"], &play["custom"]["aclAuth"]), (&json!("LibVLC/3.0.4"), &json!("key1")));
    assert!(play["mediaSessionId"].as_str().unwrap().ends_with("-b4e7-RTSP"));
}
