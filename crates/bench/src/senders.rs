//! The senders that are compared. The dispatcher joins when it is there.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, header};
use http_body_util::{BodyExt, Full};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use tokio::task::JoinSet;

use crate::load;

pub(crate) struct Sender {
    pub(crate) name: &'static str,
    client: Client<HttpConnector, Full<Bytes>>,
    port: u16,
}

pub(crate) fn all(port: u16) -> Vec<Sender> {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client = Client::builder(TokioExecutor::new()).build(connector);
    vec![Sender {
        name: "hyper-util's pooled client",
        client,
        port,
    }]
}

impl Sender {
    pub(crate) async fn run(&self, in_flight: usize, requests: usize) -> Duration {
        let started = Instant::now();
        let mut tasks = JoinSet::new();
        for _ in 0..in_flight {
            let client = self.client.clone();
            let body = Bytes::from(load::body(false));
            let uri: http::Uri = format!("http://127.0.0.1:{}/app/StreamStatusEvent", self.port)
                .parse()
                .expect("a URL");
            tasks.spawn(async move {
                for _ in 0..requests / in_flight {
                    let request = Request::post(uri.clone())
                        .header(header::CONTENT_TYPE, "application/json;charset=UTF-8")
                        .body(Full::new(body.clone()))
                        .expect("a request");
                    let reply = client.request(request).await.expect("an answer");
                    reply.into_body().collect().await.expect("a body");
                }
            });
        }
        tasks.join_all().await;
        started.elapsed()
    }
}
