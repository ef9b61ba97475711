use serde_json::json;

use super::*;
use crate::testing::{Wcs, published};

#[tokio::test]
async fn a_push_is_started_and_read_as_published() {
    let answer = published("/push/startup", "response").remove(0);
    let body = answer.to_string();
    let wcs = Wcs::start(move |_| (200, body.clone())).await;
    let request = published("/push/startup", "request").remove(0);
    let more =
        Map::from_iter([("rtmpTransponderFullUrl".into(), false.into()), ("options".into(), json!({}))]);
    let push = wcs.node().pushes().start_with("name", "rtmp://localhost:1935/live", more).await.unwrap();
    assert_eq!(wcs.command().body, request);
    assert_eq!(
        (&*push.media_session_id, push.width, push.muted),
        ("eume87rjk3df1i9u14elffga6t", Some(320), Some(false))
    );
    assert_eq!(json!(push), answer);
}

#[tokio::test]
async fn nulls_are_absent_and_what_is_new_is_kept() {
    let wcs = Wcs::answering(200, r#"[{"mediaSessionId":null,"width":null,"options":null,"new":1}]"#).await;
    let pushes = wcs.node().pushes().all().await.unwrap();
    let extra = Map::from_iter([("new".to_owned(), 1.into())]);
    assert_eq!(pushes, [Push { extra, ..Push::default() }]);
}
