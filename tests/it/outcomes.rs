//! The table of `data/outcomes.json`: every kind of hook under every policy, with every outcome, over real sockets.

mod opening;

use std::{collections::BTreeMap, time::Duration};

use serde::Deserialize;
use serde_json::{Map, Value};
use tokio::net::TcpSocket;
use wcs_hooks::{HookContext, RestClientConfig, RestPolicy};
use wcs_hooks_dispatcher::{
    App, Declined, Dispatcher, HttpTransport, Options, PlayerRefusal, RetryRule, Session, Settings, ToClient,
    Verdict,
};
use wcs_hooks_protocol::{Effect, Object};

use crate::support::{Act, WireServer, context, everything_on, object};
use opening::Opening;

const TABLE: &str = include_str!("../data/outcomes.json");

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Table {
    #[serde(rename = "about")]
    _about: Vec<String>,
    outcomes: Vec<Outcome>,
    columns: Vec<Column>,
}

/// What a backend does.
#[derive(Deserialize, Clone)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Outcome {
    name: String,
    answer: Option<Answer>,
    fault: Option<String>,
    attempts: u32,
    attempts_if_sent_is_final: u32,
    #[serde(default)]
    info: String,
}

#[derive(Deserialize, Clone)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Answer {
    status: String,
    content_type: String,
    body: Option<String>,
    location: Option<String>,
}

/// A hook under a policy.
#[derive(Deserialize, Clone)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Column {
    kind: String,
    hook: String,
    rest_on_error: Option<String>,
    rest_policy: Option<String>,
    rest_overwrite: Option<String>,
    body: Map<String, Value>,
    takes: Vec<String>,
    delivered: bool,
    failing: Option<Failing>,
    cells: BTreeMap<String, Cell>,
}

#[derive(Deserialize, Clone, Copy, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Cell {
    #[serde(rename = "goes on")]
    GoesOn,
    Changed,
    Fails,
    #[serde(rename = "not asked")]
    NotAsked,
}

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
struct Failing {
    effect: String,
    client: Option<Told>,
    caller: Option<String>,
    player: Option<String>,
}

#[derive(Deserialize, Clone)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Told {
    api_method: String,
    id: Option<String>,
    info: Option<String>,
}

fn table() -> Table {
    serde_json::from_str(TABLE).unwrap()
}

impl Answer {
    fn bytes(&self, request: &str) -> String {
        let location = self.location.as_ref().map(|location| format!("Location: {location}\r\n"));
        let location = location.unwrap_or_default();
        let head = format!("HTTP/1.1 {}\r\nContent-Type: {}\r\n{location}", self.status, self.content_type);
        let Some(body) = &self.body else { return head + "\r\n" };
        let echo = request.split_once("\r\n\r\n").unwrap().1;
        let body = if body == "<echo>" { echo } else { body };
        format!("{head}Content-Length: {}\r\n\r\n{body}", body.len())
    }
}

