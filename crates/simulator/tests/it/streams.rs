//! Streams: what is asked, told and allowed.

use serde_json::json;

use crate::support::{Reply, World};

#[tokio::test(start_paused = true)]
async fn a_publisher_and_its_player() {
    let world = World::with(|_, _| Reply::Echo);
    let mut publisher = world.connected().await;
    publisher.send("publishStream", json!({ "mediaSessionId": "1", "name": "b4e7", "hasVideo": true })).await;
    assert_eq!(publisher.line().await, "notifyStreamStatusEvent b4e7 PUBLISHING");
    let mut player = world.connected().await;
    player.send("playStream", json!({ "mediaSessionId": "2", "name": "b4e7" })).await;
    assert_eq!(player.line().await, "notifyStreamStatusEvent b4e7 PLAYING");
    publisher.send("unPublishStream", json!({ "mediaSessionId": "1", "name": "b4e7" })).await;
    assert_eq!(publisher.line().await, "notifyStreamStatusEvent b4e7 UNPUBLISHED");
    assert_eq!(player.line().await, "notifyStreamStatusEvent b4e7 FAILED Stopped by publisher stop");
}
