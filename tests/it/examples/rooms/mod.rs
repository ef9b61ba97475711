//! The rooms, called as WCS calls them, with a REST API that writes down what they send.

mod wcs;

use serde_json::{Value, json};
use wcs_hooks::{
    HookContext, hook,
    payloads::{Connection, Data, Stream},
    status::{SessionStatus, StreamStatus},
};
use wcs_hooks_dispatcher::{App, Declined, Dispatcher, HttpTransport, Session, Settings, Verdict};

use super::{Program, info, run_with};
use wcs::Wcs;

/// The backend and the REST API that it asks.
struct World {
    rooms: Program,
    wcs: Wcs,
}

impl World {
    async fn start(arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let wcs = Wcs::start().await;
        let node = format!("127.0.0.1=http://{}", wcs.address);
        let arguments = [&["--page", "127.0.0.1:0", "--node", &node], arguments].concat();
        Self { rooms: Program::start_with("rooms", &arguments, variables).await, wcs }
    }

    /// A session, called after its login.
    async fn connect(&self, custom: &[(&str, &str)]) -> Result<Session, Declined> {
        let dispatcher = Dispatcher::new(Settings::default(), HttpTransport::new().unwrap());
        let app = App::new("roomApp", &self.rooms.url).unwrap();
        let custom: serde_json::Map<_, _> =
            custom.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
        let session_id = custom["login"].as_str().unwrap_or_default().to_owned();
        let context = HookContext { node_id: "n@127.0.0.1".into(), session_id, ..HookContext::default() };
        dispatcher.connect_as(&app, context, Connection { custom, ..Connection::default() }).await
    }

    /// Somebody who is in the room and has been told so; so have the others.
    async fn join(&mut self, login: &str, others: &[&str]) -> Session {
        let session = self.connect(&[("login", login)]).await.unwrap();
        assert!(send(&session, join()).await.goes_on());
        let (to, name, _) = self.wcs.told().await;
        assert_eq!((&*to, &*name), (login, "STATE"));
        self.hear(others, "JOINED", &json!(login)).await;
        session
    }

    /// These are told this next, in any order.
    async fn hear(&mut self, who: &[&str], name: &str, info: &Value) {
        let mut told = Vec::new();
        for _ in who {
            let (to, heard, about) = self.wcs.told().await;
            assert_eq!((&*heard, &about), (name, info), "{to}");
            told.push(to);
        }
        told.sort();
        assert_eq!(told, who);
    }
}

fn join() -> Value {
    json!({"command": "join", "options": {"name": "hall", "record": false}})
}

fn leave() -> Value {
    json!({"command": "leave", "options": {"name": "hall"}})
}

fn message(to: Option<&str>, text: &str) -> Value {
    let mut options = json!({"roomConfig": {"name": "hall"}, "text": text});
    if let Some(to) = to {
        options["to"] = to.into();
    }
    json!({"command": "sendMessage", "options": options})
}

async fn send(session: &Session, payload: Value) -> Verdict {
    let operation_id = payload.to_string();
    session.send(hook::OnData, Data { operation_id, payload, ..Data::default() }).await
}

/// As the SDK publishes into a room.
fn stream(name: &str) -> Stream {
    let custom = json!({"name": "hall"}).as_object().unwrap().clone();
    Stream { media_session_id: name.into(), name: name.into(), custom, ..Stream::default() }
}

async fn status(session: &Session, name: &str, status: StreamStatus) {
    let event = Stream { status: Some(status), custom: serde_json::Map::default(), ..stream(name) };
    assert!(session.send(hook::StreamStatus, event).await.goes_on());
}

#[tokio::test]
async fn a_chat() {
    let mut world = World::start(&[], &[]).await;
    let alice = world.join("alice", &[]).await;
    let bob = world.join("bob", &["alice"]).await;
    let carol = world.join("carol", &["alice", "bob"]).await;

    assert!(send(&alice, message(None, "hi all")).await.goes_on());
    world.hear(&["bob", "carol"], "MESSAGE", &json!({"from": "alice", "text": "hi all"})).await;
    assert!(send(&bob, message(Some("alice"), "hi")).await.goes_on());
    world.hear(&["alice"], "MESSAGE", &json!({"from": "bob", "text": "hi"})).await;

    for (session, payload, refusal) in [
        (&bob, message(Some("dave"), "hi"), "no such participant"),
        (&bob, json!({"command": "sing"}), "not a command of rooms"),
        (&bob, json!("hi"), "not a command of rooms"),
        (&bob, json!({"command": "leave", "options": {"name": "attic"}}), "you are not in this room"),
        (&bob, message(None, &"x".repeat(5000)), "the text is too long"),
    ] {
        let verdict = send(session, payload).await;
        assert!(!verdict.goes_on(), "{refusal}");
        assert_eq!(info(&verdict), refusal);
    }

    assert!(send(&bob, leave()).await.goes_on());
    world.hear(&["alice", "carol"], "LEFT", &json!("bob")).await;
    carol.send_status(SessionStatus::Disconnected).await;
    world.hear(&["alice"], "LEFT", &json!("carol")).await;
}

