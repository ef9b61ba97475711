//! Calls that WCS sends again. Spec §1.3.

use futures_util::future::join_all;
use wcs_hooks_protocol::HookName;

use super::{Check, checks, timing::numbered};
use crate::commands::check::{
    compare::differences,
    finding::{Judged, Problem},
    target::Target,
    wire::{Answer, Trouble},
};

/// A call and the three that may follow it.
const SENT_AGAIN: usize = 4;

pub(super) const CHECKS: &[Check] = checks! {
    "duplicates"
    "sequential" "§1.3, §11" sequential(HookName::Connect): "connect that is sent again is answered the same";
        "make handlers safe against duplicates: WCS sends a call again, up to 3 times, if a connection breaks"
    "concurrent" "§1.3, §11" concurrent(HookName::Connect): "connect that comes four times at once is answered the same";
        "make handlers safe against duplicates that come while the first is being handled"
    "stream" "§1.3, §11" sequential(HookName::PublishStream): "publishStream that is sent again is answered the same";
        "know a stream by its mediaSessionId: the same one again is no second stream of that name"
    "stream-concurrent" "§1.3, §11" concurrent(HookName::PublishStream): "publishStream that comes four times at once is answered the same";
        "make handlers safe against duplicates that come while the first is being handled"
};

async fn sequential(target: &Target, hook: HookName) -> Judged {
    let body = numbered(target, hook, 1);
    let mut answers = Vec::new();
    for _ in 0..SENT_AGAIN {
        answers.push(target.post(hook, body.clone()).await);
    }
    judge(answers)
}

async fn concurrent(target: &Target, hook: HookName) -> Judged {
    let body = numbered(target, hook, 2);
    judge(join_all((0..SENT_AGAIN).map(|_| target.post(hook, body.clone()))).await)
}

fn judge(answers: Vec<Result<Answer, Trouble>>) -> Judged {
    let answers = answers.into_iter().collect::<Result<Vec<_>, _>>()?;
    let Some((first, others)) = answers.split_first() else {
        return Err(Problem::skipped("nothing was sent"));
    };
    if let Some(other) = others.iter().find(|other| other.status != first.status) {
        return Err(Problem::fail(format!("answered {first}, and then {other}")));
    }
    let texts = |answer: &Answer| String::from_utf8_lossy(&answer.body).into_owned();
    let is_other = |other: &Answer| !differences(&texts(first), &texts(other)).is_empty();
    if others.iter().any(is_other) {
        return Err(Problem::warn(format!("answered {first} each time, with other bodies")));
    }
    Ok(format!("answered {first} each time"))
}
