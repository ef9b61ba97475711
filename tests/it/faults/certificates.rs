//! Certificates, of use and not.

use std::{fs, path::PathBuf};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use tempfile::TempDir;
use wcs_hooks::{ServerSettings, TlsSettings};

use super::server::here;

pub(crate) type Issuer = CertifiedIssuer<'static, KeyPair>;

pub(crate) fn authority() -> Issuer {
    let mut params = CertificateParams::new([]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A certificate and its key, in PEM.
pub(crate) type Identity = (String, String);

pub(crate) fn issued(issuer: &Issuer, name: &str) -> Identity {
    signed(issuer, &CertificateParams::new([name.to_owned()]).unwrap())
}

pub(crate) fn expired(issuer: &Issuer) -> Identity {
    let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    (params.not_before, params.not_after) = (date_time_ymd(2019, 1, 1), date_time_ymd(2020, 1, 1));
    signed(issuer, &params)
}

fn signed(issuer: &Issuer, params: &CertificateParams) -> Identity {
    let key = KeyPair::generate().unwrap();
    (params.signed_by(&key, issuer).unwrap().pem(), key.serialize_pem())
}

/// The files of a server.
pub(crate) struct Files(TempDir);

impl Files {
    pub(crate) fn of(identity: &Identity) -> Self {
        let files = Self(tempfile::tempdir().unwrap());
        files.put(identity);
        files
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn put(&self, (certificate, key): &Identity) {
        fs::write(self.path("backend.pem"), certificate).unwrap();
        fs::write(self.path("backend.key"), key).unwrap();
    }

    pub(crate) fn settings(&self, clients_of: Option<&Issuer>) -> ServerSettings {
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
