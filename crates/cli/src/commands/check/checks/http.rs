//! Whether the backend speaks HTTP as WCS does. Spec §1.

use http::{
    Version,
    header::{CONTENT_LENGTH, TRANSFER_ENCODING},
};
use wcs_hooks_protocol::{HookName, Object, is_json_type};

use super::{Check, checks};
use crate::commands::check::{
    finding::{Judged, Problem},
    raw,
    target::Target,
};

/// The first of them, without which no other can be done.
pub(super) const CHECKS: &[Check] = checks! {
    "http"
    "opening" "§1.2" opening(): "connect is answered 200 with a JSON object";
        "give what a client has to give with --field custom.token=…, and --secret or --basic if the backend asks for them"
    "json" "§1.2" json_type(): "answers have a JSON content type";
        "answer with Content-Type: application/json, or WCS cannot read what is to be taken from the answer"
    "length" "§1.2" length(): "the end of an answer is told by its length or by chunks";
        "answer with Content-Length or Transfer-Encoding: chunked, so that a cut-off answer is noticed"
    "keep-alive" "§1.1, §1.3" keep_alive(): "a connection serves more than one call";
        "keep connections open: WCS asks for it by Connection: keep-alive, and each hook pays for a new one otherwise"
};

async fn opening(target: &Target) -> Judged {
    let answer = target.opening().await?.clone().accepted()?;
    let text = answer.json()?;
    Object::parse(text).map_err(|_| Problem::fail("answered 200 with JSON that is not an object"))?;
    Ok(format!("answered {answer} in {} ms", answer.elapsed.as_millis()))
}

async fn json_type(target: &Target) -> Judged {
    let opening = target.opening().await?;
    if !opening.has_json_type() {
        let content_type = opening.content_type().unwrap_or("none");
        return Err(Problem::fail(format!("the content type of the answer to connect is {content_type}")));
    }
    let answered =
        target.sweep().await.iter().filter_map(|sent| Some((sent.hook, sent.answer.as_ref().ok()?)));
    let accepted = answered.filter(|(_, answer)| answer.is_accepted());
    let (json, others): (Vec<_>, Vec<_>) =
        accepted.partition(|(_, answer)| answer.content_type().is_some_and(is_json_type));
    if others.is_empty() {
        return Ok(format!("{} of {0} answers of 200 have one", json.len()));
    }
    let hooks = others.iter().map(|(hook, _)| *hook);
    Err(Problem::warn(format!("without one: {}", super::hooks::list(hooks))))
}

async fn length(target: &Target) -> Judged {
    let opening = target.opening().await?;
    if opening.headers.contains_key(CONTENT_LENGTH) {
        return Ok("Content-Length".to_owned());
    }
    if opening.headers.contains_key(TRANSFER_ENCODING) || opening.version > Version::HTTP_11 {
        return Ok("chunks".to_owned());
    }
    Err(Problem::warn("the answer ends when the connection does"))
}

async fn keep_alive(target: &Target) -> Judged {
    let body = target.body(HookName::Connect);
    let call = target.call(HookName::Connect.as_str(), body);
    match raw::answers_on_one_connection(&call, target.known.timeout).await? {
        2.. => Ok("two calls were answered on one connection".to_owned()),
        1 => Err(Problem::warn("the connection was closed after the first answer")),
        0 => Err(Problem::fail("no call was answered on a connection of its own")),
    }
}