impl Outcome {
    fn act(&self, request: &str) -> Act {
        if let Some(answer) = &self.answer {
            return Act::Say(answer.bytes(request));
        }
        match self.fault() {
            "silence" => Act::Silence,
            "reset" => Act::Reset,
            "close" => Act::SayAndClose(String::new()),
            "half a head" => Act::SayAndClose("HTTP/1.1 200 OK\r\nContent-Ty".to_owned()),
            "half a body" => {
                let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n";
                Act::SayAndClose(format!(r#"{head}{{"name":"#))
            }
            fault => panic!("no connection has the fault {fault:?}"),
        }
    }

    fn fault(&self) -> &str {
        self.fault.as_deref().unwrap_or_default()
    }

    async fn place(&self) -> Place {
        if self.fault() == "refused" {
            return Place::Refusing(closed_port());
        }
        let outcome = self.clone();
        Place::Serving(WireServer::start(move |request| outcome.act(request)).await)
    }

    fn url(&self, place: &Place) -> String {
        match place {
            // A label of 64 letters is one too long for DNS, so no name server has to be asked.
            _ if self.fault() == "unknown host" => format!("http://{}.invalid/apps/EchoApp", "x".repeat(64)),
            Place::Serving(server) => server.url(),
            Place::Refusing(socket) => format!("http://{}/apps/EchoApp", socket.local_addr().unwrap()),
        }
    }
}

/// Where the backend is.
enum Place {
    Serving(WireServer),
    Refusing(TcpSocket),
}

/// A port at which nothing listens, for as long as the socket is there.
fn closed_port() -> TcpSocket {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    socket
}

impl Column {
    /// The answer to `connect` that sets the policy.
    fn opening(&self) -> String {
        let keys = [
            ("restOnError", &self.rest_on_error),
            ("restPolicy", &self.rest_policy),
            ("restOverwrite", &self.rest_overwrite),
        ];
        let keys = keys.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value.clone()?.into())));
        let policy: Map<String, Value> = keys.collect();
        serde_json::json!({ "restClientConfig": { &*self.hook: policy } }).to_string()
    }

    fn has_policy(&self) -> bool {
        self.rest_policy.is_some()
    }

    fn shown(&self) -> String {
        format!("{} {:?} {:?}", self.hook, self.rest_on_error, self.rest_policy)
    }

    /// Plays it: what came of the hook.
    async fn play(&self, url: &str, settings: Settings, network: HttpTransport) -> Played {
        let transport = Opening::new(self.has_policy().then(|| self.opening()), network);
        let options = Options { node_id: context().node_id, ..Options::default() };
        let dispatcher = Dispatcher::with_options(settings, transport, options);
        let app = App::new("defaultApp", url).unwrap();
        let body = serde_json::to_string(&self.body).unwrap();
        let body = Object::parse(&body).unwrap();
        let empty = Object::parse("{}").unwrap();
        match &*self.kind {
            "connect" => match dispatcher.connect_raw(&app, context(), &body).await {
                Ok(session) => Played::Opened(session),
                Err(declined) => Played::Declined(declined),
            },
            "access" => Played::Called(dispatcher.send_raw(&app, context(), &self.hook, &body).await),
            _ => {
                let session = dispatcher.connect_raw(&app, context(), &empty).await.unwrap();
                Played::Called(session.send_raw(&self.hook, &body).await)
            }
        }
    }

    fn check(&self, outcome: &Outcome, verdict: &Verdict) {
        let shown = format!("{} after {}: {verdict:?}", self.shown(), outcome.name);
        let cell = self.cells[&outcome.name];
        assert_eq!(object(verdict.fields()), self.fields(cell), "{shown}");
        if cell == Cell::Fails {
            return self.failing.as_ref().unwrap().check(outcome, verdict, &shown);
        }
        assert_eq!(verdict.effect(), Effect::GoOn, "{shown}");
        assert_eq!((verdict.sip_answer(), verdict.player_refusal()), (None, None), "{shown}");
        match verdict.to_client() {
            ToClient::Delivered(fields) if self.delivered => {
                let mut expected = self.fields(cell);
                expected.retain(|name, _| !HookContext::has_field(name));
                assert_eq!(object(&fields), expected, "{shown}");
            }
            told => assert!(told == ToClient::Nothing && !self.delivered, "{shown}"),
        }
    }

    /// What WCS goes on with.
    fn fields(&self, cell: Cell) -> Map<String, Value> {
        let context = context();
        let mut fields = self.body.clone();
        for (name, value) in
            [("nodeId", context.node_id), ("appKey", context.app_key), ("sessionId", context.session_id)]
        {
            fields.insert(name.to_owned(), value.into());
        }
        for name in self.takes.iter().filter(|_| cell == Cell::Changed) {
            fields.insert(name.clone(), "changed".into());
        }
        fields
    }
}

/// What came of a hook.
enum Played {
    Opened(Session),
    Declined(Declined),
    Called(Verdict),
}

impl Played {
    fn verdict(&self) -> &Verdict {
        match self {
            Self::Opened(session) => session.opening(),
            Self::Declined(declined) => declined.verdict(),
            Self::Called(verdict) => verdict,
        }
    }
}

