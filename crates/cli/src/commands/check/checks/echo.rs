//! Whether what WCS sends comes back. Spec §4.2, §11.

use wcs_hooks_protocol::{HookContext, HookKind, HookName, Object, quoted};

use super::{Check, checks};
use crate::{
    commands::check::{
        compare::{Difference, DifferenceKind, differences},
        finding::{Judged, Level, Problem},
        target::{Sent, Target},
        wire::Answer,
    },
    fields::set,
};

/// A field that no WCS sends, at two places.
const PLACES: [&str; 2] = ["wcsHooksCheck", "custom.wcsHooksCheck"];

const UNICODE: &str =
    r#"["\u00fc ü \ud83d\ude00 😀","\u2028 \u007f","a\/b \"c\" \\ \b\f\n\r\t","<&>'","\u0000","\ufeff"]"#;
const NUMBERS: &str = "[0,-1,5060,1e3,0.1,1.5,-0.0,1664260776957,2.5e-3,1.0]";
const KEYS: &str = r#"{"zz":1,"__proto__":{"a":1},"constructor":2,"a.b":3,"a b":4,"":5,"\u00fc":6,"10":7}"#;
const EMPTIES: &str = r#"{"object":{},"array":[],"text":"","zero":0,"false":false}"#;

pub(super) const CHECKS: &[Check] = checks! {
    "echo"
    "context" "§3.3, §4.2" context(): "nodeId, appKey and sessionId come back";
        "start the answer from the received object: a newer WCS may need what you leave out"
    "fields" "§4.2" known_fields(): "every field of connect comes back";
        "start the answer from the received object and set only what is to be changed"
    "unknown-fields" "§4.2, §11" value(r#"{"a":[1,"x",true,{"b":"c"}]}"#, Level::Fail): "fields that the backend does not know come back";
        "keep members that your types have no field for: a newer WCS sends new ones"
    "requests" "§4.3" requests(): "what other requests carry comes back";
        "answer with the received object; what is missing under OVERWRITE keeps the client's value at best"
    "nulls" "§4.2" value(r#"{"a":null,"b":[null,1]}"#, Level::Warn): "null comes back as null";
        "keep members that are null: pages may send them in custom"
    "empties" "§4.2" value(EMPTIES, Level::Fail): "empty objects, arrays and texts come back";
        "keep empty values as they are; in PHP, decode to objects and not to arrays, so that {} does not become []"
    "empty-custom" "§3.4" empty_custom(): "an empty custom stays an object";
        "in PHP, decode to objects and not to arrays, so that {} does not become []"
    "numbers" "§4.2" value(NUMBERS, Level::Fail): "numbers keep their values, and integers stay integers";
        "write numbers as you read them; an integer with a fraction may not be read as one"
    "large-integers" "§4.2" value("[9007199254740993,12345678901234567890]", Level::Warn): "integers beyond 2^53 keep their values";
        "read numbers without going through a double, or be sure that nobody sends such"
    "huge-numbers" "§4.2" value_or_refusal("[1e400,-1e400]"): "numbers beyond the range of a double keep their values";
        "read numbers as text, or refuse them; NaN and Infinity are not JSON"
    "unicode" "§1.1" value(UNICODE, Level::Fail): "text in any script, with any escapes, comes back";
        "read and write UTF-8 and JSON's escapes"
    "half-surrogates" "§1.1" value_or_refusal(r#"["\ud800","a\udc00b"]"#): "half of a surrogate pair does no harm";
        "JavaScript can send such text: keep it escaped, or refuse the call, but do not fail"
    "keys" "§4.2" value(KEYS, Level::Fail): "odd names of members come back";
        "do not use received names as names of properties, columns or files"
    "key-order" "§1.1" key_order(): "members come back in their order";
        "nothing says that order matters; keep it if that is easy"
    "nesting" "§4.2" nesting(): "64 levels of nesting come back";
        "allow the nesting that pages may put into custom, or be sure that none does"
    "long-text" "§11" long_text(65_536): "a body of 64 KiB is taken";
        "raise the limit of request bodies: SDPs and logs are long"
    "megabyte" "§11" long_text(1_000_000): "a body of 1 MB is taken";
        "raise the limit of request bodies to 1 MB and more: SDPs and logs are long"
};

async fn context(target: &Target) -> Judged {
    let found = of_opening(target).await?.into_iter();
    let found: Vec<_> = found.filter(|difference| HookContext::has_field(&difference.path)).collect();
    let is_changed = found.iter().any(|difference| difference.kind != DifferenceKind::Missing);
    judge(found, if is_changed { Level::Fail } else { Level::Warn })
}

/// Changed ones are the backend's decision; what was given on the command line may be taken out, as a token.
async fn known_fields(target: &Target) -> Judged {
    let found = of_opening(target).await?.into_iter().filter(|difference| {
        !HookContext::has_field(&difference.path)
            && difference.kind == DifferenceKind::Missing
            && !target.is_given(HookName::Connect, &difference.path)
    });
    judge(found, Level::Fail)
}

async fn of_opening(target: &Target) -> Result<Vec<Difference>, Problem> {
    let opening = target.opening().await?;
    Ok(differences(&target.body(HookName::Connect), opening.json()?))
}

/// A value in a field of its own, and in `custom`.
async fn value(target: &Target, json: &str, level: Level) -> Judged {
    came_back(send_value(target, json).await?, json, level)
}

/// What can hardly be kept may be refused.
async fn value_or_refusal(target: &Target, json: &str) -> Judged {
    let answer = send_value(target, json).await?;
    if answer.status.is_client_error() {
        return Ok(format!("refused: {answer}"));
    }
    came_back(answer, json, Level::Warn)
}

async fn send_value(target: &Target, json: &str) -> Result<Answer, Problem> {
    let body = PLACES.iter().fold(target.body(HookName::Connect), |body, place| set(&body, place, json));
    Ok(target.post(HookName::Connect, body).await?)
}

fn came_back(answer: Answer, json: &str, level: Level) -> Judged {
    let answer = answer.accepted().map_err(|problem| problem.at(level))?;
    let received = answer.json().map_err(|problem| problem.at(level))?;
    let found =
        PLACES.iter().flat_map(|place| differences(&at(place, json), &at(place, &find(received, place))));
    judge(found.filter(|difference| difference.kind != DifferenceKind::Reordered), level)
}

/// The value at a path, as JSON; nothing if there is none.
fn find(json: &str, path: &str) -> String {
    path.split('.').fold(json.to_owned(), |json, name| {
        let object = Object::parse(&json);
        object.ok().and_then(|object| object.get(name)).unwrap_or_default().to_owned()
    })
}

/// An object with the value at a path; without it if there is none.
fn at(path: &str, json: &str) -> String {
    if json.is_empty() { "{}".to_owned() } else { format!("{{{}:{json}}}", quoted(path)) }
}

/// A float for an integer may be no integer for its reader; whatever else has changed is as bad as said.
fn judge(found: impl IntoIterator<Item = Difference>, level: Level) -> Judged {
    let is_floated = |difference: &Difference| difference.kind == DifferenceKind::Floated;
    let (floated, worse): (Vec<_>, Vec<_>) = found.into_iter().partition(is_floated);
    if !worse.is_empty() {
        return Err(Problem::new(level, said(&worse)));
    }
    if floated.is_empty() { Ok("came back".to_owned()) } else { Err(Problem::warn(said(&floated))) }
}

/// The first of them.
fn said(found: &[Difference]) -> String {
    let said = found.iter().map(|Difference { path, kind }| format!("{path} {}", word(*kind)));
    said.take(6).collect::<Vec<_>>().join(", ")
}

const fn word(kind: DifferenceKind) -> &'static str {
    match kind {
        DifferenceKind::Missing => "is missing",
        DifferenceKind::Changed => "has changed",
        DifferenceKind::Floated => "has become a fraction",
        DifferenceKind::Reordered => "has another order",
    }
}

async fn requests(target: &Target) -> Judged {
    let is_request = |kind| matches!(kind, HookKind::Invoke | HookKind::Incoming);
    let requests = target.sweep().await.iter().filter(|sent| is_request(sent.hook.kind()));
    let lossy: Vec<_> = requests.filter_map(lost_fields).collect();
    if lossy.is_empty() { Ok("came back".to_owned()) } else { Err(Problem::warn(lossy.join("; "))) }
}

/// The fields that an accepted request has lost.
fn lost_fields(sent: &Sent) -> Option<String> {
    let answer = sent.answer.as_ref().ok().filter(|answer| answer.is_accepted())?;
    let received = std::str::from_utf8(&answer.body).unwrap_or_default();
    let found = differences(&sent.body, received);
    let lost = found.into_iter().filter(|difference| {
        difference.kind == DifferenceKind::Missing
            || difference.path.is_empty() && difference.kind == DifferenceKind::Changed
    });
    let lost: Vec<_> = lost.map(|difference| difference.path).filter(|path| path != "custom").collect();
    (!lost.is_empty()).then(|| format!("{}: {} fields are missing", sent.hook, lost.len()))
}

async fn empty_custom(target: &Target) -> Judged {
    let body = set(&target.body(HookName::PublishStream), "custom", "{}");
    let answer = target.post(HookName::PublishStream, body).await?;
    let answer = or_skipped(answer, Level::Fail)?;
    match &*find(answer.json()?, "custom") {
        "{}" => Ok("came back".to_owned()),
        "" => Err(Problem::warn("custom is missing")),
        other if other.starts_with('{') => Ok("came back with something in it".to_owned()),
        _ => Err(Problem::warn("custom is no object any more")),
    }
}

/// A backend that refuses the stream shows nothing by that.
fn or_skipped(answer: Answer, level: Level) -> Result<Answer, Problem> {
    if super::hooks::is_refusal(&answer) {
        let hint = "give what makes it accept with --field HOOK:PATH=VALUE";
        return Err(Problem::skipped(format!("{} is refused: {hint}", HookName::PublishStream)));
    }
    answer.accepted().map_err(|problem| problem.at(level))
}

async fn key_order(target: &Target) -> Judged {
    let found = of_opening(target).await?;
    let found = found.into_iter().filter(|difference| difference.kind == DifferenceKind::Reordered);
    judge(found, Level::Warn)
}

async fn nesting(target: &Target) -> Judged {
    let json = format!("{}1{}", r#"{"a":["#.repeat(32), "]}".repeat(32));
    value(target, &json, Level::Warn).await
}

async fn long_text(target: &Target, length: usize) -> Judged {
    let level = if length < 100_000 { Level::Fail } else { Level::Warn };
    let body = set(&target.body(HookName::PublishStream), "sdp", &quoted(&"a".repeat(length)));
    let answer = target.post(HookName::PublishStream, body).await;
    let answer = or_skipped(answer.map_err(|trouble| Problem::from(trouble).at(level))?, level)?;
    Ok(format!("answered {answer} in {} ms", answer.elapsed.as_millis()))
}
