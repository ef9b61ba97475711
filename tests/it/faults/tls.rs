//! Certificates that are of no use, on either side, and new ones in the place of those before.

use std::{fs, path::PathBuf};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use tempfile::TempDir;
use wcs_hooks::{ServerSettings, TlsSettings, hook, payloads::Connection};
use wcs_hooks_dispatcher::{App, Declined, Dispatcher, FailureKind, HttpTransport, Session, Settings, Tls};
use wcs_hooks_protocol::Outcome;

use super::server::{Served, here};

type Issuer = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Issuer {
    let mut params = CertificateParams::new([]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A certificate and its key, in PEM.
type Identity = (String, String);

fn issued(issuer: &Issuer, name: &str) -> Identity {
    signed(issuer, &CertificateParams::new([name.to_owned()]).unwrap())
}

fn expired(issuer: &Issuer) -> Identity {
    let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    (params.not_before, params.not_after) = (date_time_ymd(2019, 1, 1), date_time_ymd(2020, 1, 1));
    signed(issuer, &params)
}

fn signed(issuer: &Issuer, params: &CertificateParams) -> Identity {
    let key = KeyPair::generate().unwrap();
    (params.signed_by(&key, issuer).unwrap().pem(), key.serialize_pem())
}

/// The files of a server.
struct Files(TempDir);

impl Files {
    fn of(identity: &Identity) -> Self {
        let files = Self(tempfile::tempdir().unwrap());
        files.put(identity);
        files
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn put(&self, (certificate, key): &Identity) {
        fs::write(self.path("backend.pem"), certificate).unwrap();
        fs::write(self.path("backend.key"), key).unwrap();
    }

    fn settings(&self, clients_of: Option<&Issuer>) -> ServerSettings {
        let client_ca = clients_of.map(|issuer| {
            fs::write(self.path("clients.pem"), issuer.pem()).unwrap();
            self.path("clients.pem")
        });
        let mut settings = here();
        let tls: TlsSettings = serde_json::from_value(serde_json::json!({
            "certificate": self.path("backend.pem"), "key": self.path("backend.key"), "client_ca": client_ca,
        }))
        .unwrap();
        settings.tls = Some(tls);
        settings
    }
}

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
        let verdict = session.send(hook::PublishStream, wcs_hooks::payloads::Stream::default()).await;
        assert_eq!((verdict.outcome(), verdict.attempts()), (Outcome::Accepted, 1));
        assert_eq!(served.counts().accepted, accepted, "it has a new connection");
        assert!(connect(&served, trusting(valid)).await.is_ok());
        is_refused("the one of before", &served, trusting(gone)).await;
    }
    drop(session);
    served.stop_in_order().await;
}