impl Failing {
    fn check(&self, outcome: &Outcome, verdict: &Verdict, shown: &str) {
        assert_eq!(format!("{:?}", verdict.effect()), self.effect, "{shown}");
        match (verdict.to_client(), &self.client) {
            (ToClient::Fail(fail), Some(told)) => {
                assert_eq!(fail.api_method.as_deref(), Some(&*told.api_method), "{shown}");
                assert_eq!(fail.id, told.id, "{shown}");
                assert_eq!(fail.info, *told.info.as_ref().unwrap_or(&outcome.info), "{shown}");
            }
            (told, expected) => assert!(told == ToClient::Nothing && expected.is_none(), "{shown}"),
        }
        let caller = verdict.sip_answer().map(|answer| format!("{} {}", answer.code, answer.reason));
        assert_eq!(caller, self.caller, "{shown}");
        let player = verdict.player_refusal().map(|refusal| match refusal {
            PlayerRefusal::Unauthorized => "401 Unauthorized".to_owned(),
            PlayerRefusal::ConnectionClosed => "connection closed".to_owned(),
        });
        assert_eq!(player, self.player, "{shown}");
    }
}

/// Plays one outcome for every column; gives how many cells there were.
async fn play(outcome: &Outcome, columns: &[Column], retry: RetryRule, network: &HttpTransport) -> usize {
    let attempts = if retry.after_sent { outcome.attempts } else { outcome.attempts_if_sent_is_final };
    let mut settings = Settings { retry, ..everything_on("defaultApp") };
    if outcome.fault() == "silence" {
        settings.request_timeout = Some(Duration::from_millis(20));
    }
    for column in columns {
        let place = outcome.place().await;
        let played = column.play(&outcome.url(&place), settings.clone(), network.clone()).await;
        let verdict = played.verdict();
        column.check(outcome, verdict);
        let asked = if column.cells[&outcome.name] == Cell::NotAsked { 0 } else { attempts };
        assert_eq!(verdict.attempts(), asked, "{} after {}", column.shown(), outcome.name);
        if let Place::Serving(server) = place {
            let came = server.requests().len();
            let shown = format!("{} after {}", column.shown(), outcome.name);
            match outcome.fault() {
                "unknown host" => assert_eq!(came, 0, "{shown}"),
                // The time may be over before the server has read the request.
                "silence" => assert!(came <= asked as usize, "{shown}"),
                _ => assert_eq!(came, asked as usize, "{shown}"),
            }
        }
    }
    columns.len()
}

async fn play_all(retry: RetryRule) {
    let (table, network) = (table(), HttpTransport::new().unwrap());
    let mut cells = 0;
    for outcome in &table.outcomes {
        cells += play(outcome, &table.columns, retry, &network).await;
    }
    assert_eq!(cells, table.outcomes.len() * table.columns.len());
}

#[tokio::test]
async fn every_cell_of_the_table() {
    play_all(RetryRule::default()).await;
}

#[tokio::test]
async fn every_cell_of_the_table_when_what_was_sent_is_not_sent_again() {
    play_all(RetryRule { after_sent: false, ..RetryRule::default() }).await;
}

/// The table has no hole: each column names each outcome, and each kind stands under each policy.
#[test]
fn the_table_is_whole() {
    let table = table();
    for column in &table.columns {
        let outcomes = table.outcomes.iter().filter(|outcome| column.cells.contains_key(&outcome.name));
        assert_eq!((outcomes.count(), column.cells.len()), (table.outcomes.len(), table.outcomes.len()));
        let fails = column.cells.values().any(|cell| *cell == Cell::Fails);
        assert_eq!(fails, column.failing.is_some(), "{}", column.shown());
        let (policies, problems) = RestClientConfig::read_strictly(&policies_of(column));
        let is_disabled = policies.policy_of(&column.hook).rest_policy == RestPolicy::Disable;
        assert_eq!(
            (problems.len(), is_disabled),
            (0, column.cells.values().all(|cell| *cell == Cell::NotAsked))
        );
    }
    for kind in ["invoke", "incoming", "event", "keep-alive"] {
        for on_error in ["LOG", "FAIL"] {
            for policy in ["NOTIFY", "OVERWRITE"] {
                let is_it = |column: &&Column| {
                    column.kind == kind
                        && column.rest_on_error.as_deref() == Some(on_error)
                        && column.rest_policy.as_deref() == Some(policy)
                };
                assert_eq!(table.columns.iter().filter(is_it).count(), 1, "{kind} {on_error} {policy}");
            }
        }
    }
}

fn policies_of(column: &Column) -> String {
    let opening: Value = serde_json::from_str(&column.opening()).unwrap();
    opening["restClientConfig"].to_string()
}
