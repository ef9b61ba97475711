//! People chat, through everything: sockets, gateway, hooks, the example, and the REST API back.

use std::{net::SocketAddr, time::Duration};

use serde_json::json;
use tokio::task::JoinSet;
use wcs_hooks_dispatcher::{App, HttpTransport, Settings};
use wcs_hooks_simulator::{
    Gateway,
    faults::{Fault, FaultRule, Faults},
};

use super::{client::Client, listen, serve};
use crate::examples::Program;

/// Ends when it is dropped.
struct World {
    gateway: SocketAddr,
    _rooms: Program,
    _serving: JoinSet<()>,
}

impl World {
    async fn start() -> Self {
        Self::behind(&Faults::seeded(1)).await
    }

    /// With faults on the way from the gateway to the example.
    async fn behind(faults: &Faults) -> Self {
        let (sockets, rest) = (listen().await, listen().await);
        let port = rest.local_addr().unwrap().port().to_string();
        let flags = ["--page", "127.0.0.1:0", "--rest-port", &port, "--vendor-fixtures"];
        let rooms = Program::start("rooms", &flags).await;
        let app = App::new("roomApp", &rooms.url).unwrap();
        let way = faults.around(HttpTransport::new().unwrap());
        let gateway = Gateway::builder(Settings::default()).app(app).transport(way).build().unwrap();
        let address = sockets.local_addr().unwrap();
        let mut serving = JoinSet::new();
        serving.spawn(serve(rest, gateway.rest_api().into_router()));
        serving.spawn(serve(sockets, gateway.router()));
        Self { gateway: address, _rooms: rooms, _serving: serving }
    }
}

#[tokio::test]
async fn two_people_chat() {
    let world = World::start().await;
    let (mut alice, state) = Client::join(world.gateway, "alice").await;
    assert_eq!(state, json!([]));
    let (mut bob, state) = Client::join(world.gateway, "bob").await;
    assert_eq!(state, json!(["alice"]));
    assert_eq!(alice.told("JOINED").await, "bob");

    alice.say(None, "hello all").await.unwrap();
    assert_eq!(bob.told("MESSAGE").await, json!({"from": "alice", "text": "hello all"}));
    for number in 0..50 {
        bob.say(Some("alice"), &number.to_string()).await.unwrap();
    }
    for number in 0..50 {
        assert_eq!(alice.told("MESSAGE").await, json!({"from": "bob", "text": number.to_string()}));
    }

    assert_eq!(bob.say(Some("carol"), "hello").await.unwrap_err(), "no such participant");
    assert_eq!(bob.ask("sing", json!({})).await.unwrap_err(), "not a command of rooms");
    drop(bob);
    assert_eq!(alice.told("LEFT").await, "bob");
}

#[tokio::test]
async fn streams_in_a_room() {
    let world = World::start().await;
    let (mut alice, _) = Client::join(world.gateway, "alice").await;
    alice.stream("publishStream", "a1", "hall-alice-1").await;
    assert_eq!(alice.status("a1").await.0, "PUBLISHING");

    let of_alice = json!({"login": "alice", "name": "hall-alice-1"});
    let (mut bob, state) = Client::join(world.gateway, "bob").await;
    assert_eq!((state, alice.told("JOINED").await), (json!([of_alice]), json!("bob")));
    bob.stream("playStream", "b1", "hall-alice-1").await;
    assert_eq!(bob.status("b1").await.0, "PLAYING");
    bob.stream("playStream", "b2", "hall-alice-2").await;
    assert_eq!(bob.status("b2").await, ("FAILED".to_owned(), "no such stream".to_owned()));

    alice.send("unPublishStream", json!({"mediaSessionId": "a1", "name": "hall-alice-1"})).await;
    assert_eq!(bob.told("UNPUBLISHED").await, of_alice);
    assert_eq!(bob.status("b1").await.0, "FAILED");

    // What is published when its owner leaves is ended, and nothing is published from outside.
    alice.stream("publishStream", "a2", "hall-alice-2").await;
    assert_eq!(bob.told("PUBLISHED").await["name"], "hall-alice-2");
    alice.ask("leave", json!({"name": "hall"})).await.unwrap();
    assert_eq!(bob.told("LEFT").await, "alice");
    assert_eq!(alice.status("a1").await.0, "UNPUBLISHED");
    assert_eq!(alice.status("a2").await.0, "PUBLISHING");
    assert_ne!(alice.status("a2").await.0, "PUBLISHING");
    alice.stream("publishStream", "a3", "hall-alice-3").await;
    assert_eq!(alice.status("a3").await, ("FAILED".to_owned(), "you are not in this room".to_owned()));
}

