//! The callers of all apps together. The app of a call stands in its body, which is not read before its caller is known
//! to have one of the secrets; so each set of callers is a gate, and a call comes with the gates that it may pass.

use crate::{
    Callers, SetupError, builder,
    callers::{Admission, Credentials},
    reply::TurnedAway,
};

/// Gates stand as bits of a `u64`.
const MOST_GATES: usize = 64;

#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Gates {
    callers: Vec<Callers>,
    /// The gate of each app.
    of_apps: Vec<usize>,
}

/// What a header says at each gate.
#[derive(Debug, Default)]
pub(crate) struct Admissions {
    pub(crate) open: u64,
    need_body: u64,
}

impl Gates {
    /// The gates of apps, whose callers are their own or else the common ones.
    pub(crate) fn new<'a>(
        common: Option<&Callers>,
        apps: impl Iterator<Item = (&'a str, Option<&'a Callers>)>,
    ) -> Result<Self, SetupError> {
        let mut gates = Self::default();
        let common = common.map(|callers| gates.add(builder::DEFAULT_APP, callers)).transpose()?;
        for (app, callers) in apps {
            let own = callers.map(|callers| gates.add(app, callers)).transpose()?;
            let gate =
                own.or(common).ok_or_else(|| SetupError::of_app(app, "who may call? Set `callers`"))?;
            gates.of_apps.push(gate);
        }
        Ok(gates)
    }

    /// Adds a gate; gives its number.
    fn add(&mut self, app: &str, callers: &Callers) -> Result<usize, SetupError> {
        if let Some(mistake) = callers.mistake() {
            return Err(SetupError::of_app(app, mistake));
        }
        if self.callers.len() == MOST_GATES {
            return Err(SetupError::of_app(app, "more than 64 apps have callers of their own"));
        }
        self.callers.push(callers.clone());
        Ok(self.callers.len() - 1)
    }

    /// The same, with none open to anyone.
    pub(crate) fn with_secrets_only(&self) -> Self {
        Self { callers: self.callers.iter().map(Callers::with_secrets_only).collect(), ..self.clone() }
    }

    /// Whether an app can be reached through one of the gates.
    pub(crate) fn lead_to(&self, app: usize, gates: u64) -> bool {
        gates >> self.of_apps[app] & 1 == 1
    }

    /// What the header says. `None` if the caller cannot pass any gate, whatever the body.
    pub(crate) fn admit(&self, credentials: Credentials<'_>) -> Option<Admissions> {
        let mut admissions = Admissions::default();
        for (gate, callers) in self.callers.iter().enumerate() {
            match callers.admit(credentials) {
                Admission::Granted => admissions.open |= 1 << gate,
                Admission::NeedsBody => admissions.need_body |= 1 << gate,
                Admission::Denied => {}
            }
        }
        (admissions.open | admissions.need_body != 0).then_some(admissions)
    }

    /// The gates that the signature opens, as bits.
    pub(crate) fn opened_by(
        &self,
        credentials: Credentials<'_>,
        admissions: &Admissions,
        body: &[u8],
    ) -> u64 {
        let Some(signature) = credentials.signature() else { return 0 };
        let is_opened = |(gate, callers): &(usize, &Callers)| {
            admissions.need_body >> gate & 1 == 1 && callers.made(signature, body)
        };
        self.callers.iter().enumerate().filter(is_opened).fold(0, |open, (gate, _)| open | 1 << gate)
    }

    /// A caller that did not sign is asked for its password, if one would do.
    pub(crate) fn denial(&self, credentials: Credentials<'_>) -> TurnedAway {
        let takes_basic = self.callers.iter().any(Callers::takes_basic);
        if takes_basic && !credentials.are_signed() { TurnedAway::Challenged } else { TurnedAway::Denied }
    }
}
