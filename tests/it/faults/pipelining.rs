//! Several requests at once in one connection.

use wcs_hooks_protocol::HookName;

use super::{
    raw::request,
    server::{Served, here},
};

#[tokio::test]
async fn all_are_answered_in_order() {
    let served = Served::start(here());
    let mut client = served.connect().await;
    let requests: String =
        (1..=100).map(|number| request(HookName::PublishStream, &format!("stream{number}"))).collect();
    client.send(requests).await;
    for number in 1..=100 {
        let answer = client.answer().await.unwrap();
        let name = format!(r#""name":"stream{number}-{number}""#);
        assert!(answer.status == 200 && answer.body.contains(&name), "{answer:?}");
    }
    drop(client);
    served.is_empty().await;
    assert_eq!(served.seen.published(), 100);
    served.stop_in_order().await;
}

/// What comes behind the one that is no request is not looked at.
#[tokio::test]
async fn those_before_a_broken_one_are_answered() {
    let served = Served::start(here());
    let mut client = served.connect().await;
    let good = request(HookName::PublishStream, "stream");
    client.send(format!("{good}{good}\0\r\n\r\n{good}")).await;
    let mut statuses = Vec::new();
    while let Some(answer) = client.answer().await {
        statuses.push(answer.status);
    }
    assert_eq!((&*statuses, served.seen.published()), (&[200, 200, 400][..], 2));
    served.stop_in_order().await;
}

/// The server reads on when what it has said is taken.
#[tokio::test]
async fn a_client_that_takes_no_answers_is_not_served_without_end() {
    let served = Served::start(here());
    let mut client = served.connect().await;
    let requests = request(HookName::PublishStream, &"x".repeat(32 << 10)).repeat(1000);
    let sending =
        tokio::time::timeout(std::time::Duration::from_millis(500), client.try_send(requests)).await;
    assert!(sending.is_err(), "it takes everything: {} requests", served.seen.published());
    client.reset();
    served.is_empty().await;
    served.stop_in_order().await;
}
