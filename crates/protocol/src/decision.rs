//! What WCS does with an answer, as pure functions of the hook's kind, the session's policy and the outcome. Spec §4.5.

use crate::{HookKind, HookPolicy, RestOnError, RestPolicy};

/// What came of calling the backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It was not called: the policy is `DISABLE`, the method is off, or hooks are off altogether.
    NotAsked,
    /// 200, with a JSON object if one is needed.
    Accepted,
    /// 200, but the object that is needed cannot be read: an empty or broken body, another kind of JSON, or another
    /// content type. The spec does not say what WCS does; it is taken for an interaction error.
    Unreadable,
    /// Another status. Only 200 is success; 201, 204 and 302 are not.
    Status(u16),
    /// No answer: refused, unreachable, cut off or too late.
    NoAnswer,
}

impl Outcome {
    /// Whether it is an interaction error: anything but agreement. Spec §4.5.
    #[must_use]
    pub const fn is_error(self) -> bool {
        !matches!(self, Self::NotAsked | Self::Accepted)
    }
}

/// What WCS does. Spec §4.5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Goes on. After an interaction error it also writes a log line.
    GoOn,
    /// Closes the connection; the client gets `fail`.
    DeclineConnection,
    /// Breaks the operation; the client gets `fail` in the event of the hook.
    BreakOperation,
    /// Breaks the call or message that came in: the caller gets SIP `403 FORBIDDEN`, the client gets `fail` in the event
    /// of the hook.
    RefuseCaller,
    /// Goes on, and the client gets an error event.
    TellError,
    /// Ends the stream; the session stays.
    EndStream,
    /// Turns the player away: HLS `401 Unauthorized`, RTSP connection closed.
    RefusePlayer,
}

/// What WCS does after an outcome.
///
/// Choices where the spec is silent: `playHLS` and `playRTSP` are refused by any interaction error, not only by 403;
/// `StreamKeepAliveEvent` ends its stream on 403 only.
///
/// ```
/// use wcs_hooks_protocol::{Effect, HookKind, Outcome, RestOnError, effect};
///
/// // The trap: by default a refusal changes nothing.
/// assert_eq!(effect(HookKind::Invoke, RestOnError::Log, Outcome::Status(403)), Effect::GoOn);
/// assert_eq!(effect(HookKind::Invoke, RestOnError::Fail, Outcome::Status(403)), Effect::BreakOperation);
/// ```
#[must_use]
pub const fn effect(kind: HookKind, on_error: RestOnError, outcome: Outcome) -> Effect {
    if !outcome.is_error() {
        return Effect::GoOn;
    }
    match (kind, on_error) {
        (HookKind::Connect, _) => Effect::DeclineConnection,
        (HookKind::Access, _) => Effect::RefusePlayer,
        (_, RestOnError::Log) => Effect::GoOn,
        (HookKind::Invoke, RestOnError::Fail) => Effect::BreakOperation,
        (HookKind::Incoming, RestOnError::Fail) => Effect::RefuseCaller,
        (HookKind::Event, RestOnError::Fail) => Effect::TellError,
        (HookKind::KeepAlive, RestOnError::Fail) => match outcome {
            Outcome::Status(403) => Effect::EndStream,
            _ => Effect::GoOn,
        },
    }
}

/// What WCS takes from the body of a 200. Spec §4.2, §4.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken<'a> {
    /// Nothing: the body is not looked at.
    Nothing,
    /// Every field: the answer to `connect`.
    Everything,
    /// These fields.
    Fields(&'a [String]),
}

/// What WCS takes from the body of a 200.
///
/// ```
/// use wcs_hooks_protocol::{HookKind, HookPolicy, Taken, taken};
///
/// let overwrite = HookPolicy::default().overwriting(["callee"]);
/// assert_eq!(taken(HookKind::Invoke, &overwrite), Taken::Fields(&["callee".to_owned()]));
/// assert_eq!(taken(HookKind::Invoke, &HookPolicy::default()), Taken::Nothing);
/// ```
#[must_use]
pub const fn taken(kind: HookKind, policy: &HookPolicy) -> Taken<'_> {
    match (kind, policy.rest_policy) {
        (HookKind::Connect, _) => Taken::Everything,
        (HookKind::Access, _) | (_, RestPolicy::Notify | RestPolicy::Disable) => Taken::Nothing,
        (_, RestPolicy::Overwrite) => Taken::Fields(policy.rest_overwrite.as_slice()),
    }
}

