//! What went out, what came back, and what WCS would do.

use std::{borrow::Cow, collections::BTreeMap, io, time::Duration};

use http::{HeaderMap, header};
use serde::Serialize;
use serde_json::{Value, value::RawValue};
use wcs_hooks_dispatcher::{
    Effect, HookContext, HookKind, Object, Outcome, PlayerRefusal, Reply, ToClient, Verdict, redact,
};
use wcs_hooks_protocol::escaped;

use crate::{
    exit::Exit,
    output::{BAD, BOLD, DIM, GOOD, Output, WARN},
};

use super::wire::Heads;

/// The longest text that is no JSON and is printed, in characters.
const LONGEST_TEXT: usize = 2000;

/// All that is printed, without secrets.
#[derive(Serialize)]
pub(super) struct Report {
    hook: String,
    request: Option<Request>,
    answer: Option<Answer>,
    failure: Option<String>,
    attempts: u32,
    milliseconds: f64,
    wcs: Wcs,
}

#[derive(Serialize)]
struct Request {
    method: &'static str,
    url: String,
    headers: BTreeMap<String, String>,
    body: Content,
}

#[derive(Serialize)]
struct Answer {
    status: u16,
    reason: String,
    headers: BTreeMap<String, String>,
    body: Content,
}

/// A body fit to be printed.
#[derive(Serialize)]
#[serde(untagged)]
enum Content {
    Json(Box<RawValue>),
    Text(String),
}

/// What WCS would do.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Wcs {
    goes_on: bool,
    does: &'static str,
    /// As it stands in a `restClientConfig`.
    policy: Content,
    #[serde(skip)]
    by: Option<String>,
    /// The fields that were taken from the answer, with their new values.
    taken: BTreeMap<String, Value>,
    /// Fields that were to be taken and cannot be what they are.
    not_taken: Vec<String>,
    /// The message or event that the client gets at once.
    to_client: Option<Content>,
}

impl Report {
    /// Of a hook whose object was this before it was sent.
    pub(super) fn new(verdict: &Verdict, heads: Heads, object: &Object<'_>, took: Duration) -> Self {
        let Heads { uri, request, answer } = heads;
        Self {
            hook: verdict.hook().to_owned(),
            request: verdict.sent().map(|body| Request {
                method: "POST",
                url: redact::url(&uri.to_string()),
                headers: printable(&request),
                body: Content::of(body.as_bytes()),
            }),
            answer: verdict.reply().map(|reply| Answer::of(reply, &answer)),
            failure: verdict.failure().map(|failure| redact::url(&failure.to_string())),
            attempts: verdict.attempts(),
            milliseconds: (took.as_secs_f64() * 1e6).round() / 1e3,
            wcs: Wcs::of(verdict, object),
        }
    }

    /// 0 if WCS goes on, 1 if not, 3 if there was no answer.
    pub(super) const fn exit(&self) -> Exit {
        match (&self.failure, self.wcs.goes_on) {
            (Some(_), _) => Exit::Problem,
            (None, true) => Exit::Done,
            (None, false) => Exit::No,
        }
    }

    /// For people.
    pub(super) fn print(&self, output: &Output) -> io::Result<()> {
        if let Some(request) = &self.request {
            output.line(format_args!("{BOLD}{} {}{BOLD:#}", request.method, request.url))?;
            print_message(output, &request.headers, &request.body)?;
            let attempts = if self.attempts == 1 { "" } else { "s" };
            let cost = format!("{} ms, {} attempt{attempts}", self.milliseconds, self.attempts);
            match (&self.answer, &self.failure) {
                (Some(answer), _) => answer.print(output, &cost)?,
                (None, failure) => {
                    let failure = escaped(failure.as_deref().unwrap_or_default());
                    output.line(format_args!("{BAD}no answer{BAD:#}: {failure} {DIM}({cost}){DIM:#}\n"))?;
                }
            }
        }
        self.wcs.print(output)
    }
}

fn print_message(output: &Output, headers: &BTreeMap<String, String>, body: &Content) -> io::Result<()> {
    for (name, value) in headers {
        output.line(format_args!("{DIM}{name}: {}{DIM:#}", escaped(value)))?;
    }
    output.line(format_args!("\n{}\n", body.shown()))
}

impl Answer {
    fn of(reply: &Reply, headers: &HeaderMap) -> Self {
        Self {
            status: reply.status(),
            reason: reply.reason(),
            headers: printable(headers),
            body: Content::of(reply.body()),
        }
    }

    fn print(&self, output: &Output, cost: &str) -> io::Result<()> {
        let colour = if self.status == 200 { GOOD } else { BAD };
        let (status, reason) = (self.status, escaped(&self.reason));
        output.line(format_args!("{colour}{status} {reason}{colour:#} {DIM}({cost}){DIM:#}"))?;
        print_message(output, &self.headers, &self.body)
    }
}

