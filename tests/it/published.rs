//! The bodies and answers that the vendor published, and the bodies put together from the specification, through both
//! ends.

use serde::Deserialize;
use serde_json::{Map, Value, value::RawValue};
use wcs_hooks::{AllowAll, HookContext, HookKind, HookName, Hooks, RestClientConfig};
use wcs_hooks_dispatcher::{Declined, Dispatcher, HttpTransport, Session, ToClient};
use wcs_hooks_protocol::{Effect, Object};

use crate::{
    every_hook::handling_everything,
    support::{Act, Recorder, WireServer, app, context, everything_on, object, open},
};

const PUBLISHED: &str = include_str!("../data/payloads.json");
const INFERRED: &str = include_str!("../data/inferred.json");

#[derive(Deserialize)]
struct Entry {
    method: String,
    direction: String,
    body: Box<RawValue>,
    #[serde(default)]
    http: Map<String, Value>,
}

impl Entry {
    fn all(json: &str) -> Vec<Self> {
        serde_json::from_str(json).unwrap()
    }

    /// The hook, if it is one whose body is an object.
    fn hook(&self) -> Option<HookName> {
        self.method.parse().ok().filter(|_| self.body.get().starts_with('{'))
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.http.get(name)?.as_str()
    }

    /// The body without the blanks that the page has put into it; empty if there is none.
    fn compact(&self) -> String {
        let mut inside_string = false;
        let mut escaped = false;
        let is_kept = |&char: &char| {
            let is_quote = char == '"' && !escaped;
            escaped = char == '\\' && !escaped;
            inside_string ^= is_quote;
            inside_string || !char.is_ascii_whitespace()
        };
        let compact = self.body.get().chars().filter(is_kept).collect();
        if compact == "null" { String::new() } else { compact }
    }

    /// The answer as it stood on the wire, with the status line and headers that were published.
    fn answer(&self, body: &str) -> String {
        let status_line = self.header("status_line").unwrap_or("HTTP/1.1 200 OK");
        let content_type = self.header("Content-Type").unwrap_or("application/json");
        let head = format!("{status_line}\r\nContent-Type: {content_type}\r\n");
        if self.header("Transfer-Encoding").is_some() {
            let length = body.len();
            return format!("{head}Transfer-Encoding: chunked\r\n\r\n{length:x}\r\n{body}\r\n0\r\n\r\n");
        }
        format!("{head}Content-Length: {}\r\n\r\n{body}", body.len())
    }
}

/// The requests of both files that carry a hook.
fn requests() -> Vec<(HookName, Entry)> {
    let entries = [PUBLISHED, INFERRED].into_iter().flat_map(Entry::all);
    let requests = entries.filter(|entry| entry.direction == "request");
    requests.filter_map(|entry| Some((entry.hook()?, entry))).collect()
}

/// Sends a body as it is through both ends; gives what was sent, what was answered, and what WCS goes on with.
async fn through_both_ends(hook: HookName, body: &Object<'_>, hooks: Hooks) -> (String, String, String) {
    let context = HookContext::read(body);
    let key = if context.app_key.is_empty() { "defaultApp" } else { &context.app_key };
    let (app, recorder) = (app(key), Recorder::default());
    let service = recorder.listening_to(open(hooks.with_sdp().with_unhandled_hooks()));
    let dispatcher = Dispatcher::new(everything_on(key), service);
    let fields = match hook.kind() {
        HookKind::Connect => {
            let session = dispatcher.connect_raw(&app, context, body).await.unwrap();
            session.opening().fields().to_owned()
        }
        HookKind::Access => dispatcher.send_raw(&app, context, hook.as_str(), body).await.fields().to_owned(),
        _ => {
            let empty = Object::parse("{}").unwrap();
            let session = dispatcher.connect_raw(&app, context, &empty).await.unwrap();
            let verdict = session.send_raw(hook.as_str(), body).await;
            assert!(verdict.goes_on() && verdict.unreadable_fields().is_empty(), "{verdict:?}");
            verdict.fields().to_owned()
        }
    };
    let call = recorder.last();
    assert_eq!((&*call.hook, call.status), (hook.as_str(), 200));
    (call.sent, call.answer, fields)
}

