//! More connections than there are places for.

use wcs_hooks_protocol::HookName;

use super::{
    raw::{Raw, request, until},
    server::{Served, here, patient},
};

const PLACES: usize = 10;
const FLOOD: usize = 300;

async fn is_served(client: &mut Raw) {
    assert_eq!(client.ask(request(HookName::Connect, "x")).await.status, 200);
}

/// The excess is closed; those inside and those from elsewhere are served.
#[tokio::test]
async fn an_address_gets_no_more_than_its_places() {
    let mut settings = patient(here());
    settings.connections_per_address = PLACES;
    let served = Served::start(settings);
    let mut inside = Vec::new();
    for _ in 0..PLACES {
        inside.push(served.connect().await);
        is_served(inside.last_mut().unwrap()).await;
    }
    for _ in 0..FLOOD {
        served.connect().await.is_closed().await;
    }
    is_served(&mut Raw::connect_from([127, 0, 0, 2], served.address).await).await;
    for client in &mut inside {
        is_served(client).await;
    }
    let counts = served.counts();
    assert_eq!((counts.too_many_of_address, counts.accepted), (FLOOD as u64, (FLOOD + PLACES + 1) as u64));
    drop(inside);
    served.is_empty().await;
    is_served(&mut served.connect().await).await;
    served.stop_in_order().await;
}

/// The excess waits until others leave, and is served then.
#[tokio::test]
async fn past_the_cap_connections_wait() {
    let mut settings = patient(here());
    settings.connections = PLACES;
    let served = Served::start(settings);
    let mut clients = Vec::new();
    for _ in 0..FLOOD {
        let mut client = served.connect().await;
        client.send(request(HookName::Connect, "x")).await;
        clients.push(client);
    }
    until("all places taken", || served.counts().open == PLACES).await;
    for mut client in clients {
        assert!(served.counts().open <= PLACES, "{:?}", served.counts());
        assert_eq!(client.answer().await.unwrap().status, 200);
    }
    served.is_empty().await;
    assert_eq!(served.counts().accepted, FLOOD as u64);
    served.stop_in_order().await;
}
