//! Who takes all connections.

use wcs_hooks_protocol::HookName;

use crate::faults::{
    raw::{Raw, request, until},
    server::{Served, here, patient},
};

/// Five addresses that say nothing, and go on to come: a WCS that has been here and one that has not are served.
#[tokio::test]
async fn five_addresses_leave_places_for_others() {
    let mut settings = patient(here());
    (settings.connections, settings.connections_per_address) = (200, 100);
    let served = Served::start(settings);
    let wcs = async |last| {
        let mut client = Raw::connect_from([127, 0, 0, last], served.address).await;
        assert_eq!(client.ask(request(HookName::Connect, "x")).await.status, 200);
        client
    };
    let mut open = vec![wcs(1).await];
    let mut strangers = Vec::new();
    for _ in 0..100 {
        for last in 2..7 {
            strangers.push(Raw::connect_from([127, 0, 0, last], served.address).await);
        }
    }
    until("all of them", || served.counts().accepted == 501).await;
    let counts = served.counts();
    assert!((100..151).contains(&counts.open) && counts.too_many_unauthenticated >= 350, "{counts:?}");
    for _ in 0..50 {
        open.push(wcs(1).await);
    }
    wcs(7).await;
    drop((open, strangers));
    served.is_empty().await;
    served.stop_in_order().await;
}