/// The published object as WCS sends it: without nulls, and with a context.
fn as_sent(body: &str, sent: &Map<String, Value>) -> Map<String, Value> {
    let mut expected = object(body);
    expected.retain(|_, value| !value.is_null());
    for name in ["nodeId", "appKey", "sessionId"] {
        expected.entry(name).or_insert_with(|| sent[name].clone());
    }
    expected
}

#[tokio::test]
async fn every_body_is_echoed_byte_for_byte_with_and_without_a_handler() {
    let requests = requests();
    assert!(requests.len() > HookName::ALL.len(), "{}", requests.len());
    for (hook, entry) in requests {
        let body = Object::parse(entry.body.get()).unwrap();
        for hooks in [Hooks::new(AllowAll), handling_everything()] {
            let (sent, answer, fields) = through_both_ends(hook, &body, hooks).await;
            assert_eq!(object(&sent), as_sent(body.text(), &object(&sent)), "{hook}");
            let without_policy = answer.split(r#","restClientConfig":"#).next().unwrap();
            let echo = if hook == HookName::Connect { format!("{without_policy}}}") } else { answer };
            assert_eq!(echo, sent, "{hook}");
            assert_eq!(fields, sent, "{hook}");
        }
    }
}

/// A backend that gives `connect` one answer and everything else another.
async fn canned(opening: String, answer: String) -> (WireServer, Dispatcher) {
    let is_connect = |request: &str| request.split(' ').nth(1).is_some_and(|path| path.ends_with("/connect"));
    let answer = move |request: &str| Act::Say(if is_connect(request) { &opening } else { &answer }.clone());
    let server = WireServer::start(answer).await;
    (server, Dispatcher::new(everything_on("defaultApp"), HttpTransport::new().unwrap()))
}

async fn connect((server, dispatcher): &(WireServer, Dispatcher), body: &str) -> Result<Session, Declined> {
    let app = wcs_hooks_dispatcher::App::new("defaultApp", &server.url()).unwrap();
    dispatcher.connect_raw(&app, context(), &Object::parse(body).unwrap()).await
}

/// An answer to `connect` that makes WCS take `fields` of a hook, and mind its refusal.
fn strict(hook: &str, fields: &str) -> String {
    let body = format!(
        r#"{{"restClientConfig":{{"{hook}":{{"restOnError":"FAIL","restPolicy":"OVERWRITE","restOverwrite":"{fields}"}}}}}}"#
    );
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}")
}

fn answers() -> impl Iterator<Item = Entry> {
    Entry::all(PUBLISHED).into_iter().filter(|entry| entry.direction == "response")
}

/// A PHP backend writes `/` as `\/`, which says the same.
fn spellings(entry: &Entry) -> [String; 2] {
    let body = entry.compact();
    [body.replace('/', r"\/"), body]
}

/// What of a published answer to `connect` the session must have: everything but the context, the policies, nulls, and
/// the placeholder in the place of a port.
fn told_fields(answer: &str) -> Map<String, Value> {
    let mut told = object(answer);
    told.retain(|name, value| {
        !HookContext::has_field(name)
            && name != "restClientConfig"
            && !value.is_null()
            && value != "mySipPort"
    });
    told
}

