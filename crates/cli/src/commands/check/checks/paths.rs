//! Which paths name a hook. Spec §1.1.

use wcs_hooks_protocol::HookName;

use super::{Check, checks};
use crate::commands::check::{
    finding::{Judged, Problem},
    target::Target,
};

pub(super) const CHECKS: &[Check] = checks! {
    "paths"
    "trailing-slash" "§1.1" accepted_below("//"): "an app's URL that ends with a slash works";
        "take the last segment of the path, so that two slashes before it do no harm: whether WCS strips one is unknown"
    "prefix" "§1.1" accepted_below("/apps/EchoApp/"): "the path before the hook's name does not matter";
        "take the last segment of the path, or be sure that the URL in WCS is just that of your routes"
    "case" "§3.1" other_case(): "a hook's name in other letters is no failure of the server";
        "treat a name that you do not know as an unknown method: answer 200 with the received object"
};

/// The hook's name stands behind the app's URL and something else.
async fn accepted_below(target: &Target, between: &str) -> Judged {
    let mut call = target.call(HookName::Connect.as_str(), target.body(HookName::Connect));
    call.url = format!("{}{between}{}", target.known.url, HookName::Connect);
    let seen = format!("POST …{between}{} is answered", HookName::Connect);
    let answer = target.send(call).await?;
    if answer.is_accepted() {
        Ok(format!("{seen} {answer}"))
    } else {
        Err(Problem::warn(format!("{seen} {answer}")))
    }
}

async fn other_case(target: &Target) -> Judged {
    let name = HookName::Connect.as_str().to_ascii_uppercase();
    let answer = target.send(target.call(&name, target.body(HookName::Connect))).await?;
    let seen = format!("{name} is answered {answer}");
    if answer.status.is_server_error() { Err(Problem::fail(seen)) } else { Ok(seen) }
}
