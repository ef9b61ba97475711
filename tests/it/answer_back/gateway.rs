//! Browsers, the simulator, a backend, and the backend's client of the REST API: all round once.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};
use wcs_hooks::{AllowAll, Hooks, Secret, registry::Registry, status::StreamStatus};
use wcs_hooks_rest_client::{
    CallStartup, ConnectionFilter, Delivery, ErrorKind, Node, Outcome, RecordingConfig, RestClient,
    StreamFilter,
};
use wcs_hooks_simulator::{
    Gateway,
    dispatcher::{App, Settings},
};

use super::Chat;
use crate::support::open;

const NODE_ID: &str = "Hw47CFMBEchVOpBMDr29IxjudnJ1sjOY@10.0.0.1";
const PASSWORD: &str = "pass:word";

/// A gateway, and the backend's client of it.
struct World {
    url: String,
    wcs: RestClient,
}

impl World {
    async fn start() -> Self {
        let (browsers, commands) = (listener().await, listener().await);
        let rest_url = format!("http://{}", commands.local_addr().unwrap());
        let wcs =
            RestClient::builder().credentials("admin", PASSWORD).node("10.0.0.1", rest_url).build().unwrap();
        let registry = Registry::new();
        let chat = Chat { wcs: wcs.clone(), registry: registry.clone() };
        let backend = open(Hooks::new(AllowAll).registry(&registry).data(chat));
        let gateway = Gateway::builder(Settings::default())
            .app(App::new("defaultApp", "http://backend").unwrap())
            .node_id(NODE_ID)
            .transport(backend)
            .build()
            .unwrap();
        let url = format!("ws://{}", browsers.local_addr().unwrap());
        let rest = gateway.rest_api().credentials("admin", &Secret::from(PASSWORD)).into_router();
        tokio::spawn(async move { axum::serve(commands, rest).await });
        tokio::spawn(async move { gateway.serve(browsers).await });
        Self { url, wcs }
    }

    fn node(&self) -> Node {
        self.wcs.node(NODE_ID).unwrap()
    }
}

async fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

struct Browser(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Browser {
    async fn connect(world: &World) -> Self {
        Self::connect_with(world, json!({"appKey": "defaultApp"})).await
    }

    async fn connect_with(world: &World, connection: Value) -> Self {
        let (socket, _) = connect_async(&world.url).await.unwrap();
        let mut browser = Self(socket);
        browser.send("connection", connection).await;
        browser.told("getUserData").await;
        browser
    }

    async fn send(&mut self, message: &str, argument: Value) {
        let frame = json!({"message": message, "data": [argument]}).to_string();
        self.0.send(Message::Text(frame.into())).await.unwrap();
    }

    /// The next frame's name and argument; `None` once the gateway has closed.
    async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Text(text))) => {
                    let mut frame: Value = serde_json::from_str(&text).unwrap();
                    return Some((frame["message"].as_str().unwrap().to_owned(), frame["data"][0].take()));
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }

    /// Waits for a frame of this name.
    async fn told(&mut self, message: &str) -> Value {
        loop {
            let (name, argument) = self.next().await.unwrap_or_else(|| panic!("closed before {message}"));
            if name == message {
                return argument;
            }
        }
    }

    async fn publish(&mut self, name: &str) {
        self.send("publishStream", json!({"mediaSessionId": format!("m-{name}"), "name": name})).await;
        assert_eq!(self.told("notifyStreamStatusEvent").await["status"], "PUBLISHING");
    }
}

#[tokio::test]
async fn what_a_browser_says_reaches_every_browser_by_the_backend() {
    let world = World::start().await;
    let mut browsers = Vec::new();
    for _ in 0..3 {
        browsers.push(Browser::connect(&world).await);
    }
    browsers[1].send("sendData", json!({"operationId": "op-1", "payload": {"text": "hello"}})).await;
    assert_eq!(browsers[1].told("DataStatusEvent").await["status"], "ACCEPTED");
    for browser in &mut browsers {
        let data = browser.told("OnDataEvent").await;
        assert_eq!(data, json!({"operationId": "op-1", "payload": {"text": "hello"}}));
    }
    assert_eq!(browsers[1].told("OnDataEvent").await, json!({"operationId": "receipt", "payload": 3}));
}

