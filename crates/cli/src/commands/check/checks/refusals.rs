//! What a refusal looks like. Spec §1.2, §5.1.

use wcs_hooks_protocol::{HookName, Object, RefusalBody};

use super::{Check, checks};
use crate::commands::check::{
    finding::{Judged, Problem},
    target::Target,
    wire::Answer,
};

pub(super) const CHECKS: &[Check] = checks! {
    "refusals"
    "status" "§1.2, §4.5" status(): "a refusal is answered 403, or another 4xx";
        "answer 403 to refuse: WCS takes any other status but 200 for a failure of the backend"
    "body" "§5.1" body(): "the body of a refusal is exactly status and reason, as JSON";
        "answer {\"status\":403,\"reason\":\"…\"} with Content-Type: application/json: with any other field the client reads the reason phrase"
    "reason-phrase" "§5.1" reason_phrase(): "the status line of a refusal has a reason phrase";
        "write a reason phrase: the client reads it where there is no reason in the body"
    "same-status" "§5.1" same_status(): "the status in a refusal's body is that of the answer";
        "write the same number: whether WCS compares them is unknown"
};

/// The answer to what is to be refused.
async fn refused(target: &Target) -> Result<(HookName, Answer), Problem> {
    let (hook, body) = target.refused().ok_or_else(|| {
        Problem::skipped("say how to be refused with --refused-field, such as custom.token=wrong")
    })?;
    Ok((hook, target.post(hook, body).await?))
}

async fn status(target: &Target) -> Judged {
    let (hook, answer) = refused(target).await?;
    let seen = format!("{hook} is answered {answer}");
    match answer.status.as_u16() {
        400..500 => Ok(seen),
        200 => Err(Problem::fail(format!("{seen}: it is not refused"))),
        _ => Err(Problem::fail(seen)),
    }
}

/// The answer, if it is a refusal at all.
async fn refusal(target: &Target) -> Result<Answer, Problem> {
    let (_, answer) = refused(target).await?;
    if answer.is_accepted() { Err(Problem::skipped("nothing was refused")) } else { Ok(answer) }
}

async fn body(target: &Target) -> Judged {
    let answer = refusal(target).await?;
    if RefusalBody::read(&answer.body).is_some() {
        return if answer.has_json_type() {
            Ok("the client reads the reason of the body".to_owned())
        } else {
            Err(Problem::warn(
                "it is, but its content type is not JSON, so the client reads the reason phrase",
            ))
        };
    }
    let reason =
        Object::from_slice(&answer.body).ok().and_then(|object| object.get("reason").map(str::to_owned));
    Err(match reason {
        Some(_) => Problem::fail(
            "it has a reason and other fields than it and a number, so the reason does not count",
        ),
        None => Problem::warn("it is not, so the client reads the reason phrase"),
    })
}

async fn reason_phrase(target: &Target) -> Judged {
    let answer = refusal(target).await?;
    let is_told = RefusalBody::read(&answer.body).is_some() && answer.has_json_type();
    match (answer.reason.is_empty(), is_told) {
        (false, _) => Ok(format!("answered {answer}")),
        (true, true) => Err(Problem::warn("there is none")),
        (true, false) => {
            Err(Problem::fail("there is none, and no reason in the body: the client reads nothing"))
        }
    }
}

async fn same_status(target: &Target) -> Judged {
    let answer = refusal(target).await?;
    let body = RefusalBody::read(&answer.body).ok_or_else(|| Problem::skipped("the body is no refusal"))?;
    let seen = format!("{} in the body, {} in the status line", body.status, answer.status.as_u16());
    if body.status == answer.status.as_u16() { Ok(seen) } else { Err(Problem::warn(seen)) }
}
