//! Until when a certificate is of use, so that somebody renews it in time.

use std::{
    path::Path,
    time::{Duration, SystemTime},
};

use rustls::pki_types::CertificateDer;
use x509_parser::{
    prelude::{FromDer, X509Certificate},
    time::ASN1Time,
};

/// Those that are renewed by themselves have been renewed when there is so little left.
const SOON: Duration = Duration::from_hours(14 * 24);

/// The end of a certificate's time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Expiry(ASN1Time);

impl Expiry {
    /// `None` if that cannot be read; whether the certificate can be served is for rustls to say.
    pub(super) fn of(certificate: &CertificateDer<'_>) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
        Some(Self(certificate.validity().not_after))
    }

    pub(super) fn time(self) -> SystemTime {
        let seconds = u64::try_from(self.0.timestamp()).unwrap_or(0);
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    /// Says so if it is over or near.
    pub(super) fn warn(self, file: &Path) {
        let (file, not_after) = (file.display(), self.0);
        match Left::of(self.time(), SystemTime::now()) {
            Left::Nothing => tracing::error!(%file, %not_after, "the certificate has expired: renew it"),
            Left::Little { days } => {
                tracing::warn!(%file, %not_after, days, "the certificate expires soon: renew it");
            }
            Left::Enough => {}
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Left {
    Nothing,
    /// Whole ones.
    Little {
        days: u64,
    },
    Enough,
}

impl Left {
    fn of(end: SystemTime, now: SystemTime) -> Self {
        match end.duration_since(now) {
            Err(_) => Self::Nothing,
            Ok(left) if left <= SOON => Self::Little { days: left.as_secs() / (24 * 60 * 60) },
            Ok(_) => Self::Enough,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fortnight_is_little() {
        let end = SystemTime::UNIX_EPOCH + Duration::from_hours(10_000);
        let hours = |hours| Duration::from_hours(hours);
        for (now, left) in [
            (end + hours(1), Left::Nothing),
            (end - hours(1), Left::Little { days: 0 }),
            (end - hours(14 * 24), Left::Little { days: 14 }),
            (end - hours(15 * 24), Left::Enough),
        ] {
            assert_eq!(Left::of(end, now), left);
        }
    }

    #[test]
    fn the_end_is_read_from_the_certificate() {
        let mut params = rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap();
        params.not_after = rcgen::date_time_ymd(2031, 5, 17);
        let certificate = params.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap();
        let end = Expiry::of(certificate.der()).unwrap().time();
        assert_eq!(end.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs(), 1_936_742_400);
        assert_eq!(Expiry::of(&CertificateDer::from_slice(b"nothing")), None);
    }
}
