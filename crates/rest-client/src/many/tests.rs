use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use serde_json::{Value, json};

use super::*;
use crate::{
    ErrorKind,
    testing::{Command, Wcs},
};

fn recipients(node_id: &str, count: usize) -> Vec<Recipient> {
    let recipient =
        |number| Recipient { node_id: node_id.to_owned(), session_id: format!("{node_id}-{number}") };
    (0..count).map(recipient).collect()
}

/// The sessions that a command names.
fn sessions(command: &Command) -> Vec<String> {
    let one = command.body.get("sessionId").map(|id| vec![id.clone()]);
    let ids = one.or_else(|| command.body.get("sessionIds").and_then(Value::as_array).cloned()).unwrap();
    ids.iter().map(|id| id.as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn thousands_of_sessions_on_several_nodes_get_it_once_each() {
    let nodes = [Wcs::answering(200, "").await, Wcs::answering(200, "").await, Wcs::answering(200, "").await];
    let mut builder = RestClient::builder().concurrency(8).concurrency_per_node(3);
    for (number, wcs) in nodes.iter().enumerate() {
        builder = builder.node(format!("n{number}"), &*wcs.url);
    }
    let all: Vec<Recipient> = (0..3).flat_map(|number| recipients(&format!("n{number}"), 4_001)).collect();
    let payload = json!({"text": "hello all"});
    let client = builder.build().unwrap();
    let sending = {
        let (all, payload) = (all.clone(), payload.clone());
        async move { client.send_to_all(all, "op", &payload).await }
    };
    let report = tokio::spawn(sending).await.unwrap();
    assert_eq!((report.delivered, report.gone.len(), report.failures.len()), (all.len(), 0, 0));
    for (number, wcs) in nodes.iter().enumerate() {
        let commands = wcs.commands();
        assert_eq!(commands.len(), 41);
        let reached: Vec<String> = commands.iter().flat_map(sessions).collect();
        let distinct: BTreeSet<&String> = reached.iter().collect();
        assert_eq!((reached.len(), distinct.len()), (4_001, 4_001));
        for command in commands {
            let Command { path, body, .. } = command;
            assert_eq!(
                (&*path, &body["operationId"], &body["payload"]),
                ("/data/send", &json!("op"), &payload)
            );
            assert_eq!(body["nodeId"], format!("n{number}"));
        }
    }
}

#[tokio::test]
async fn no_more_commands_are_under_way_than_may_be() {
    static UNDER_WAY: AtomicUsize = AtomicUsize::new(0);
    static MOST: AtomicUsize = AtomicUsize::new(0);
    let wcs = Wcs::start_async(|_| async {
        MOST.fetch_max(UNDER_WAY.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        UNDER_WAY.fetch_sub(1, Ordering::SeqCst);
        (200, String::new())
    })
    .await;
    let builder = RestClient::builder().concurrency_per_node(3).sessions_per_command(1).node("n", &*wcs.url);
    let client = builder.build().unwrap();
    let (one, other) = tokio::join!(
        client.send_to_all(recipients("n", 50), "1", "hello"),
        client.send_to_all(recipients("n", 50), "2", "hello"),
    );
    assert_eq!(one.delivered + other.delivered, 100);
    assert_eq!(MOST.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn every_session_that_failed_is_reported_with_its_reason() {
    let here = Wcs::answering(200, "").await;
    let broken = Wcs::answering(500, "boom").await;
    let builder = RestClient::builder().node("here", &*here.url).node("broken", &*broken.url);
    let client = builder.node("nobody", "http://127.0.0.1:1").build().unwrap();
    let nodes = ["here", "broken", "nobody", "unknown"];
    let report = client.send_to_all(nodes.iter().flat_map(|node| recipients(node, 250)), "1", "hello").await;
    assert_eq!((report.delivered, report.gone.len(), report.failures.len()), (250, 0, 750));
    for (node, kind) in
        [("broken", ErrorKind::Status(500)), ("nobody", ErrorKind::Connect), ("unknown", ErrorKind::NodeId)]
    {
        let failed = report.failures.iter().filter(|(recipient, _)| recipient.node_id == node);
        let sessions: BTreeSet<&String> = failed
            .map(|(recipient, error)| {
                assert_eq!(error.kind(), kind);
                &recipient.session_id
            })
            .collect();
        assert_eq!(sessions.len(), 250, "{node}");
    }
}

#[tokio::test]
async fn those_who_are_there_get_it_though_others_are_gone() {
    let is_gone = |session: &String| session.ends_with('3');
    let wcs = Wcs::start(move |command| {
        let status = if sessions(command).iter().any(is_gone) { 404 } else { 200 };
        (status, String::new())
    })
    .await;
    let client = RestClient::builder().node("n", &*wcs.url).build().unwrap();
    let report = client.send_to_all(recipients("n", 20), "1", "hello").await;
    assert_eq!((report.delivered, report.failures.len()), (18, 0));
    let gone: Vec<&str> = report.gone.iter().map(|recipient| &*recipient.session_id).collect();
    assert_eq!(gone, ["n-3", "n-13"]);
}

#[tokio::test]
async fn nobody_and_what_cannot_be_written_are_sent_to_nobody() {
    let client = RestClient::builder().build().unwrap();
    let report = client.send_to_all(Vec::<Recipient>::new(), "1", "hello").await;
    assert_eq!((report.delivered, report.gone.len(), report.failures.len()), (0, 0, 0));
    let no_json = BTreeMap::from([([1, 2], "a key that is no text")]);
    let report = client.send_to_all(recipients("n@127.0.0.1", 2), "1", &no_json).await;
    let kinds: Vec<ErrorKind> = report.failures.iter().map(|(_, error)| error.kind()).collect();
    assert_eq!(kinds, [ErrorKind::Request, ErrorKind::Request]);
}

#[tokio::test]
async fn a_node_that_does_not_answer_is_not_asked_for_every_session() {
    let silent = Wcs::start_async(|_| std::future::pending()).await;
    let here = Wcs::answering(200, "").await;
    let builder = RestClient::builder().node("silent", &*silent.url).node("here", &*here.url);
    let builder = builder.timeout(Duration::from_millis(200)).concurrency_per_node(2).sessions_per_command(1);
    let all = [recipients("silent", 1_000), recipients("here", 100)].concat();
    let report = builder.build().unwrap().send_to_all(all, "1", "hello").await;
    assert_eq!((report.delivered, report.failures.len()), (100, 1_000));
    assert!(report.failures.iter().all(|(_, error)| error.kind() == ErrorKind::AnswerTimeout));
    assert!(silent.commands().len() <= 4, "{}", silent.commands().len());
}
