//! What happens to one hook: a pure function of the rules, the hook and chance.

use std::time::Duration;

use fastrand::Rng;
use wcs_hooks_protocol::{HookKind, HookName};

use super::rule::{Fault, FaultRule, WhenLost};

/// What happens to a hook. Of rules with the same kind of fault, the last counts, but delays add up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) delay: Duration,
    /// It is sent again, so much later.
    pub(super) again: Option<Duration>,
    /// It is held back, for so long at most.
    pub(super) held: Option<Duration>,
    pub(super) lost: Option<WhenLost>,
}

impl Plan {
    fn add(&mut self, fault: Fault, kind: HookKind, chance: &mut Rng) {
        match fault {
            Fault::Slow { from, to } => self.delay += between(from, to, chance),
            Fault::Duplicated { after } => self.again = Some(after),
            Fault::Reordered { at_most } if kind == HookKind::Event => self.held = Some(at_most),
            Fault::Reordered { .. } => {}
            Fault::ConnectionLost(when) => self.lost = Some(when),
        }
    }
}

/// What these rules do to a hook. Each rule about the hook draws once, whatever the others drew.
pub(super) fn plan(rules: &[FaultRule], hook: HookName, chance: &mut Rng) -> Plan {
    let mut plan = Plan::default();
    for rule in rules.iter().filter(|rule| rule.is_about(hook)) {
        if chance.f64() < rule.probability() {
            plan.add(rule.fault(), hook.kind(), chance);
        }
    }
    plan
}

fn between(from: Duration, to: Duration, chance: &mut Rng) -> Duration {
    from + to.saturating_sub(from).mul_f64(chance.f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn of(rules: &[FaultRule], hook: HookName) -> Plan {
        plan(rules, hook, &mut Rng::with_seed(7))
    }

    #[test]
    fn each_fault_has_its_place() {
        let lost = WhenLost::AfterHandling;
        for (fault, expected) in [
            (Fault::slow(SECOND..=SECOND), Plan { delay: SECOND, ..Plan::default() }),
            (Fault::Duplicated { after: SECOND }, Plan { again: Some(SECOND), ..Plan::default() }),
            (Fault::Reordered { at_most: SECOND }, Plan { held: Some(SECOND), ..Plan::default() }),
            (Fault::ConnectionLost(lost), Plan { lost: Some(lost), ..Plan::default() }),
        ] {
            assert_eq!(of(&[FaultRule::new(fault)], HookName::StreamStatus), expected, "{fault:?}");
        }
    }

    #[test]
    fn only_events_are_held_back() {
        let rules = [FaultRule::new(Fault::Reordered { at_most: SECOND })];
        for hook in [HookName::Connect, HookName::PublishStream, HookName::StreamKeepAlive, HookName::OnCall]
        {
            assert_eq!(of(&rules, hook), Plan::default(), "{hook}");
        }
    }

    #[test]
    fn a_rule_is_about_its_hooks() {
        let rules = [FaultRule::new(Fault::slow(SECOND..=SECOND)).on([HookName::Connect, HookName::Answer])];
        assert_ne!(of(&rules, HookName::Answer), Plan::default());
        assert_eq!(of(&rules, HookName::Hangup), Plan::default());
    }

    #[test]
    fn delays_add_up() {
        let rules =
            [FaultRule::new(Fault::slow(SECOND..=SECOND)), FaultRule::new(Fault::slow(SECOND..=SECOND))];
        assert_eq!(of(&rules, HookName::Connect).delay, 2 * SECOND);
    }

    #[test]
    fn chance_is_as_likely_as_asked() {
        let rules = [FaultRule::new(Fault::Duplicated { after: SECOND }).with_probability(0.3)];
        let mut chance = Rng::with_seed(7);
        let hit =
            (0..10_000).filter(|_| plan(&rules, HookName::Connect, &mut chance) != Plan::default()).count();
        assert!((2_800..3_200).contains(&hit), "{hit}");
    }

    #[test]
    fn delays_are_within_their_bounds() {
        let rules = [FaultRule::new(Fault::slow(SECOND..=3 * SECOND))];
        let mut chance = Rng::with_seed(7);
        let delays: Vec<_> = (0..1_000).map(|_| plan(&rules, HookName::Connect, &mut chance).delay).collect();
        assert!(delays.iter().all(|delay| (SECOND..=3 * SECOND).contains(delay)));
        assert!(
            delays.iter().any(|delay| *delay < 2 * SECOND) && delays.iter().any(|delay| *delay > 2 * SECOND)
        );
    }

    #[test]
    fn the_same_seed_draws_the_same() {
        let rules = [FaultRule::new(Fault::slow(Duration::ZERO..=SECOND)).with_probability(0.5)];
        let draw = |seed| {
            let mut chance = Rng::with_seed(seed);
            (0..50).map(|_| plan(&rules, HookName::Connect, &mut chance)).collect::<Vec<_>>()
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }
}
