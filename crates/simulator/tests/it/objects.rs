//! The objects that hooks about streams carry.

use serde_json::{Value, json};

use crate::support::{Reply, World};

#[tokio::test(start_paused = true)]
async fn a_stream_has_what_the_client_sent_and_what_wcs_fills_in() {
    let world = World::with(|_, _| Reply::Echo);
    let mut client = world.connected().await;
    let sent = json!({
        "mediaSessionId": "1", "name": "b4e7", "published": true, "hasVideo": false, "hasAudio": true,
        "status": "PENDING", "record": false, "mediaProvider": "WebRTC", "sdp": "v=0", "bitrate": 500,
        "custom": { "token": "1" }, "constraints": { "audio": true }, "rtmpUrl": null, "unknown": 1e3,
    });
    client.send("publishStream", sent.clone()).await;
    client.line().await;

    let mut asked = world.backend.last("publishStream");
    let date = asked["createDate"].take();
    assert!(date.as_u64().unwrap() > 1_700_000_000_000);
    let mut expected = sent;
    expected.as_object_mut().unwrap().remove("rtmpUrl");
    let filled_in = json!({
        "nodeId": "Hw47CFMBEchVOpBMDr29IxjudnJ1sjOY@127.0.0.1", "appKey": "defaultApp",
        "sessionId": world.backend.last("connect")["sessionId"], "width": 0, "height": 0, "minBitrate": 0,
        "maxBitrate": 0, "quality": 0, "history": false, "gop": 0, "fps": 0, "audioBitrate": 0, "codecImpl": "",
        "cvoExtension": false, "createDate": null, "mediaType": "publish", "audioState": { "muted": false },
        "videoState": { "muted": false },
    });
    expected.as_object_mut().unwrap().extend(filled_in.as_object().unwrap().clone());
    assert_eq!(asked, expected);

    expected["createDate"] = date;
    expected["status"] = "PUBLISHING".into();
    expected["audioCodec"] = "opus".into();
    assert_eq!(world.backend.last("StreamStatusEvent"), expected);
}

#[tokio::test(start_paused = true)]
async fn the_client_s_spelling_reaches_the_backend() {
    let world = World::with(|_, _| Reply::Echo);
    let mut client = world.connected().await;
    client
        .text(r#"{"message":"publishStream","data":[{"mediaSessionId":"1", "name":"a","zeta":1.50,"alpha":"\u00e4"}]}"#)
        .await;
    client.line().await;
    let body = world.backend.last_body("publishStream");
    assert!(body.contains(r#""mediaSessionId":"1","name":"a","zeta":1.50,"alpha":"\u00e4""#), "{body}");
}

#[tokio::test(start_paused = true)]
async fn a_player_learns_what_is_muted() {
    let world = World::with(|_, _| Reply::Echo);
    let mut publisher = world.connected().await;
    publisher.send("publishStream", json!({ "mediaSessionId": "1", "name": "a" })).await;
    publisher.line().await;
    for (kind, audio, video) in [
        ("audioMuted", true, false),
        ("videoMuted", true, true),
        ("audioUnmuted", false, true),
        ("videoUnmuted", false, false),
    ] {
        publisher.send("sendStreamEvent", json!({ "mediaSessionId": "1", "type": kind })).await;
        publisher.send("ping", Value::Null).await;
        publisher.line().await;
        let mut player = world.connected().await;
        player.send("playStream", json!({ "mediaSessionId": kind, "name": "a" })).await;
        let (_, told) = player.next().await.unwrap();
        assert_eq!(
            (&told["audioState"]["muted"], &told["videoState"]["muted"]),
            (&json!(audio), &json!(video))
        );
        assert_eq!((&told["mediaType"], &told["published"]), (&json!("play"), &json!(false)), "{kind}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_never_ran_has_no_codec() {
    let world = World::with(|_, _| Reply::Echo);
    let mut client = world.connected().await;
    client.send("playStream", json!({ "mediaSessionId": "1", "name": "a", "hasAudio": true })).await;
    client.line().await;
    let failed = world.backend.last("StreamStatusEvent");
    assert_eq!((failed.get("audioCodec"), &failed["status"]), (None, &json!("FAILED")));
}
