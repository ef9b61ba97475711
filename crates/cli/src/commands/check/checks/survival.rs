//! What must not bring the backend down.

use bytes::Bytes;
use futures_util::future::join_all;
use http::Method;
use wcs_hooks_protocol::HookName;

use super::{Check, checks, timing::numbered};
use crate::commands::check::{
    finding::{Judged, Problem},
    raw,
    target::Target,
};

/// As many calls as may well come at once, when a broadcast begins.
const CROWD: usize = 32;

/// Their numbers are no others'.
const FIRST_OF_CROWD: usize = 1000;

pub(super) const CHECKS: &[Check] = checks! {
    "survival"
    "get" "§1.1" get(): "GET is refused";
        "answer 405 to what is not POST: WCS sends nothing else"
    "garbage" "§1.1" garbage(): "bytes that are not HTTP do no harm";
        "put the backend behind a server that refuses them"
    "crowd" "§1.3" crowd(): "32 calls at once are answered";
        "handle calls at the same time: when a broadcast begins or a node restarts, they come all at once"
    "cut-off" "§1.3" cut_off(): "a connection that is closed within a body does no harm";
        "expect that reading a body fails, and do not handle what did not come whole"
};

async fn get(target: &Target) -> Judged {
    let mut call = target.call(HookName::Connect.as_str(), Bytes::new());
    call.method = Method::GET;
    let answer = target.send(call).await?;
    let seen = format!("answered {answer}");
    if answer.status.is_client_error() { Ok(seen) } else { Err(Problem::warn(seen)) }
}

async fn cut_off(target: &Target) -> Judged {
    let call = target.call(HookName::Connect.as_str(), target.body(HookName::Connect));
    raw::send_half(&call, target.known.timeout).await?;
    target.survives("a cut-off body").await?;
    Ok("a good call is answered 200 after it".to_owned())
}

async fn garbage(target: &Target) -> Judged {
    raw::send_bytes(&target.known.url, b"\x16\x03\x01\x00\xff garbage\r\n\r\n", target.known.timeout).await?;
    target.survives("garbage").await?;
    Ok("a good call is answered 200 after it".to_owned())
}

async fn crowd(target: &Target) -> Judged {
    let calls = (0..CROWD).map(|number| {
        let body = numbered(target, HookName::Connect, FIRST_OF_CROWD + number);
        target.post(HookName::Connect, body)
    });
    let answers = join_all(calls).await;
    let failed = answers.into_iter().filter_map(|answer| match answer {
        Ok(answer) if answer.is_accepted() => None,
        Ok(answer) => Some(format!("answered {answer}")),
        Err(trouble) => Some(trouble.to_string()),
    });
    let failed: Vec<_> = failed.collect();
    match failed.first() {
        None => Ok("answered 200".to_owned()),
        Some(first) => Err(Problem::fail(format!("{} of {CROWD} failed, the first: {first}", failed.len()))),
    }
}
