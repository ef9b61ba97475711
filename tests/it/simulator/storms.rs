//! How the framework stands what the simulator can do to it: a way to it that is bad, and clients that all leave at once.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use wcs_hooks::{
    AllowAll, Hooks, hook,
    registry::{Counts, Registry},
};
use wcs_hooks_dispatcher::{App, Settings};
use wcs_hooks_simulator::{
    Gateway,
    faults::{Fault, FaultCounts, FaultRule, WhenLost},
    storm::{Storm, StormPhase, StormProgress},
};

use crate::support::open;

const SESSIONS: usize = 200;

/// What a backend's registry holds after a storm, and what its handler of `publishStream` was asked.
struct Aftermath {
    storm: StormProgress,
    registry: Registry,
    published: usize,
    faults: FaultCounts,
}

impl Aftermath {
    /// How often each fault happened: there must be no test of what never does.
    fn happened(&self) -> [u64; 4] {
        let FaultCounts { slow, duplicated, reordered, lost_after_handling, .. } = self.faults;
        [slow, duplicated, reordered, lost_after_handling]
    }
}

/// Each fault meets half of the hooks; the seed decides which.
async fn storm(seed: u64, faults: impl IntoIterator<Item = Fault>) -> Aftermath {
    let registry = Registry::new();
    let published = Arc::<AtomicUsize>::default();
    let count = Arc::clone(&published);
    let hooks = Hooks::new(AllowAll).registry(&registry).on(hook::PublishStream, move |_, stream| {
        count.fetch_add(1, Ordering::Relaxed);
        async { Ok(stream) }
    });
    let app = App::new("defaultApp", "http://backend").unwrap();
    let gateway = Gateway::builder(Settings::default()).app(app).transport(open(hooks)).build().unwrap();
    gateway.faults().reseed(seed);
    let rules = faults.into_iter().map(|fault| FaultRule::new(fault).with_probability(0.5));
    gateway.faults().set(rules).unwrap();
    let running = gateway.storm(Storm { sessions: SESSIONS, ..Storm::default() }).unwrap();
    let storm = running.reached(StormPhase::Over).await;
    // What is still held back is sent within this time.
    tokio::time::sleep(Duration::from_secs(10)).await;
    let published = published.load(Ordering::Relaxed);
    Aftermath { storm, registry, published, faults: gateway.faults().counts() }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_left_of_a_storm() {
    let late = Fault::slow(Duration::ZERO..=Duration::from_secs(2));
    let twice = Fault::Duplicated { after: Duration::from_millis(1) };
    let lost = Fault::ConnectionLost(WhenLost::AfterHandling);
    let reordered = Fault::Reordered { at_most: Duration::from_secs(5) };
    for faults in [vec![], vec![late], vec![twice], vec![late, twice], vec![reordered], vec![reordered, late]]
    {
        let after = storm(7, faults.clone()).await;
        assert_eq!((after.storm.connected, after.storm.left), (SESSIONS, SESSIONS), "{faults:?}");
        assert_eq!(after.published, SESSIONS, "{faults:?}");
        assert_eq!(after.registry.counts(), Counts::default(), "{faults:?}");
        let kinds = after.happened().into_iter().filter(|count| *count > 100).count();
        assert_eq!(kinds, faults.len(), "{faults:?} {:?}", after.faults);
    }
    // Of four attempts that get lost, each of which is handled, nothing comes of some; what is handled is handled once.
    let after = storm(7, [lost]).await;
    assert!(after.published <= after.storm.connected, "{} {:?}", after.published, after.storm);
    assert!(after.happened()[3] > 100, "{:?}", after.faults);
    assert_eq!(after.registry.counts().sessions, SESSIONS - after.storm.connected);
}
