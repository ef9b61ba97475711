//! The REST client against the gateway: what a backend asks of a WCS, over a socket.

use std::{convert::Infallible, net::SocketAddr};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use serde_json::json;
use tokio::task::JoinSet;
use wcs_hooks_dispatcher::{App, Secret, Settings};
use wcs_hooks_protocol::status::DtmfType;
use wcs_hooks_rest_client::{
    CallStartup, ConnectionFilter, Delivery, Node, Outcome, RecordingConfig, RestClient, StreamFilter,
};
use wcs_hooks_simulator::Gateway;

use super::{client::Client, listen, serve};

/// A gateway whose backend accepts everything, and a client of its REST API.
struct World {
    gateway: SocketAddr,
    node: Node,
    _serving: JoinSet<()>,
}

impl World {
    async fn start() -> Self {
        let echo = tower::service_fn(async |request: Request<Full<Bytes>>| {
            let response = Response::builder().header("content-type", "application/json");
            Ok::<_, Infallible>(response.body(request.into_body()).unwrap())
        });
        let app = App::new("roomApp", "http://backend").unwrap();
        let gateway = Gateway::builder(Settings::default()).app(app).transport(echo).build().unwrap();
        let (sockets, rest) = (listen().await, listen().await);
        let url = format!("http://{}", rest.local_addr().unwrap());
        let address = sockets.local_addr().unwrap();
        let password = Secret::from("hush");
        let mut serving = JoinSet::new();
        let api = gateway.rest_api().credentials("wcs", &password).into_router();
        serving.spawn(serve(rest, api));
        serving.spawn(serve(sockets, gateway.router()));
        let client = RestClient::builder().credentials("wcs", password).node(gateway.node_id(), url);
        let node = client.build().unwrap().node(&gateway.node_id()).unwrap();
        Self { gateway: address, node, _serving: serving }
    }
}

#[tokio::test]
async fn streams() {
    let world = World::start().await;
    let streams = world.node.streams();
    assert!(streams.all().await.unwrap().is_empty());
    let mut publisher = Client::connect(world.gateway, "anna").await.unwrap();
    publisher.stream("publishStream", "1", "b4e7").await;
    publisher.status("1").await;
    let found = streams.find(&StreamFilter::named("b4e7")).await.unwrap();
    assert_eq!((found.len(), &*found[0].media_session_id, &*found[0].context.app_key), (1, "1", "roomApp"));
    let picture = streams.snapshot("b4e7").await.unwrap().unwrap();
    assert!(picture.starts_with(b"\x89PNG"));
    assert_eq!(streams.snapshot("b4e8").await.unwrap(), None);
    let recordings = world.node.recordings();
    assert_eq!(recordings.start("1", &RecordingConfig::default()).await.unwrap(), Outcome::Done);
    assert_eq!(recordings.all().await.unwrap()[0].media_session_id, "1");
    assert_eq!(recordings.stop("1").await.unwrap(), Outcome::Done);
    assert_eq!(streams.terminate(&StreamFilter::named("b4e7")).await.unwrap(), Outcome::Done);
    assert_eq!(publisher.status("1").await, ("FAILED".to_owned(), "Stopped by rest /terminate".to_owned()));
    assert_eq!(streams.terminate(&StreamFilter::named("b4e7")).await.unwrap(), Outcome::NotFound);
}

#[tokio::test]
async fn sessions() {
    let world = World::start().await;
    let mut client = Client::connect(world.gateway, "anna").await.unwrap();
    let found = world.node.connections().all().await.unwrap();
    let session = &found[0].context.session_id;
    assert_eq!(world.node.send_data(session, "7", &json!({ "n": 1 })).await.unwrap(), Delivery::Delivered);
    assert_eq!(client.data().await, json!({ "operationId": "7", "payload": { "n": 1 } }));
    assert_eq!(world.node.send_data("gone", "7", &()).await.unwrap(), Delivery::NoSuchSession);
    let found = world.node.connections().find(&ConnectionFilter::session(session.as_str())).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(world.node.connections().terminate(session).await.unwrap(), Outcome::Done);
}

#[tokio::test]
async fn calls() {
    let world = World::start().await;
    let mut callee = Client::phone(world.gateway, "10000").await;
    let calls = world.node.calls();
    let call = CallStartup {
        call_id: "1".into(),
        callee: "10000".into(),
        app_key: Some("roomApp".into()),
        sip_login: Some("10009".into()),
        sip_password: Some(Secret::from("1234")),
        ..CallStartup::default()
    };
    calls.start(&call).await.unwrap();
    let incoming = callee.incoming_call().await;
    assert_eq!(incoming["caller"], "10009");
    let found = calls.find("1").await.unwrap();
    assert_eq!((found.len(), &*found[0].callee), (1, "10000"));
    assert_eq!(calls.all().await.unwrap().len(), 2);
    assert_eq!(calls.send_dtmf("1", "7", &DtmfType::Info).await.unwrap(), Outcome::Done);
    assert!(calls.start(&call).await.unwrap_err().to_string().contains("409"));
    assert_eq!(calls.terminate("1").await.unwrap(), Outcome::Done);
    assert_eq!(calls.terminate("2").await.unwrap(), Outcome::NotFound);
}
