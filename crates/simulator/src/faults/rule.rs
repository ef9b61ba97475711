//! Which hooks meet which fault, and how often: [`FaultRule`].

use std::{fmt, ops::RangeInclusive, time::Duration};

use serde::{Deserialize, Serialize};
use wcs_hooks_protocol::HookName;

use crate::millis;

/// No fault delays a hook for longer.
const LONGEST: Duration = Duration::from_mins(10);

/// What happens to a hook on its way to the backend.
///
/// ```
/// use std::time::Duration;
/// use wcs_hooks_simulator::faults::Fault;
///
/// let slow = Fault::slow(Duration::from_millis(100)..=Duration::from_millis(500));
/// assert_eq!(serde_json::to_string(&slow)?, r#"{"slow":{"fromMs":100,"toMs":500}}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub enum Fault {
    /// It is sent only after a time between these two, which count towards `rest_request_timeout`. At most 10 minutes.
    Slow {
        /// The least time; in milliseconds as JSON.
        #[serde(rename = "fromMs", with = "millis")]
        from: Duration,
        /// The greatest time; in milliseconds as JSON.
        #[serde(rename = "toMs", with = "millis")]
        to: Duration,
    },
    /// It is sent once more, as it is. What is answered first is the answer.
    Duplicated {
        /// How long after the first; in milliseconds as JSON. 0 is at once, so that the backend has both at one time. At
        /// most 10 minutes.
        #[serde(rename = "afterMs", with = "millis")]
        after: Duration,
    },
    /// An event is sent only after the next hook of its session has been answered. WCS goes on as if the backend had
    /// answered `200` with `{}`, since it waits for no event; what is then answered has no effect. Events only: a hook
    /// whose answer is waited for has no next one.
    Reordered {
        /// It is sent after this time even if no other hook comes; in milliseconds as JSON. At most 10 minutes.
        #[serde(rename = "atMostMs", with = "millis")]
        at_most: Duration,
    },
    /// The connection is reset, so that WCS sends the hook again by its settings (spec §1.3).
    ConnectionLost(WhenLost),
}

/// When a connection is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum WhenLost {
    /// Before the backend has the hook.
    BeforeHandling,
    /// After the backend has handled it: the answer is lost, and another attempt is a duplicate.
    AfterHandling,
}

impl Fault {
    /// A delay, drawn anew for each hook; of fixed length if both ends are the same.
    #[must_use]
    pub const fn slow(between: RangeInclusive<Duration>) -> Self {
        Self::Slow { from: *between.start(), to: *between.end() }
    }

    fn longest(self) -> Duration {
        match self {
            Self::Slow { from, to } => from.max(to),
            Self::Duplicated { after: time } | Self::Reordered { at_most: time } => time,
            Self::ConnectionLost(_) => Duration::ZERO,
        }
    }
}

/// A [`Fault`], the hooks that meet it and how often.
///
/// As JSON: `{"fault": {"slow": {"fromMs": 100, "toMs": 500}}, "hooks": ["publishStream"], "probability": 0.1}`, where
/// `hooks` and `probability` may be left out.
///
/// ```
/// use wcs_hooks_protocol::HookName;
/// use wcs_hooks_simulator::faults::{Fault, FaultRule, WhenLost};
///
/// let rule = FaultRule::new(Fault::ConnectionLost(WhenLost::AfterHandling))
///     .on([HookName::OnData])
///     .with_probability(0.5);
/// assert_eq!(rule.probability(), 0.5);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultRule {
    fault: Fault,
    #[serde(default, with = "hook_names")]
    hooks: Vec<HookName>,
    #[serde(default = "always")]
    probability: f64,
}

const fn always() -> f64 {
    1.0
}

impl FaultRule {
    /// A fault that every hook meets.
    #[must_use]
    pub const fn new(fault: Fault) -> Self {
        Self { fault, hooks: Vec::new(), probability: always() }
    }

    /// Only these hooks meet it; all do if there are none.
    ///
    /// ```
    /// # use wcs_hooks_protocol::HookName;
    /// # use wcs_hooks_simulator::faults::{Fault, FaultRule};
    /// let twice = FaultRule::new(Fault::Duplicated { after: std::time::Duration::ZERO }).on([HookName::OnData]);
    /// ```
    #[must_use]
    pub fn on(mut self, hooks: impl IntoIterator<Item = HookName>) -> Self {
        self.hooks = hooks.into_iter().collect();
        self
    }

    /// How likely a hook meets it, from 0 to 1. Default 1.
    #[must_use]
    pub const fn with_probability(mut self, probability: f64) -> Self {
        self.probability = probability;
        self
    }

    /// What happens.
    #[must_use]
    pub const fn fault(&self) -> Fault {
        self.fault
    }

    /// How likely it happens to a hook, from 0 to 1.
    #[must_use]
    pub const fn probability(&self) -> f64 {
        self.probability
    }

    /// Whether this hook may meet it.
    pub(super) fn is_about(&self, hook: HookName) -> bool {
        self.hooks.is_empty() || self.hooks.contains(&hook)
    }

    fn check(&self) -> Result<(), &'static str> {
        if !(0.0..=1.0).contains(&self.probability) {
            return Err("`probability` must be from 0 to 1");
        }
        if matches!(self.fault, Fault::Slow { from, to } if from > to) {
            return Err("`fromMs` must not be greater than `toMs`");
        }
        if self.fault.longest() > LONGEST {
            return Err("a fault may delay a hook for 10 minutes (600000 ms) at most");
        }
        Ok(())
    }
}

/// The most rules at one time.
const MOST_RULES: usize = 100;

/// Whether rules can be put in force.
pub(super) fn check(rules: &[FaultRule]) -> Result<(), FaultRuleError> {
    if rules.len() > MOST_RULES {
        return Err(FaultRuleError { rule: MOST_RULES, problem: "there may be 100 rules at most" });
    }
    for (rule, given) in rules.iter().enumerate() {
        given.check().map_err(|problem| FaultRuleError { rule, problem })?;
    }
    Ok(())
}

/// A rule cannot be put in force.
///
/// ```
/// use wcs_hooks_simulator::faults::{Fault, FaultRule, Faults, WhenLost};
///
/// let rule = FaultRule::new(Fault::ConnectionLost(WhenLost::BeforeHandling)).with_probability(7.0);
/// let error = Faults::seeded(1).set([rule]).unwrap_err();
/// assert_eq!(error.to_string(), "rule 0: `probability` must be from 0 to 1");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultRuleError {
    rule: usize,
    problem: &'static str,
}

impl fmt::Display for FaultRuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rule {}: {}", self.rule, self.problem)
    }
}

impl std::error::Error for FaultRuleError {}

/// Hooks by their names.
mod hook_names {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use wcs_hooks_protocol::HookName;

    pub(super) fn serialize<S: Serializer>(hooks: &[HookName], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(hooks.iter().map(|hook| hook.as_str()))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<HookName>, D::Error> {
        let names = Vec::<String>::deserialize(deserializer)?;
        names.iter().map(|name| name.parse().map_err(D::Error::custom)).collect()
    }
}
