//! The receivers that are compared, each on a port of its own.

use std::{
    pin::Pin,
    sync::atomic::{AtomicU64, Ordering},
};

use crate::requests::{numbered, stream_body};
use axum::{Json, Router, routing::post, serve::ListenerExt};
use bytes::Bytes;
use http::{Request, Response, header};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use serde_json::Value;
use tokio::net::TcpListener;
use tower::Service;
use wcs_hooks::{
    AllowAll, Backend, Callers, Context, EventResult, HookName, HookResult, Hooks, Listen, Observer, Report,
    Server, ServerSettings, SigningKey, StreamHandler, payloads::Stream,
};

/// Serves a hyper service with hyper's own HTTP/1 connection; gives the port.
macro_rules! listen {
    ($service:expr) => {{
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let service = $service;
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let _ = socket.set_nodelay(true);
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(socket), service.clone()));
            }
        });
        port
    }};
}

const EVENT: HookName = HookName::StreamStatus;
const INVOCATION: HookName = HookName::PublishStream;

/// A server that can be measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Receiver {
    /// For command lines.
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    /// The hook that it gets.
    pub(crate) hook: HookName,
    listen: fn() -> Listening,
}

/// Gives the port once it listens.
type Listening = Pin<Box<dyn Future<Output = u16>>>;

/// A new variant is one row; the first is what the others are compared with.
pub(crate) const RECEIVERS: [Receiver; 8] = [
    Receiver {
        id: "hyper",
        name: "bare hyper, constant reply",
        hook: EVENT,
        listen: || Box::pin(async { listen!(service_fn(constant)) }),
    },
    Receiver {
        id: "axum",
        name: "axum, Json<Value> echo",
        hook: EVENT,
        listen: || Box::pin(serve_axum(axum_echo())),
    },
    Receiver {
        id: "axum-changed",
        name: "axum, Json<Value>, one field changed",
        hook: INVOCATION,
        listen: || Box::pin(serve_axum(axum_renaming())),
    },
    Receiver {
        id: "unhandled",
        name: "ours, nothing handled",
        hook: EVENT,
        listen: || Box::pin(async { listen!(TowerToHyperService::new(plain())) }),
    },
    Receiver {
        id: "full",
        name: "ours, typed handler, signature, observer",
        hook: EVENT,
        listen: || Box::pin(async { listen!(TowerToHyperService::new(full())) }),
    },
    Receiver {
        id: "full-changed",
        name: "ours, the same, one field changed",
        hook: INVOCATION,
        listen: || Box::pin(async { listen!(TowerToHyperService::new(full())) }),
    },
    Receiver {
        id: "server",
        name: "ours, the same behind our own server",
        hook: EVENT,
        listen: || Box::pin(async { serve_ours() }),
    },
    Receiver {
        id: "router",
        name: "ours, the same behind axum's router",
        hook: EVENT,
        listen: || Box::pin(async { listen!(TowerToHyperService::new(full().into_router::<()>())) }),
    },
];

/// The receiver of an id.
pub(crate) fn receiver(id: &str) -> Result<Receiver, String> {
    let known = || RECEIVERS.map(|receiver| receiver.id).join(", ");
    let found = RECEIVERS.into_iter().find(|receiver| receiver.id == id);
    found.ok_or_else(|| format!("not one of {}", known()))
}

pub(crate) const KEY: &str = "1234567890";

/// Serves until the parent closes standard input; prints the ports.
pub(crate) async fn serve(receivers: &[Receiver]) {
    let mut ports = Vec::new();
    for receiver in receivers {
        ports.push((receiver.listen)().await.to_string());
    }
    println!("{}", ports.join(" "));
    let mut line = String::new();
    let _ = tokio::task::spawn_blocking(move || std::io::stdin().read_line(&mut line)).await;
}

async fn constant(request: Request<Incoming>) -> http::Result<Response<Full<Bytes>>> {
    let _ = request.into_body().collect().await;
    let reply = Response::builder().header(header::CONTENT_TYPE, "application/json");
    reply.body(Full::new(Bytes::from_static(b"{}")))
}

fn axum_echo() -> Router {
    Router::new().route("/app/{method}", post(async |Json(body): Json<Value>| Json(body)))
}

fn axum_renaming() -> Router {
    let renaming = async |Json(mut body): Json<Value>| {
        body["name"] = "renamed".into();
        Json(body)
    };
    Router::new().route(&format!("/app/{INVOCATION}"), post(renaming))
}

/// Serves as axum's own documentation does.
async fn serve_axum(router: Router) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let listener = listener.tap_io(|socket| drop(socket.set_nodelay(true)));
    tokio::spawn(async { axum::serve(listener, router).await });
    port
}

/// Serves by our own server, with its limits and times on.
fn serve_ours() -> u16 {
    let mut settings = ServerSettings::default();
    settings.listen = vec!["127.0.0.1:0".parse().expect("an address")];
    // All of them come from one address.
    settings.connections_per_address = settings.connections;
    let server = Server::new(full()).settings(settings).bind().expect("a port");
    let Listen::Tcp(address) = server.addresses()[0] else { unreachable!("it listens at a port") };
    tokio::spawn(server.run());
    address.port()
}

fn plain() -> Backend {
    Backend::builder(Hooks::new(AllowAll)).callers(Callers::anyone()).build().expect("a backend")
}

/// Everything on: a typed handler, the signature, and somebody who counts.
fn full() -> Backend {
    let hooks = Hooks::new(AllowAll).streams(Sink);
    let builder = Backend::builder(hooks).callers(Callers::signed([KEY])).observer(Meter::default());
    builder.build().expect("a backend")
}

/// Answers calls in process, without HTTP, so that it can be counted what a call costs; `idle` only makes them.
pub(crate) async fn answer_in_process(calls: u32, idle: bool) {
    let backend = full();
    let key = SigningKey::new(&KEY.into());
    for number in 0..calls as usize {
        let body = Bytes::from(numbered(&stream_body(false), number));
        let request = Request::post(format!("/app/{EVENT}"))
            .header(header::CONTENT_TYPE, "application/json;charset=UTF-8")
            .header(header::AUTHORIZATION, key.sign(&body))
            .body(Full::new(body))
            .expect("a request");
        if !idle {
            let reply = backend.clone().call(request).await.expect("an answer");
            assert_eq!(reply.status(), 200);
        }
    }
}

struct Sink;

impl StreamHandler for Sink {
    async fn publish_stream(&self, _: Context, mut stream: Stream) -> HookResult<Stream> {
        stream.name = "renamed".into();
        Ok(stream)
    }

    async fn stream_status(&self, _: Context, stream: Stream) -> EventResult {
        assert!(!stream.name.is_empty());
        Ok(())
    }
}

#[derive(Default)]
struct Meter {
    calls: AtomicU64,
    nanoseconds: AtomicU64,
}

impl Observer for Meter {
    fn answered(&self, report: &Report<'_>) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let nanoseconds = u64::try_from(report.elapsed.as_nanos()).unwrap_or(u64::MAX);
        self.nanoseconds.fetch_add(nanoseconds, Ordering::Relaxed);
    }
}