/// Whether the backend is called at all. `connect`, `playHLS` and `playRTSP` have no policy that could stop them.
#[must_use]
pub const fn is_asked(kind: HookKind, policy: &HookPolicy) -> bool {
    matches!(kind, HookKind::Connect | HookKind::Access) || !matches!(policy.rest_policy, RestPolicy::Disable)
}

/// Whether refusing a hook has any effect under a policy.
///
/// ```
/// use wcs_hooks_protocol::{HookKind, RestOnError, refusal_counts};
///
/// assert!(refusal_counts(HookKind::Connect, RestOnError::Log));
/// assert!(!refusal_counts(HookKind::Invoke, RestOnError::Log));
/// ```
#[must_use]
pub const fn refusal_counts(kind: HookKind, on_error: RestOnError) -> bool {
    !matches!(effect(kind, on_error, Outcome::Status(403)), Effect::GoOn | Effect::TellError)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agreement_never_stops_anything() {
        for &hook in crate::HookName::ALL {
            for on_error in [RestOnError::Log, RestOnError::Fail] {
                assert_eq!(effect(hook.kind(), on_error, Outcome::Accepted), Effect::GoOn);
                assert_eq!(effect(hook.kind(), on_error, Outcome::NotAsked), Effect::GoOn);
            }
        }
    }

    #[test]
    fn with_log_only_connect_and_players_can_be_refused() {
        for &hook in crate::HookName::ALL {
            let is_always = matches!(hook.kind(), HookKind::Connect | HookKind::Access);
            for outcome in
                [Outcome::Status(403), Outcome::Status(500), Outcome::NoAnswer, Outcome::Unreadable]
            {
                assert_eq!(
                    effect(hook.kind(), RestOnError::Log, outcome) != Effect::GoOn,
                    is_always,
                    "{hook}"
                );
            }
        }
    }

    /// Spec §4.5: for each kind, after a 403 under `LOG` and under `FAIL`, after another error under `FAIL`, and whether
    /// refusing counts under each.
    #[test]
    fn every_kind_has_its_effect() {
        use Effect::{
            BreakOperation, DeclineConnection, EndStream, GoOn, RefuseCaller, RefusePlayer, TellError,
        };
        for (kind, effects, counts) in [
            (HookKind::Connect, [DeclineConnection; 3], [true, true]),
            (HookKind::Access, [RefusePlayer; 3], [true, true]),
            (HookKind::Invoke, [GoOn, BreakOperation, BreakOperation], [false, true]),
            (HookKind::Incoming, [GoOn, RefuseCaller, RefuseCaller], [false, true]),
            (HookKind::Event, [GoOn, TellError, TellError], [false, false]),
            (HookKind::KeepAlive, [GoOn, EndStream, GoOn], [false, true]),
        ] {
            for other in [Outcome::Status(500), Outcome::Status(204), Outcome::Unreadable, Outcome::NoAnswer]
            {
                let got = [
                    effect(kind, RestOnError::Log, Outcome::Status(403)),
                    effect(kind, RestOnError::Fail, Outcome::Status(403)),
                    effect(kind, RestOnError::Fail, other),
                ];
                assert_eq!(got, effects, "{kind:?} {other:?}");
            }
            let counted =
                [RestOnError::Log, RestOnError::Fail].map(|on_error| refusal_counts(kind, on_error));
            assert_eq!(counted, counts, "{kind:?}");
        }
    }

    #[test]
    fn a_policy_says_what_is_asked_and_taken_where_there_is_one() {
        let names = ["name".to_owned()];
        let policy = |rest_policy| HookPolicy { rest_policy, ..HookPolicy::default().overwriting(["name"]) };
        for kind in [
            HookKind::Connect,
            HookKind::Access,
            HookKind::Invoke,
            HookKind::Incoming,
            HookKind::Event,
            HookKind::KeepAlive,
        ] {
            let is_always = matches!(kind, HookKind::Connect | HookKind::Access);
            for (rest_policy, asked, expected) in [
                (RestPolicy::Disable, is_always, Taken::Nothing),
                (RestPolicy::Notify, true, Taken::Nothing),
                (RestPolicy::Overwrite, true, Taken::Fields(&names)),
            ] {
                let expected = match kind {
                    HookKind::Connect => Taken::Everything,
                    HookKind::Access => Taken::Nothing,
                    _ => expected,
                };
                let policy = policy(rest_policy);
                assert_eq!((is_asked(kind, &policy), taken(kind, &policy)), (asked, expected), "{kind:?}");
            }
        }
    }
}