#[tokio::test]
async fn streams_are_found_pictured_recorded_and_ended() {
    let world = World::start().await;
    let (node, mut browser) = (world.node(), Browser::connect(&world).await);
    let streams = node.streams();
    assert_eq!(streams.all().await.unwrap(), []);
    browser.publish("a").await;
    browser.publish("b").await;

    let publisher = StreamFilter::named("a").and(StreamFilter::published(true));
    let [found] = &streams.find(&publisher).await.unwrap()[..] else { panic!("not found once") };
    assert_eq!((&*found.name, &found.status), ("a", &Some(StreamStatus::Publishing)));
    assert_eq!((&*found.context.node_id, &*found.context.app_key), (NODE_ID, "defaultApp"));
    assert_eq!(streams.all().await.unwrap().len(), 2);
    assert!(streams.snapshot("a").await.unwrap().is_some_and(|picture| picture.starts_with(b"\x89PNG")));
    assert_eq!(streams.snapshot("nobody").await.unwrap(), None);

    let recordings = node.recordings();
    assert_eq!(recordings.start("m-a", &RecordingConfig::default()).await.unwrap(), Outcome::Done);
    assert_eq!(recordings.all().await.unwrap()[0].media_session_id, "m-a");
    assert_eq!(recordings.stop("m-a").await.unwrap(), Outcome::Done);
    assert_eq!(recordings.stop("m-a").await.unwrap(), Outcome::NotFound);

    assert_eq!(streams.terminate(&publisher).await.unwrap(), Outcome::Done);
    assert_eq!(browser.told("notifyStreamStatusEvent").await["name"], "a");
    assert_eq!(streams.terminate(&publisher).await.unwrap(), Outcome::NotFound);
    assert_eq!(streams.terminate_every_stream_of_the_server().await.unwrap(), Outcome::Done);
    assert_eq!(browser.told("notifyStreamStatusEvent").await["name"], "b");
    assert_eq!(streams.all().await.unwrap(), []);
}

#[tokio::test]
async fn sessions_are_found_reached_and_disconnected() {
    let world = World::start().await;
    let (node, mut browser) = (world.node(), Browser::connect(&world).await);
    let connections = node.connections();
    let [found] = &connections.find(&ConnectionFilter::app("defaultApp")).await.unwrap()[..] else {
        panic!("not found once")
    };
    assert_eq!(connections.find(&ConnectionFilter::app("other")).await.unwrap(), []);
    let session = world.wcs.session(&found.context).unwrap();
    assert_eq!(session.send_data("op", &7).await.unwrap(), Delivery::Delivered);
    assert_eq!(browser.told("OnDataEvent").await, json!({"operationId": "op", "payload": 7}));
    assert_eq!(connections.set_log_level(session.id(), "DEBUG").await.unwrap(), Outcome::Done);

    assert_eq!(session.terminate().await.unwrap(), Outcome::Done);
    while browser.next().await.is_some() {}
    assert_eq!(session.send_data("op", &7).await.unwrap(), Delivery::NoSuchSession);
    assert_eq!(session.terminate().await.unwrap(), Outcome::NotFound);
    let report = world.wcs.send_to_all([&found.context], "op", &7).await;
    assert_eq!((report.delivered, report.gone.len(), report.failures.len()), (0, 1, 0));
}

#[tokio::test]
async fn a_browser_is_called_by_the_backend() {
    let world = World::start().await;
    let node = world.node();
    let calls = node.calls();
    assert_eq!(calls.all().await.unwrap(), []);
    let mut phone =
        Browser::connect_with(&world, json!({"sipLogin": "3000", "sipRegisterRequired": true})).await;
    phone.told("registered").await;
    let call = CallStartup {
        call_id: "call-1".into(),
        callee: "3000".into(),
        has_audio: Some(true),
        has_video: Some(false),
        sip_login: Some("10009".into()),
        sip_password: Some("S3CR3T".into()),
        ..CallStartup::default()
    };
    calls.start(&call).await.unwrap();
    let incoming = phone.told("notifyIncomingCall").await;
    assert_eq!((&incoming["caller"], &incoming["hasVideo"]), (&json!("10009"), &json!(false)));
    let error = calls.start(&call).await.unwrap_err();
    assert_eq!(error.status(), Some(409));

    let [found] = &calls.find("call-1").await.unwrap()[..] else { panic!("not found once") };
    assert_eq!((&*found.caller, &*found.callee), ("10009", "3000"));
    assert_eq!(calls.terminate("call-1").await.unwrap(), Outcome::Done);
    phone.told("finish").await;
    assert_eq!(calls.terminate("call-1").await.unwrap(), Outcome::NotFound);
}

#[tokio::test]
async fn what_the_gateway_does_not_hold_and_who_may_not_ask_are_errors() {
    let world = World::start().await;
    let node = world.node();
    let error = node.mixers().start("mixer://m", "m").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Status(501));

    let stranger = RestClient::builder().credentials("admin", "WRONG").build().unwrap();
    let error = stranger.node_at(node.url()).unwrap().streams().all().await.unwrap_err();
    assert_eq!(error.status(), Some(401));
    assert!(!format!("{error} {error:?}").contains("WRONG"));
}
