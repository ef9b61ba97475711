//! Who may come in: the callers of now and, for a while after a change, those of before.

use std::time::Duration;

use tokio::time::Instant;
use wcs_hooks_protocol::Signature;

use crate::{
    callers::Credentials,
    gates::{Admissions, Gates},
    reply::TurnedAway,
};

/// Settings may be applied often; of their secrets no more generations than this count.
const MOST_GENERATIONS: usize = 8;

pub(crate) struct Entrance {
    now: Gates,
    /// The latest first.
    before: Vec<Before>,
}

#[derive(Clone)]
struct Before {
    gates: Gates,
    until: Instant,
}

/// A caller whose header is worth a look at the body.
pub(crate) struct Admitted<'h> {
    credentials: Credentials<'h>,
    admissions: Admissions,
}

/// A caller that has proved to have one of the secrets.
pub(crate) struct Caller<'h> {
    credentials: Credentials<'h>,
    /// The gates of now that it may pass, as bits.
    gates: u64,
    /// The body's, if one of the keys has made it.
    pub(crate) signature: Option<Signature>,
}

impl Entrance {
    pub(crate) fn new(gates: Gates) -> Self {
        Self { now: gates, before: Vec::new() }
    }

    /// These gates, in the place of the ones that were here, which count for the overlap more.
    pub(crate) fn replacing(gates: Gates, past: &Self, overlap: Duration) -> Self {
        let now = Instant::now();
        let until = now.checked_add(overlap).unwrap_or_else(|| now + Duration::from_hours(24 * 365));
        let last = (past.now != gates).then(|| Before { gates: past.now.with_secrets_only(), until });
        let earlier =
            past.before.iter().cloned().map(|before| Before { until: before.until.min(until), ..before });
        let counts = |before: &Before| before.until > now;
        let before = last.into_iter().chain(earlier).filter(counts).take(MOST_GENERATIONS).collect();
        Self { now: gates, before }
    }

    /// Turns a caller away that cannot pass any gate, before its body is read.
    pub(crate) fn admit<'h>(&self, credentials: Credentials<'h>) -> Result<Admitted<'h>, TurnedAway> {
        match self.now.admit(credentials) {
            Some(admissions) => Ok(Admitted { credentials, admissions }),
            None if self.before().any(|gates| gates.admit(credentials).is_some()) => {
                Ok(Admitted { credentials, admissions: Admissions::default() })
            }
            None => Err(self.now.denial(credentials)),
        }
    }

    /// Turns a caller away that has none of the secrets.
    pub(crate) fn open<'h>(&self, admitted: Admitted<'h>, body: &[u8]) -> Result<Caller<'h>, TurnedAway> {
        let Admitted { credentials, admissions } = admitted;
        let signed = self.now.opened_by(credentials, &admissions, body);
        let gates = signed | admissions.open;
        if gates == 0 && !self.before().any(|before| opened(before, credentials, body) != 0) {
            return Err(self.now.denial(credentials));
        }
        // Past an open gate nobody has looked at the signature; past those of before only with a secret.
        let signature = credentials.signature().filter(|_| signed != 0 || gates == 0);
        Ok(Caller { credentials, gates, signature })
    }

    /// Whether a caller may call an app.
    pub(crate) fn lets_in(&self, caller: &Caller<'_>, app: usize, body: &[u8]) -> bool {
        self.now.lead_to(app, caller.gates)
            || self.before().any(|before| before.lead_to(app, opened(before, caller.credentials, body)))
    }

    /// The gates of before that still count.
    fn before(&self) -> impl Iterator<Item = &Gates> {
        let now = (!self.before.is_empty()).then(Instant::now);
        let counts = move |before: &&Before| now.is_some_and(|now| before.until > now);
        self.before.iter().filter(counts).map(|before| &before.gates)
    }
}

fn opened(gates: &Gates, credentials: Credentials<'_>, body: &[u8]) -> u64 {
    let opened = |admissions: Admissions| admissions.open | gates.opened_by(credentials, &admissions, body);
    gates.admit(credentials).map_or(0, opened)
}

#[cfg(test)]
mod tests;
