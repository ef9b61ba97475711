//! How many hooks met a fault: [`FaultCounts`].

use serde::Serialize;

use super::{plan::Plan, rule::WhenLost};

/// How many hooks went through, and what happened to them, since the faults were made.
///
/// ```
/// use wcs_hooks_simulator::faults::Faults;
///
/// assert_eq!(Faults::seeded(1).counts().slow, 0);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct FaultCounts {
    /// Attempts to send a hook while there were rules.
    pub attempts: u64,
    /// Sent late.
    pub slow: u64,
    /// Sent twice.
    pub duplicated: u64,
    /// Held back until another hook of the session, or a time, had passed.
    pub reordered: u64,
    /// Lost before the backend had them.
    pub lost_before_handling: u64,
    /// Lost after the backend had handled them.
    pub lost_after_handling: u64,
    /// To be sent twice or held back, but there were too many such hooks already: they met no such fault.
    pub spared: u64,
}

impl FaultCounts {
    pub(super) fn add(&mut self, plan: &Plan) {
        self.attempts += 1;
        self.slow += u64::from(!plan.delay.is_zero());
        self.lost_before_handling += u64::from(plan.lost == Some(WhenLost::BeforeHandling));
        self.lost_after_handling += u64::from(plan.lost == Some(WhenLost::AfterHandling));
    }
}