#[tokio::test]
async fn refusals_reach_the_page() {
    let world = World::start().await;
    assert_eq!(Client::connect(world.gateway, "").await.err().as_deref(), Some("no login"));
    let mut refused = Client::connect(world.gateway, "throw_join_exception").await.unwrap();
    let join = refused.ask("join", json!({"name": "hall"})).await;
    assert_eq!(join.unwrap_err(), "refused, as the vendor's tests want it");
    let (mut mute, _) = Client::join(world.gateway, "throw_message_exception").await;
    assert!(mute.say(None, "hello").await.is_err());
}

/// Who comes again by another socket takes the place of the one of before.
#[tokio::test]
async fn a_page_is_loaded_anew() {
    let world = World::start().await;
    let (mut alice, _) = Client::join(world.gateway, "alice").await;
    let (mut before, _) = Client::join(world.gateway, "bob").await;
    let (mut bob, state) = Client::join(world.gateway, "bob").await;
    assert_eq!(state, json!(["alice"]));
    assert_eq!(alice.told("JOINED").await, "bob");
    assert_eq!((alice.told("LEFT").await, alice.told("JOINED").await), (json!("bob"), json!("bob")));
    assert_eq!(before.say(None, "hello").await.unwrap_err(), "you are not in this room");
    drop(before);
    bob.say(None, "hello").await.unwrap();
    assert_eq!(alice.told("MESSAGE").await["text"], "hello");
}

/// WCS sends hooks again when a connection is lost: nobody is told twice.
#[tokio::test]
async fn hooks_that_come_twice() {
    let faults = Faults::seeded(1);
    faults.set([FaultRule::new(Fault::Duplicated { after: Duration::ZERO })]).unwrap();
    let world = World::behind(&faults).await;
    let (mut alice, _) = Client::join(world.gateway, "alice").await;
    let (mut bob, _) = Client::join(world.gateway, "bob").await;
    assert_eq!(alice.told("JOINED").await, "bob");
    for number in 0..20 {
        alice.say(None, &number.to_string()).await.unwrap();
    }
    for number in 0..20 {
        assert_eq!(bob.told("MESSAGE").await["text"], number.to_string());
    }
    drop(alice);
    assert_eq!(bob.told("LEFT").await, "alice");
}

#[tokio::test]
async fn all_hear_the_same_in_the_same_order() {
    const SPEAKERS: usize = 10;
    const MESSAGES: usize = 10;
    let world = World::start().await;
    let (mut alice, _) = Client::join(world.gateway, "alice").await;
    let (mut bob, _) = Client::join(world.gateway, "bob").await;
    let mut speaking = JoinSet::new();
    for speaker in 0..SPEAKERS {
        let (mut client, _) = Client::join(world.gateway, &format!("speaker {speaker}")).await;
        speaking.spawn(async move {
            for number in 0..MESSAGES {
                client.say(None, &format!("{speaker}: {number}")).await.unwrap();
            }
            client
        });
    }
    let clients = speaking.join_all().await;
    let heard = alice.hear(SPEAKERS * MESSAGES).await;
    assert_eq!(heard, bob.hear(SPEAKERS * MESSAGES).await);
    drop(clients);
}

#[tokio::test]
async fn many_come_at_once() {
    const MANY: usize = 50;
    let world = World::start().await;
    let mut coming = JoinSet::new();
    for number in 0..MANY {
        coming.spawn(async move {
            let (mut client, state) = Client::join(world.gateway, &number.to_string()).await;
            let mut others = state.as_array().unwrap().len();
            while others < MANY - 1 {
                client.told("JOINED").await;
                others += 1;
            }
            client
        });
    }
    assert_eq!(coming.join_all().await.len(), MANY);
}
