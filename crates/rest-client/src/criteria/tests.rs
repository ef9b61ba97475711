use serde_json::json;

use super::*;
use crate::testing::{Wcs, published};

#[tokio::test]
async fn streams_are_named_as_published() {
    let wcs = Wcs::answering(200, "").await;
    let node = wcs.node();
    let streams = node.streams();
    for filter in [
        StreamFilter::media_session("41c3f621-a847-4639"),
        StreamFilter::named("streamName").and(StreamFilter::status(&StreamStatus::Publishing)),
        StreamFilter::media_sessions(["41c3f621-a847-4639", "554916e0-931c-2479"]),
        StreamFilter::published(false),
        StreamFilter::named("streamName").and(StreamFilter::published(false)),
    ] {
        streams.terminate(&filter).await.unwrap();
    }
    streams.terminate_every_stream_of_the_server().await.unwrap();
    let sent: Vec<Value> = wcs.commands().into_iter().map(|command| command.body).collect();
    assert_eq!(sent, published("/stream/terminate", "request"));
}

#[test]
fn what_might_be_no_filter_is_none() {
    for (criteria, why) in [
        (Criteria::new("name", ""), "name is empty"),
        (Criteria::new("name", "a").with("status", ""), "status is empty"),
        (StreamFilter::media_sessions(Vec::<String>::new()).0, "mediaSessionIds is empty"),
        (StreamFilter::media_sessions(["a", ""]).0, "mediaSessionIds is empty"),
        (Criteria::new("name", Value::Null), "name is empty"),
        (Criteria(Map::new()), "nothing says what it is about"),
    ] {
        assert_eq!(criteria.emptiness().as_deref(), Some(why));
    }
    assert_eq!(StreamFilter::published(false).0.emptiness(), None);
}

#[test]
fn of_two_parts_the_later_counts_and_secrets_are_not_printed() {
    let filter = StreamFilter::named("a").and(StreamFilter::named("b"));
    assert_eq!(json!(filter.0), json!({"name": "b"}));
    let filter = RtspFilter::uri("rtsp://me:pw@camera/live");
    assert_eq!(format!("{filter:?}"), r#"RtspFilter {"uri":"rtsp://[hidden]@camera/live"}"#);
}