impl Content {
    fn of(body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body);
        let is_object = Object::parse(&text).is_ok();
        match RawValue::from_string(redact::json(&text)) {
            Ok(json) if is_object => Self::Json(json),
            _ => Self::Text(redact::url(&text.chars().take(LONGEST_TEXT).collect::<String>())),
        }
    }

    /// In JSON there are no new lines but between its values.
    fn shown(&self) -> Cow<'_, str> {
        match self {
            Self::Json(json) => json.get().into(),
            Self::Text(text) => escaped(text).to_string().into(),
        }
    }
}

/// Headers by name, those with secrets hidden.
fn printable(headers: &HeaderMap) -> BTreeMap<String, String> {
    let value = |name: &header::HeaderName, value: &[u8]| {
        let is_secret =
            redact::is_secret(name.as_str()) || [header::COOKIE, header::SET_COOKIE].contains(name);
        if is_secret { redact::HIDDEN.to_owned() } else { redact::url(&String::from_utf8_lossy(value)) }
    };
    headers.iter().map(|(name, text)| (name.to_string(), value(name, text.as_bytes()))).collect()
}

impl Wcs {
    fn of(verdict: &Verdict, object: &Object<'_>) -> Self {
        let policy = verdict.policy();
        let has_policy = !matches!(verdict.kind(), HookKind::Connect | HookKind::Access);
        Self {
            goes_on: verdict.goes_on(),
            does: what_it_does(verdict),
            policy: Content::of(policy.to_json().as_bytes()),
            by: has_policy.then(|| {
                format!(
                    "restOnError {}, restPolicy {}",
                    policy.rest_on_error.as_str(),
                    policy.rest_policy.as_str()
                )
            }),
            taken: taken(verdict.fields(), object),
            not_taken: verdict.unreadable_fields().to_vec(),
            to_client: match verdict.to_client() {
                ToClient::Nothing => None,
                ToClient::Delivered(fields) => Some(Content::of(fields.as_bytes())),
                ToClient::Fail(fail) => Some(Content::of(fail.message().as_bytes())),
            },
        }
    }

    fn print(&self, output: &Output) -> io::Result<()> {
        let colour = if self.goes_on { GOOD } else { BAD };
        output.line(format_args!("{colour}{}{colour:#}", self.does))?;
        for (name, value) in &self.taken {
            output.line(format_args!("  takes {} {value}", escaped(name)))?;
        }
        for name in &self.not_taken {
            let name = escaped(name);
            output.line(format_args!("  {WARN}does not take {name}{WARN:#}: it is of another kind"))?;
        }
        if let Some(to_client) = &self.to_client {
            output.line(format_args!("  tells the client {}", to_client.shown()))?;
        }
        match &self.by {
            Some(by) => output.line(format_args!("  {DIM}by {by}{DIM:#}")),
            None => Ok(()),
        }
    }
}

/// What the answer changed, as it may be printed.
fn taken(fields: &str, before: &Object<'_>) -> BTreeMap<String, Value> {
    let printable = redact::json(fields);
    let (Ok(after), Ok(printable)) = (Object::parse(fields), Object::parse(&printable)) else {
        return BTreeMap::new();
    };
    let value = |json: &str| serde_json::from_str::<Value>(json).unwrap_or_default();
    let is_changed = |name: &str, json: &str| {
        !HookContext::has_field(name) && before.get(name).map(value) != Some(value(json))
    };
    let changed = after.members().filter(|(name, json)| is_changed(name, json));
    changed.map(|(name, _)| (name.to_string(), printable.get(&name).map(value).unwrap_or_default())).collect()
}

fn what_it_does(verdict: &Verdict) -> &'static str {
    match (verdict.effect(), verdict.outcome()) {
        (Effect::GoOn, Outcome::NotAsked) => "WCS goes on without asking the backend",
        (Effect::GoOn, outcome) if outcome.is_error() => {
            "WCS goes on all the same: an error counts with restOnError FAIL only"
        }
        (Effect::GoOn, _) => "WCS goes on",
        (Effect::DeclineConnection, _) => "WCS closes the connection",
        (Effect::BreakOperation, _) => "WCS breaks the operation off",
        (Effect::RefuseCaller, _) => "WCS answers the caller with 403 FORBIDDEN",
        (Effect::TellError, _) => "WCS goes on and tells the client of an error",
        (Effect::EndStream, _) => "WCS ends the stream",
        (Effect::RefusePlayer, _) => match verdict.player_refusal() {
            Some(PlayerRefusal::ConnectionClosed) => "WCS closes the player's connection",
            _ => "WCS answers the player with 401 Unauthorized",
        },
    }
}
