//! How long answers take. Spec §1.3, §11.

use std::time::Duration;

use wcs_hooks_protocol::HookName;

use super::{Check, checks};
use crate::{
    commands::check::{
        finding::{Judged, Problem},
        target::Target,
    },
    fields::set,
};

const CALLS: usize = 50;

/// What a backend should stay below. Spec §11.
const AIM: Duration = Duration::from_secs(1);

pub(super) const CHECKS: &[Check] = checks! {
    "timing"
    "answers" "§1.3, §11" answers(): "99 of 100 answers take less than a second";
        "answer sooner: clients wait for it, and after rest_request_timeout (15 s) the call has failed"
};

/// A body that differs from the others, so that it is not taken for a duplicate.
pub(super) fn numbered(target: &Target, hook: HookName, number: usize) -> String {
    set(&target.body(hook), "wcsHooksCheckNumber", &number.to_string())
}

async fn answers(target: &Target) -> Judged {
    let mut times = Vec::new();
    for number in 0..CALLS {
        let answer = target.post(HookName::Connect, numbered(target, HookName::Connect, number)).await?;
        times.push(answer.elapsed);
    }
    judge(&mut times)
}

fn judge(times: &mut [Duration]) -> Judged {
    times.sort_unstable();
    let at = |hundredths: usize| times.get((times.len() * hundredths / 100).min(times.len() - 1));
    let [median, p99] = [50, 99].map(|hundredths| at(hundredths).copied().unwrap_or_default());
    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    let seen = format!("median {:.1} ms, 99 % below {:.1} ms, of {} calls", ms(median), ms(p99), times.len());
    if p99 < AIM { Ok(seen) } else { Err(Problem::warn(seen)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slow_answer_in_fifty_is_too_many() {
        let mut times = vec![Duration::from_millis(2); 50];
        assert_eq!(judge(&mut times).unwrap(), "median 2.0 ms, 99 % below 2.0 ms, of 50 calls");
        times[7] = AIM;
        assert!(judge(&mut times).is_err());
    }
}
