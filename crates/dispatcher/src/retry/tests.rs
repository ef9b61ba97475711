use super::*;

/// Spec §1.3. For each kind: attempts in all with the defaults, with `after_sent` off after a request that was sent, and
/// with it off after one that was not.
const TABLE: [(FailureKind, [u32; 3]); 11] = [
    (FailureKind::Timeout, [1, 1, 1]),
    (FailureKind::ConnectionRefused, [1, 1, 1]),
    (FailureKind::UnknownHost, [1, 1, 1]),
    (FailureKind::Tls, [1, 1, 1]),
    (FailureKind::InvalidAnswer, [1, 1, 1]),
    (FailureKind::BrokenBody, [1, 1, 1]),
    (FailureKind::TooLarge, [1, 1, 1]),
    (FailureKind::Unreachable, [4, 1, 4]),
    (FailureKind::ClosedWithoutAnswer, [4, 1, 4]),
    (FailureKind::Reset, [4, 1, 4]),
    (FailureKind::Other, [4, 1, 4]),
];

fn attempts(rule: RetryRule, kind: FailureKind, request_sent: bool) -> u32 {
    (1..=10).find(|&attempts| !rule.allows_another(kind, request_sent, attempts)).unwrap()
}

#[test]
fn every_kind_is_tried_as_often_as_apache_does() {
    let default = RetryRule::default();
    let unsent_only = RetryRule { after_sent: false, ..default };
    for (kind, expected) in TABLE {
        let made = [(default, true), (unsent_only, true), (unsent_only, false)]
            .map(|(rule, request_sent)| attempts(rule, kind, request_sent));
        assert_eq!(made, expected, "{kind:?}");
    }
}

#[test]
fn the_count_is_of_attempts_after_the_first() {
    for count in [0, 1, 7] {
        let rule = RetryRule { count, after_sent: true };
        assert_eq!(attempts(rule, FailureKind::Reset, true), count + 1);
    }
}
