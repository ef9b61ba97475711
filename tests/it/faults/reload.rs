//! Settings that change while hooks come.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};

use tokio::task::{JoinSet, yield_now};
use wcs_hooks::{
    Callers, Settings, hook,
    payloads::{Connection, Stream},
};
use wcs_hooks_dispatcher::{self as dispatcher, App, Dispatcher, HttpTransport, Session};
use wcs_hooks_protocol::Outcome;

use super::{
    raw::soon,
    server::{Served, here},
};

const SECRETS: [&str; 2] = ["the one secret", "the other secret"];
const CALLERS: usize = 8;
const CHANGES: usize = 100;

fn signed(secret: &str, overlap: Duration) -> Settings {
    let mut settings = Settings::default();
    settings.callers = Some(Callers::signed([secret]));
    settings.secret_overlap = overlap;
    settings
}

async fn session(served: &Served, secret: &str) -> Result<Session, dispatcher::Declined> {
    let settings = dispatcher::Settings { hook_secret: Some(secret.into()), ..Default::default() };
    let wcs = Dispatcher::new(settings, HttpTransport::new().unwrap());
    let app = App::new("defaultApp", &format!("http://{}/hooks", served.address)).unwrap();
    wcs.connect(&app, Connection::default()).await
}

/// Calls until it is told to stop; none may fail. How many there were.
async fn call_on(session: Session, is_over: Arc<AtomicBool>) -> usize {
    let mut calls = 0;
    while !is_over.load(SeqCst) {
        let stream = Stream { name: format!("stream{calls}"), ..Stream::default() };
        let verdict = session.send(hook::PublishStream, stream).await;
        assert_eq!(
            (verdict.outcome(), verdict.attempts()),
            (Outcome::Accepted, 1),
            "{:?}",
            verdict.failure()
        );
        calls += 1;
    }
    calls
}

/// Half of the callers have one secret, half the other, and both count, one of them for the overlap.
#[tokio::test]
async fn no_call_fails_while_secrets_and_limits_go_back_and_forth() {
    let overlap = Duration::from_mins(1);
    let served = Served::start_with(here(), signed(SECRETS[0], overlap));
    served.backend.apply(signed(SECRETS[1], overlap)).unwrap();
    let (mut callers, is_over) = (JoinSet::new(), Arc::new(AtomicBool::new(false)));
    for caller in 0..CALLERS {
        let session = session(&served, SECRETS[caller % 2]).await.unwrap();
        callers.spawn(call_on(session, Arc::clone(&is_over)));
    }
    for change in 0..CHANGES {
        let mut settings = signed(SECRETS[change % 2], overlap);
        settings.limits.body >>= change % 4;
        settings.limits.hooks -= change;
        served.backend.apply(settings).unwrap();
        // What is mistaken changes nothing.
        let mut mistaken = signed("a third secret", overlap);
        mistaken.limits.hooks = 0;
        assert!(served.backend.apply(mistaken).is_err());
        let mut limits = here();
        limits.listen = vec![wcs_hooks::Listen::Tcp(served.address)];
        limits.connections = CALLERS + change;
        served.handle.apply(&limits).unwrap();
        for _ in 0..20 {
            yield_now().await;
        }
    }
    is_over.store(true, SeqCst);
    let calls = soon("the end of the load", callers.join_all()).await;
    assert!(calls.iter().all(|calls| *calls > 0), "{calls:?}");
    assert_eq!((served.counts().accepted, served.backend.counters().denied_callers()), (CALLERS as u64, 0));
    assert_eq!(served.seen.published(), calls.iter().sum::<usize>());
    served.stop_in_order().await;
}

#[tokio::test]
async fn without_an_overlap_a_secret_is_gone_at_once() {
    let served = Served::start_with(here(), signed(SECRETS[0], Duration::ZERO));
    assert!(session(&served, SECRETS[0]).await.is_ok());
    served.backend.apply(signed(SECRETS[1], Duration::ZERO)).unwrap();
    let declined = session(&served, SECRETS[0]).await.unwrap_err();
    assert_eq!(declined.verdict().outcome(), Outcome::Status(403));
    assert!(session(&served, SECRETS[1]).await.is_ok());
    served.stop_in_order().await;
}
