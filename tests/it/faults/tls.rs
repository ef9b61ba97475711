//! Certificates that are of no use, on either side, and new ones in the place of those before.

use std::time::Duration;

use wcs_hooks::{
    hook,
    payloads::{Connection, Stream},
};
use wcs_hooks_dispatcher::{App, Declined, Dispatcher, FailureKind, HttpTransport, Session, Settings, Tls};
use wcs_hooks_protocol::Outcome;

use super::{
    certificates::{Files, Identity, Issuer, authority, expired, issued},
    server::Served,
};

fn trusting(issuer: &Issuer) -> Tls {
    Tls::trusting(issuer.pem().as_bytes()).unwrap()
}

async fn connect(served: &Served, tls: Tls) -> Result<Session, Declined> {
    let wcs = Dispatcher::new(Settings::default(), HttpTransport::with_tls(tls).unwrap());
    let app = App::new("defaultApp", &format!("https://localhost:{}/hooks", served.address.port())).unwrap();
    wcs.connect(&app, Connection::default()).await
}

/// It fails at once and for good: a retry would not help.
async fn is_refused(what: &str, served: &Served, tls: Tls) {
    let declined = connect(served, tls).await.unwrap_err();
    let verdict = declined.verdict();
    let failure = verdict.failure().unwrap();
    assert_eq!((failure.kind(), verdict.attempts()), (FailureKind::Tls, 1), "{what}: {failure}");
}

#[tokio::test]
async fn wcs_refuses_a_server_that_does_not_prove_who_it_is() {
    let (ours, other) = (authority(), authority());
    for (what, identity) in [
        ("expired", expired(&ours)),
        ("wrong host", issued(&ours, "elsewhere")),
        ("unknown CA", issued(&other, "localhost")),
    ] {
        let files = Files::of(&identity);
        let served = Served::start(files.settings(None));
        is_refused(what, &served, trusting(&ours)).await;
        served.is_empty().await;
        assert_eq!(served.counts().handshake_failures, 1, "{what}");
        served.stop_in_order().await;
    }
}

#[tokio::test]
async fn the_server_refuses_clients_that_do_not_prove_who_they_are() {
    let (ours, other) = (authority(), authority());
    let files = Files::of(&issued(&ours, "localhost"));
    let served = Served::start(files.settings(Some(&ours)));
    let with = |(certificate, key): Identity| {
        trusting(&ours).with_client_certificate(certificate.as_bytes(), key.as_bytes()).unwrap()
    };
    assert!(connect(&served, with(issued(&ours, "wcs"))).await.is_ok());
    is_refused("no certificate", &served, trusting(&ours)).await;
    is_refused("unknown CA", &served, with(issued(&other, "wcs"))).await;
    is_refused("expired", &served, with(expired(&ours))).await;
    assert_eq!(served.counts().handshake_failures, 3);
    served.stop_in_order().await;
}

#[tokio::test]
async fn certificates_change_and_no_connection_is_dropped() {
    let (before, after) = (authority(), authority());
    let files = Files::of(&issued(&before, "localhost"));
    let served = Served::start(files.settings(None));
    let session = connect(&served, trusting(&before)).await.unwrap();
    for round in 1..=3 {
        let (valid, gone) = if round % 2 == 1 { (&after, &before) } else { (&before, &after) };
        files.put(&issued(valid, "localhost"));
        assert!(served.handle.apply(&files.settings(None)).unwrap().is_empty());
        let accepted = served.counts().accepted;
        let verdict = session.send(hook::PublishStream, Stream::default()).await;
        assert_eq!((verdict.outcome(), verdict.attempts()), (Outcome::Accepted, 1));
        assert_eq!(served.counts().accepted, accepted, "it has a new connection");
        assert!(connect(&served, trusting(valid)).await.is_ok());
        is_refused("the one of before", &served, trusting(gone)).await;
    }
    drop(session);
    served.stop_in_order().await;
}

/// Clients that never say hello, and one that says something else.
#[tokio::test]
async fn a_handshake_has_its_time() {
    let issuer = authority();
    let files = Files::of(&issued(&issuer, "localhost"));
    let mut settings = files.settings(None);
    settings.head_timeout = Duration::from_millis(200);
    let served = Served::start(settings);
    for (begin, goes_on) in [("", ""), ("\x16\x03\x01\x02", "\0"), ("POST / HTTP/1.1\r\n\r\n", "")] {
        let mut client = served.connect().await;
        client.send(begin).await;
        assert_eq!(client.trickle(goes_on, Duration::from_millis(20)).await, []);
    }
    served.is_empty().await;
    assert_eq!(served.counts().handshake_failures, 3);
    assert!(connect(&served, trusting(&issuer)).await.is_ok());
    served.stop_in_order().await;
}
