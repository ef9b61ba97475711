//! Bodies that WCS does not send: they must not do harm. Spec §1.1.

use wcs_hooks_protocol::HookName;

use super::{Check, checks};
use crate::{
    commands::check::{
        finding::{Judged, Level, Problem},
        target::Target,
    },
    fields::set,
};

const DEEP: usize = 100_000;

pub(super) const CHECKS: &[Check] = checks! {
    "bodies"
    "empty" "§1.1" refuses(b""): "an empty body is refused with 4xx";
        "answer 400 to what is not a JSON object"
    "not-json" "§1.1" refuses(b"nodeId=1&appKey=2"): "a body that is not JSON is refused with 4xx";
        "answer 400 to what is not a JSON object"
    "cut-off" "§1.1" refuses(br#"{"nodeId":"n","custom":{"#): "JSON that is cut off is refused with 4xx";
        "answer 400 to what is not a JSON object"
    "array" "§1.1" refuses(b"[1,2]"): "an array is refused with 4xx";
        "answer 400 to what is not a JSON object"
    "null" "§1.1" refuses(b"null"): "null is refused with 4xx";
        "answer 400 to what is not a JSON object"
    "not-utf-8" "§1.1" refuses(b"{\"nodeId\":\"\xff\xfe\",\"appKey\":\"a\",\"sessionId\":\"s\"}"): "a body that is not UTF-8 is refused with 4xx";
        "answer 400 to what is not UTF-8"
    "deep" "§1.1" too_deep(): "100000 levels of nesting are refused with 4xx";
        "limit how deep your JSON library nests: the stack is finite"
    "content-type" "§1.1" other_type(): "a body of another content type is refused with 4xx";
        "answer 415 to what is not application/json: browsers may send text/plain from any page"
    "duplicate-keys" "§1.1" stands("duplicate"): "a key that stands twice does no harm";
        "take the last, as most do, or answer 400"
    "missing-context" "§3.3" stands("context"): "a body without nodeId, appKey and sessionId does no harm";
        "answer 400, or take it: WCS 4 leaves nodeId out"
    "wrong-kinds" "§4.2" stands("kinds"): "values of the wrong kind do no harm";
        "read leniently or answer 400: clients write numbers as text at times, and pages put anything into custom"
};

async fn send(target: &Target, body: Vec<u8>, content_type: Option<&'static str>) -> Judged {
    let mut call = target.call(HookName::Connect.as_str(), body);
    call.content_type = content_type.or(call.content_type);
    let answer = target.send(call).await?;
    let seen = format!("answered {answer}");
    match answer.status.as_u16() {
        400..500 => Ok(seen),
        500.. => Err(Problem::fail(seen)),
        _ => Err(Problem::warn(seen)),
    }
}

async fn refuses(target: &Target, body: &[u8]) -> Judged {
    send(target, body.to_vec(), None).await
}

async fn too_deep(target: &Target) -> Judged {
    let json = format!("{}{}", "[".repeat(DEEP), "]".repeat(DEEP));
    let body = with_members(&target.body(HookName::Connect), &format!(r#""wcsHooksCheck":{json}"#));
    let judged = send(target, body.into_bytes(), None).await;
    target.survives("it").await?;
    // Whoever takes it and lives has no trouble with it.
    judged.or_else(
        |problem| if problem.level() == Level::Warn { Ok(problem.seen().to_owned()) } else { Err(problem) },
    )
}

/// An object with more members at its end, which our own reader would not take.
fn with_members(object: &str, members: &str) -> String {
    format!("{},{members}}}", object.strip_suffix('}').unwrap_or(object))
}

async fn other_type(target: &Target) -> Judged {
    send(target, target.body(HookName::Connect).into_bytes(), Some("text/plain")).await
}

/// Any answer will do but a failure.
async fn stands(target: &Target, what: &str) -> Judged {
    let body = target.body(HookName::Connect);
    let body = match what {
        "duplicate" => with_members(&body, r#""clientVersion":"1","clientVersion":"2""#),
        "context" => r#"{"clientVersion":"2.0"}"#.to_owned(),
        _ => set(&set(&body, "mediaProviders", "7"), "keepAlive", r#"{"a":[]}"#),
    };
    let answer = target.post(HookName::Connect, body).await?;
    let seen = format!("answered {answer}");
    if answer.status.is_server_error() { Err(Problem::fail(seen)) } else { Ok(seen) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_added_stands_at_the_end_of_the_object() {
        assert_eq!(with_members(r#"{"custom":{}}"#, r#""a":1,"a":2"#), r#"{"custom":{},"a":1,"a":2}"#);
    }
}