#[tokio::test]
async fn messages_come_in_order() {
    let mut world = World::start(&[], &[]).await;
    let alice = world.join("alice", &[]).await;
    let _bob = world.join("bob", &["alice"]).await;
    for number in 0..100 {
        assert!(send(&alice, message(None, &number.to_string())).await.goes_on());
    }
    for number in 0..100 {
        world.hear(&["bob"], "MESSAGE", &json!({"from": "alice", "text": number.to_string()})).await;
    }
}

#[tokio::test]
async fn a_session_that_wcs_does_not_know_leaves() {
    let mut world = World::start(&[], &[]).await;
    let alice = world.join("alice", &[]).await;
    let bob = world.join("bob", &["alice"]).await;
    world.wcs.forget("bob");
    assert!(send(&alice, message(None, "hi")).await.goes_on());
    world.hear(&["bob"], "MESSAGE", &json!({"from": "alice", "text": "hi"})).await;
    world.hear(&["alice"], "LEFT", &json!("bob")).await;
    assert_eq!(info(&send(&bob, message(None, "hi")).await), "you are not in this room");
}

#[tokio::test]
async fn streams() {
    let mut world = World::start(&[], &[]).await;
    let alice = world.join("alice", &[]).await;
    let bob = world.join("bob", &["alice"]).await;
    let outside = world.connect(&[("login", "carol")]).await.unwrap();

    let homeless = Stream { custom: serde_json::Map::default(), ..stream("a") };
    let refused = [
        (alice.send(hook::PublishStream, homeless).await, "a stream needs a room, in custom.name"),
        (outside.send(hook::PublishStream, stream("c")).await, "you are not in this room"),
        (bob.send(hook::PlayStream, stream("a")).await, "no such stream"),
        (bob.send(hook::AvailableStream, stream("a")).await, "no such stream"),
        (bob.send(hook::Snapshot, stream("a")).await, "no such stream"),
    ];
    for (verdict, reason) in refused {
        assert!(!verdict.goes_on(), "{}", verdict.hook());
        assert_eq!(info(&verdict), reason, "{}", verdict.hook());
    }

    assert!(alice.send(hook::PublishStream, stream("a")).await.goes_on());
    status(&alice, "a", StreamStatus::Publishing).await;
    let of_alice = json!({"login": "alice", "name": "a"});
    world.hear(&["bob"], "PUBLISHED", &of_alice).await;
    let again = || Stream { media_session_id: "another".into(), ..stream("a") };
    assert!(bob.send(hook::PlayStream, again()).await.goes_on());
    assert!(!outside.send(hook::PlayStream, again()).await.goes_on());
    status(&alice, "a", StreamStatus::Unpublished).await;
    world.hear(&["bob"], "UNPUBLISHED", &of_alice).await;

    // Published for a room that its owner has left.
    assert!(alice.send(hook::PublishStream, stream("late")).await.goes_on());
    assert!(send(&alice, leave()).await.goes_on());
    world.hear(&["bob"], "LEFT", &json!("alice")).await;
    status(&alice, "late", StreamStatus::Publishing).await;
    let (command, body) = world.wcs.asked().await;
    assert_eq!((&*command, body), ("stream/terminate", json!({"mediaSessionId": "late"})));
    assert_eq!(info(&alice.send(hook::PublishStream, stream("b")).await), "you are not in this room");
}

#[tokio::test]
async fn tokens() {
    const SECRET: &str = "a secret of at least 32 bytes, for a test";
    let world = World::start(&[], &[("JWT_SECRET", SECRET)]).await;
    let (status, alice) = run_with("rooms", &["--token", "alice"], &[("JWT_SECRET", SECRET)]).await;
    assert!(status.success());
    let alice = alice.trim();
    world.connect(&[("login", "alice"), ("token", alice)]).await.unwrap();
    for (custom, reason) in [
        (vec![("login", "bob"), ("token", alice)], "the token is for another login"),
        (vec![("login", "alice"), ("token", "x.y.z")], "invalid token"),
        (vec![("login", "alice")], "no token"),
        (vec![("login", "")], "no login"),
    ] {
        assert_eq!(info(world.connect(&custom).await.unwrap_err().verdict()), reason);
    }
}

#[tokio::test]
async fn fixtures_of_the_vendors_tests() {
    let mut world = World::start(&["--vendor-fixtures"], &[]).await;
    let alice = world.join("throw_message_exception", &[]).await;
    assert!(!send(&alice, message(None, "hi")).await.goes_on());
    let bob = world.connect(&[("login", "throw_join_exception")]).await.unwrap();
    assert!(!send(&bob, join()).await.goes_on());

    let mut world = World::start(&[], &[]).await;
    world.join("throw_join_exception", &[]).await;
}