#[tokio::test]
async fn published_answers_to_connect_open_sessions() {
    let mut opened = 0;
    for entry in answers().filter(|entry| entry.method == "connect") {
        for body in spellings(&entry) {
            let backend = canned(entry.answer(&body), String::new()).await;
            let session = connect(&backend, r#"{"login":"theirs","sipPort":5060}"#).await.unwrap();
            let fields = object(session.opening().fields());
            for (name, value) in told_fields(&body) {
                let meant = value.as_str().and_then(|text| text.parse::<i64>().ok());
                let expected = meant.filter(|_| name == "sipPort").map_or(value, Value::from);
                assert_eq!(fields[&name], expected, "{name} of {body}");
            }
            assert_eq!(session.context(), &context());
            let told = object(&body).get("restClientConfig").map(Value::to_string);
            let (policies, problems) = RestClientConfig::read_strictly(told.as_deref().unwrap_or("{}"));
            assert_eq!((session.policies(), problems.len()), (&policies, 0), "{body}");
            opened += 1;
        }
    }
    assert_eq!(opened, 2 * 6);
}

#[tokio::test]
async fn published_echoes_change_nothing() {
    let mut echoes = 0;
    for entry in answers() {
        let Some(hook) = entry.hook().filter(|hook| *hook != HookName::Connect) else { continue };
        let sent = entry.compact();
        if object(&sent).len() < 2 {
            continue;
        }
        let names: Vec<_> = object(&sent).keys().cloned().collect();
        for body in spellings(&entry) {
            let backend = canned(strict(hook.as_str(), &names.join(",")), entry.answer(&body)).await;
            let session = connect(&backend, "{}").await.unwrap();
            let verdict = session.send_raw(hook.as_str(), &Object::parse(&sent).unwrap()).await;
            let mut expected = object(&sent);
            expected.extend([
                ("nodeId".to_owned(), context().node_id.into()),
                ("appKey".to_owned(), context().app_key.into()),
                ("sessionId".to_owned(), context().session_id.into()),
            ]);
            assert_eq!(verdict.effect(), Effect::GoOn, "{hook}");
            assert_eq!(object(verdict.fields()), expected, "{hook}");
            echoes += 1;
        }
    }
    assert_eq!(echoes, 2 * 8);
}

/// The vendor's sample backend is made of static files.
#[tokio::test]
async fn static_answers_are_taken() {
    let mut taken = Vec::new();
    for entry in answers() {
        let Some(hook) = entry.hook().filter(|_| object(&entry.compact()).len() < 2) else { continue };
        if hook == HookName::Connect {
            continue;
        }
        let backend = canned(strict(hook.as_str(), "callee"), entry.answer(&entry.compact())).await;
        let session = connect(&backend, "{}").await.unwrap();
        let body = Object::parse(r#"{"callId":"c1","callee":"theirs"}"#).unwrap();
        let verdict = session.send_raw(hook.as_str(), &body).await;
        assert!(verdict.goes_on(), "{verdict:?}");
        taken.push((hook, object(verdict.fields())["callee"].as_str().unwrap().to_owned()));
    }
    let expected = [
        (HookName::PlaceCall, "your destination number"),
        (HookName::ConnectionStatus, "theirs"),
        (HookName::RegistrationStatus, "theirs"),
        (HookName::CallStatus, "theirs"),
    ];
    assert_eq!(taken, expected.map(|(hook, callee)| (hook, callee.to_owned())));
}

/// The 403 with the two-field body, and the `text/html` one with an empty body; and what the client gets, as published.
#[tokio::test]
async fn published_refusals_reach_the_client_as_published() {
    let messages: Vec<_> =
        answers().filter(|entry| entry.method == "ws:fail").map(|entry| entry.compact()).collect();
    let mut told = Vec::new();
    for refusal in answers().filter(|entry| entry.method == "*") {
        let answer = refusal.answer(&refusal.compact());
        let declined = connect(&canned(answer.clone(), String::new()).await, "{}").await.unwrap_err();
        let ToClient::Fail(fail) = declined.verdict().to_client() else { panic!("the client is told") };
        told.push(fail.message());

        let session = connect(&canned(strict("publishStream", "name"), answer).await, "{}").await.unwrap();
        let body = Object::parse(r#"{"mediaSessionId":"m1","name":"theirs"}"#).unwrap();
        let verdict = session.send_raw("publishStream", &body).await;
        assert_eq!(verdict.effect(), Effect::BreakOperation);
        let ToClient::Fail(of_stream) = verdict.to_client() else { panic!("the client is told") };
        assert_eq!((of_stream.info, of_stream.id.as_deref()), (fail.info, Some("m1")));
    }
    assert_eq!(told, messages);
    assert_eq!(told.len(), 2);
}
