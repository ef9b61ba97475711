//! Whether every hook is answered. Spec §3, §4.5.

use wcs_hooks_protocol::{HookKind, HookName, RefusalBody};

use super::{Check, checks};
use crate::commands::check::{
    finding::{Judged, Problem},
    target::{Sent, Target},
    wire::Answer,
};

/// No WCS knows such methods; a newer one may.
const UNKNOWN_METHODS: [&str; 2] = ["wcsHooksCheckMethod", "WcsHooksCheckStatusEvent"];

pub(super) const CHECKS: &[Check] = checks! {
    "hooks"
    "requests" "§3.1, §4.5" requests(): "every request of the catalogue is answered 200 or refused";
        "answer 200 with the received object to what you do not handle; to refuse, answer 403"
    "events" "§3.1, §4.5" events(): "every event is answered 200";
        "answer 200 to every event: it has happened, and refusing it stops nothing"
    "keep-alive" "§3.4, §4.5" keep_alive(): "StreamKeepAliveEvent is answered 200 or 403";
        "answer 200 to let the stream go on and 403 to end it; nothing else ends it"
    "unknown-methods" "§1.2, §11" unknown_methods(): "a method that the backend does not know is answered 200";
        "answer 200 with the received object: WCS takes 404 for a failed call, and newer builds have new methods"
    "other-spellings" "§3.1" other_spellings(): "the spellings of the vendor's docs are answered too";
        "take sendDTMF and sendBugReport for what the server calls sendDtmf and submitBugReport"
};

/// Hooks by their names.
pub(super) fn list(hooks: impl IntoIterator<Item = HookName>) -> String {
    hooks.into_iter().map(HookName::as_str).collect::<Vec<_>>().join(", ")
}

/// Whether somebody meant to refuse: 401 or 403, or any status with the refusal's body.
pub(super) fn is_refusal(answer: &Answer) -> bool {
    matches!(answer.status.as_u16(), 401 | 403)
        || answer.status.is_client_error() && RefusalBody::read(&answer.body).is_some()
}

async fn requests(target: &Target) -> Judged {
    let is_request = |sent: &&Sent| !matches!(sent.hook.kind(), HookKind::Event | HookKind::KeepAlive);
    let requests = || target_requests(target, is_request);
    let requests = requests().await;
    let refused = requests.iter().filter(|sent| sent.answer.as_ref().is_ok_and(is_refusal));
    let refused: Vec<_> = refused.map(|sent| sent.hook).collect();
    fail_for_others(requests.iter().copied().filter(|sent| !refused.contains(&sent.hook)))?;
    let accepted = requests.len() - refused.len();
    Ok(match refused.len() {
        0 => format!("all {accepted} are answered 200"),
        _ => format!("{accepted} are answered 200; refused: {}", list(refused)),
    })
}

async fn events(target: &Target) -> Judged {
    let events = target_requests(target, |sent| sent.hook.kind() == HookKind::Event).await;
    fail_for_others(events.iter().copied())?;
    Ok(format!("all {} are answered 200", events.len()))
}

async fn target_requests(target: &Target, wanted: impl Fn(&&Sent) -> bool) -> Vec<&Sent> {
    target.sweep().await.iter().filter(wanted).collect()
}

/// Fails if one of them was not answered 200.
fn fail_for_others<'s>(sent: impl Iterator<Item = &'s Sent>) -> Result<(), Problem> {
    let seen = sent.filter_map(|sent| match &sent.answer {
        Ok(answer) if answer.is_accepted() => None,
        Ok(answer) => Some(format!("{}: {answer}", sent.hook)),
        Err(trouble) => Some(format!("{}: {trouble}", sent.hook)),
    });
    let seen: Vec<_> = seen.collect();
    if seen.is_empty() { Ok(()) } else { Err(Problem::fail(seen.join("; "))) }
}

async fn keep_alive(target: &Target) -> Judged {
    let answer = target.post(HookName::StreamKeepAlive, target.body(HookName::StreamKeepAlive)).await?;
    let seen = format!("answered {answer}");
    if matches!(answer.status.as_u16(), 200 | 403) { Ok(seen) } else { Err(Problem::fail(seen)) }
}

async fn unknown_methods(target: &Target) -> Judged {
    for method in UNKNOWN_METHODS {
        let answer = target.send(target.call(method, target.body(HookName::ErrorStatus))).await?;
        answer.accepted()?.json()?;
    }
    Ok("answered 200".to_owned())
}

async fn other_spellings(target: &Target) -> Judged {
    for &hook in HookName::ALL {
        for &spelling in hook.info().other_spellings {
            let answer = target.send(target.call(spelling, target.body(hook))).await?;
            if !answer.is_accepted() && !is_refusal(&answer) {
                return Err(Problem::warn(format!("{spelling} is answered {answer}")));
            }
        }
    }
    Ok("answered as the others".to_owned())
}
