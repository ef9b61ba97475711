//! The senders that are compared.

use std::{
    pin::Pin,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{Request, header};
use http_body_util::{BodyExt, Full};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use tokio::task::JoinSet;
use wcs_hooks::{hook, payloads::Connection};
use wcs_hooks_dispatcher::{App, Dispatcher, HookName, HttpTransport, Object, Settings};

use crate::requests::stream_body;

/// Sends a number of hooks, one after the other.
type Work = Box<dyn Fn(usize) -> Pin<Box<dyn Future<Output = ()> + Send>>>;

pub(crate) struct Sender {
    pub(crate) name: &'static str,
    work: Work,
}

/// The pooled client by itself; the dispatcher in many sessions, as WCS has them.
pub(crate) async fn all(port: u16) -> Vec<Sender> {
    let url = format!("http://127.0.0.1:{port}/app");
    vec![
        Sender { name: "hyper-util's pooled client", work: pooled_client(&url) },
        Sender { name: "dispatcher, policy, retry and timeout on", work: dispatcher(&url).await },
        Sender { name: "the same, given an object and not a payload", work: dispatcher_of_objects(&url) },
    ]
}

fn pooled_client(url: &str) -> Work {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new()).build(connector);
    let uri: http::Uri = format!("{url}/StreamStatusEvent").parse().expect("a URL");
    let body = Bytes::from(stream_body(false));
    Box::new(move |requests| {
        let (client, uri, body) = (client.clone(), uri.clone(), body.clone());
        Box::pin(async move {
            for _ in 0..requests {
                let request = Request::post(uri.clone())
                    .header(header::CONTENT_TYPE, "application/json;charset=UTF-8")
                    .body(Full::new(body.clone()))
                    .expect("a request");
                let reply = client.request(request).await.expect("an answer");
                reply.into_body().collect().await.expect("a body");
            }
        })
    })
}

async fn dispatcher(url: &str) -> Work {
    let transport = HttpTransport::new().expect("TLS");
    let dispatcher = Dispatcher::new(Settings::default(), transport);
    let app = App::new("defaultApp", url).expect("a URL");
    let opening = dispatcher.connect(&app, Connection::default()).await.expect("an open session");
    let connection = opening.connection().expect("a connection");
    let stream: wcs_hooks::payloads::Stream =
        wcs_hooks::Payload::from_json(stream_body(false).as_bytes()).expect("a stream");
    Box::new(move |requests| {
        let (dispatcher, app, stream, connection) =
            (dispatcher.clone(), app.clone(), stream.clone(), connection.clone());
        Box::pin(async move {
            let session = dispatcher.connect(&app, connection).await.expect("an open session");
            for _ in 0..requests {
                let verdict = session.send(hook::StreamStatus, stream.clone()).await;
                assert!(verdict.goes_on() && verdict.reply().is_some());
            }
        })
    })
}

fn dispatcher_of_objects(url: &str) -> Work {
    let dispatcher = Dispatcher::new(Settings::default(), HttpTransport::new().expect("TLS"));
    let app = App::new("defaultApp", url).expect("a URL");
    let body: Arc<str> = stream_body(false).into();
    Box::new(move |requests| {
        let (dispatcher, app, body) = (dispatcher.clone(), app.clone(), Arc::clone(&body));
        Box::pin(async move {
            let session = dispatcher.connect(&app, Connection::default()).await.expect("an open session");
            let object = Object::parse(&body).expect("an object");
            for _ in 0..requests {
                let verdict = session.send_raw(HookName::StreamStatus.as_str(), &object).await;
                assert!(verdict.goes_on() && verdict.reply().is_some());
            }
        })
    })
}

impl Sender {
    pub(crate) async fn run(&self, in_flight: usize, requests: usize) -> Duration {
        let started = Instant::now();
        let mut tasks = JoinSet::new();
        for _ in 0..in_flight {
            tasks.spawn((self.work)(requests / in_flight));
        }
        tasks.join_all().await;
        started.elapsed()
    }
}
