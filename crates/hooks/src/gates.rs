//! The callers of all apps together. The app of a call stands in its body, which is not read before its caller is known
//! to have one of the secrets; so each set of callers is a gate, and a call comes with the gates that it may pass.

use http::HeaderValue;

use crate::{
    Callers,
    callers::{self, Admission},
    reply::TurnedAway,
};

/// Gates stand as bits of a `u64`.
const MOST_GATES: usize = 64;

#[derive(Default)]
pub(crate) struct Gates {
    callers: Vec<Callers>,
}

/// What a header says at each gate.
#[derive(Default)]
pub(crate) struct Admissions {
    open: u64,
    need_body: u64,
}

impl Gates {
    /// Adds a gate; gives its number.
    pub(crate) fn add(&mut self, callers: Callers) -> Result<usize, &'static str> {
        if let Some(mistake) = callers.mistake() {
            return Err(mistake);
        }
        if self.callers.len() == MOST_GATES {
            return Err("more than 64 apps have callers of their own");
        }
        self.callers.push(callers);
        Ok(self.callers.len() - 1)
    }

    /// What the header says. A caller that cannot pass any gate is turned away before its body is read.
    pub(crate) fn admit(&self, header: Option<&HeaderValue>) -> Result<Admissions, TurnedAway> {
        let mut admissions = Admissions::default();
        for (gate, callers) in self.callers.iter().enumerate() {
            match callers.admit(header) {
                Admission::Granted => admissions.open |= 1 << gate,
                Admission::NeedsBody => admissions.need_body |= 1 << gate,
                Admission::Denied => {}
            }
        }
        if admissions.open | admissions.need_body == 0 { Err(self.denial(header)) } else { Ok(admissions) }
    }

    /// The gates that the caller may pass, as bits.
    pub(crate) fn open(
        &self,
        admissions: &Admissions,
        header: Option<&HeaderValue>,
        body: &[u8],
    ) -> Result<u64, TurnedAway> {
        let mut open = admissions.open;
        for (gate, callers) in self.callers.iter().enumerate() {
            if admissions.need_body >> gate & 1 == 1 && callers.verify(header, body) {
                open |= 1 << gate;
            }
        }
        if open == 0 { Err(self.denial(header)) } else { Ok(open) }
    }

    /// A caller that did not sign is asked for its password, if one would do.
    fn denial(&self, header: Option<&HeaderValue>) -> TurnedAway {
        let takes_basic = self.callers.iter().any(Callers::takes_basic);
        if takes_basic && !callers::is_signed(header) { TurnedAway::Challenged } else { TurnedAway::Denied }
    }
}
