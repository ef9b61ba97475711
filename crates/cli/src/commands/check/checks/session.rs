//! A whole session, as WCS has it: by the dispatcher. Spec §7.

use wcs_hooks_dispatcher::{Declined, Dispatcher, Session, ToClient, Verdict};
use wcs_hooks_protocol::{HookName, Object, Outcome};

use super::{Check, checks};
use crate::commands::check::{
    finding::{Judged, Problem},
    target::Target,
};

/// What a client does that publishes a stream, sends data and calls.
const STEPS: [HookName; 8] = [
    HookName::ConnectionStatus,
    HookName::PublishStream,
    HookName::StreamStatus,
    HookName::OnData,
    HookName::DataStatus,
    HookName::PlaceCall,
    HookName::CallStatus,
    HookName::Hangup,
];

pub(super) const CHECKS: &[Check] = checks! {
    "session"
    "flow" "§7" flow(): "a session of WCS goes through";
        "see what the other checks say of the hook that is named here"
    "refused" "§5.1" refused(): "a client that is refused reads why";
        "answer with a reason that tells the client more than the name of the status"
};

async fn connect(target: &Target, body: &str) -> Result<Session, Box<Declined>> {
    let dispatcher = Dispatcher::new(target.settings(), target.transport());
    // What is no object was not made by us.
    let object = Object::parse(body).or_else(|_| Object::parse("{}"));
    let Ok(object) = object else { unreachable!("an empty object is one") };
    let session = dispatcher.connect_raw(&target.app, target.context.clone(), &object).await;
    session.map_err(Box::new)
}

async fn flow(target: &Target) -> Judged {
    let session = connect(target, &target.body(HookName::Connect)).await;
    let session = session.map_err(|declined| Problem::fail(declined.to_string()))?;
    for hook in STEPS {
        let body = target.body(hook);
        let Ok(object) = Object::parse(&body) else { continue };
        judge(hook, &session.send_raw(hook.as_str(), &object).await)?;
    }
    Ok(format!("connect and {} more hooks", STEPS.len()))
}

fn judge(hook: HookName, verdict: &Verdict) -> Result<(), Problem> {
    let effect = verdict.effect();
    match verdict.outcome() {
        Outcome::NotAsked | Outcome::Accepted | Outcome::Status(401 | 403) => Ok(()),
        outcome => Err(Problem::fail(format!("{hook}: {outcome:?}, and WCS does {effect:?}"))),
    }
}

async fn refused(target: &Target) -> Judged {
    let (hook, body) =
        target.refused().ok_or_else(|| Problem::skipped("say how to be refused with --refused-field"))?;
    let told = if hook == HookName::Connect {
        connect(target, &body).await.err().map(|declined| declined.verdict().to_client())
    } else {
        let session = connect(target, &target.body(HookName::Connect)).await;
        let session = session.map_err(|declined| Problem::fail(declined.to_string()))?;
        let object = Object::parse(&body).map_err(|error| Problem::fail(error.to_string()))?;
        Some(session.send_raw(hook.as_str(), &object).await.to_client())
    };
    match told {
        Some(ToClient::Fail(fail)) => is_told(&fail.info),
        _ => Err(Problem::fail(format!("WCS goes on with {hook}, and the client reads nothing"))),
    }
}

/// A name of a status says nothing about why.
fn is_told(info: &str) -> Judged {
    let seen = format!("the client reads {info:?}");
    if matches!(info, "" | "Forbidden" | "Unauthorized" | "Bad Request") {
        Err(Problem::warn(seen))
    } else {
        Ok(seen)
    }
}
