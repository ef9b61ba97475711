//! A backend of the framework on a socket, with something wrong in it.

use std::{
    collections::BTreeSet,
    mem,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    response::Response,
};
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, Version, header::CONTENT_LENGTH};
use http_body_util::{BodyExt, Full};
use hyper::ext::ReasonPhrase;
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tower::ServiceExt;
use wcs_hooks::{
    Backend, Callers, ConnectHandler, Context, EventResult, HookResult, Hooks, KeepAlive, KeepAliveResult,
    OrRefuse, StreamHandler,
    payloads::{Connection, Stream},
};

pub(super) const SECRET: &str = "1234567890";

/// Who is let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Door {
    Signed,
    Basic,
    Anyone,
}

/// What is wrong.
#[derive(Clone, Copy)]
pub(super) struct Fault {
    pub(super) name: &'static str,
    pub(super) door: Door,
    /// What is answered instead, if anything.
    pub(super) instead: fn(&mut Ask) -> Option<(u16, &'static str)>,
    /// What becomes of the right answer.
    pub(super) change: fn(&Ask, &mut Reply),
    /// What finds it, in order: `id level`.
    pub(super) found: &'static [&'static str],
}

pub(super) const NO_FAULT: Fault =
    Fault { name: "none", door: Door::Signed, instead: |_| None, change: |_, _| (), found: &[] };

/// A request.
pub(super) struct Ask {
    pub(super) method: Method,
    pub(super) path: String,
    /// The last segment of the path.
    pub(super) hook: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// How many came before it.
    pub(super) number: usize,
    /// Whether the same body came before.
    pub(super) came_before: bool,
    /// Whether a body did not come whole before.
    pub(super) after_cut_off: bool,
}

impl Ask {
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// An answer.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    /// `None` is the status's own.
    pub(super) reason: Option<&'static str>,
    pub(super) body: String,
    /// As HTTP/1.0 did it.
    pub(super) ends_with_connection: bool,
}

struct Doorkeeper;

impl ConnectHandler for Doorkeeper {
    async fn connect(&self, _: Context, connection: Connection) -> HookResult<Connection> {
        let token = connection.custom_str("token").or_unauthorized("no token")?;
        (token == "good").then_some(connection).or_forbidden("bad token")
    }
}

impl StreamHandler for Doorkeeper {
    async fn publish_stream(&self, _: Context, stream: Stream) -> HookResult<Stream> {
        Ok(stream)
    }

    async fn play_stream(&self, _: Context, stream: Stream) -> HookResult<Stream> {
        Ok(stream)
    }

    async fn stream_status(&self, _: Context, _: Stream) -> EventResult {
        Ok(())
    }

    async fn stream_keep_alive(&self, _: Context, _: Stream) -> KeepAliveResult {
        Ok(KeepAlive::Continue)
    }
}

struct Server {
    backend: Backend,
    fault: Fault,
    count: AtomicUsize,
    bodies: Mutex<BTreeSet<Bytes>>,
    was_cut_off: AtomicBool,
}

/// Serves it on a port of its own; gives the URL.
pub(super) async fn serve(door: Door, fault: Fault) -> String {
    let callers = match door {
        Door::Signed => Callers::signed([SECRET]),
        Door::Basic => Callers::basic("user", "password"),
        Door::Anyone => Callers::anyone(),
    };
    let hooks = Hooks::new(Doorkeeper).streams(Doorkeeper);
    let backend = Backend::builder(hooks).callers(callers).build().unwrap();
    let (count, bodies, was_cut_off) = Default::default();
    let server = Arc::new(Server { backend, fault, count, bodies, was_cut_off });
    let router = Router::new().fallback(answer).with_state(server);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/apps/EchoApp", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    url
}

/// Stands before a backend, and falls over what does not look like HTTP, with all connections. Gives its own URL.
pub(super) async fn fragile(backend: &str) -> String {
    let address = backend.strip_prefix("http://").unwrap().split('/').next().unwrap().to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = backend.replace(&address, &listener.local_addr().unwrap().to_string());
    tokio::spawn(async move {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                Ok((stream, _)) = listener.accept() => drop(connections.spawn(pass(stream, address.clone()))),
                Some(Ok(false)) = connections.join_next() => break,
            }
        }
    });
    url
}

/// Passes on what looks like HTTP; says whether it did.
async fn pass(mut stream: TcpStream, address: String) -> bool {
    let mut first = [0];
    let looks_well = matches!(stream.peek(&mut first).await, Ok(0)) || first[0].is_ascii_uppercase();
    if looks_well && let Ok(mut backend) = TcpStream::connect(address).await {
        // How a connection ends is no matter.
        let _ = tokio::io::copy_bidirectional(&mut stream, &mut backend).await;
    }
    looks_well
}

async fn answer(State(server): State<Arc<Server>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let cut_off = CutOff(&server.was_cut_off);
    let Ok(body) = body.collect().await else { return Response::new(Body::empty()) };
    mem::forget(cut_off);
    let path = head.uri.path().to_owned();
    let body = body.to_bytes();
    let mut ask = Ask {
        hook: path.rsplit('/').next().unwrap_or_default().to_owned(),
        method: head.method,
        path,
        headers: head.headers,
        number: server.count.fetch_add(1, Ordering::SeqCst),
        came_before: !server.bodies.lock().unwrap().insert(body.clone()),
        after_cut_off: server.was_cut_off.load(Ordering::SeqCst),
        body,
    };
    let mut reply = match (server.fault.instead)(&mut ask) {
        Some((status, body)) => instead(status, body),
        None => right(&server.backend, &ask).await,
    };
    (server.fault.change)(&ask, &mut reply);
    reply.into_response()
}

/// Dropped if a body does not come whole.
struct CutOff<'s>(&'s AtomicBool);

impl Drop for CutOff<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

fn instead(status: u16, body: &str) -> Reply {
    let mut headers = HeaderMap::new();
    headers.insert("content-type", "application/json".parse().unwrap());
    Reply { status, headers, reason: None, body: body.to_owned(), ends_with_connection: false }
}

async fn right(backend: &Backend, ask: &Ask) -> Reply {
    let mut request = http::Request::new(Full::new(ask.body.clone()));
    *request.method_mut() = ask.method.clone();
    *request.uri_mut() = ask.path.parse().unwrap();
    *request.headers_mut() = ask.headers.clone();
    let (head, body) = backend.clone().oneshot(request).await.unwrap().into_parts();
    let body = String::from_utf8(body.collect().await.unwrap().to_bytes().into()).unwrap();
    let reason = head.extensions.get::<ReasonPhrase>();
    let reason = reason.map(|reason| String::from_utf8(reason.as_bytes().to_vec()).unwrap());
    Reply {
        status: head.status.as_u16(),
        headers: head.headers,
        reason: reason.map(|reason| &*reason.leak()),
        body,
        ends_with_connection: false,
    }
}

impl Reply {
    fn into_response(mut self) -> Response {
        self.headers.remove(CONTENT_LENGTH);
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap();
        *response.headers_mut() = self.headers;
        if self.ends_with_connection {
            let body = std::mem::take(response.body_mut());
            *response.body_mut() = Body::from_stream(body.into_data_stream());
            *response.version_mut() = Version::HTTP_10;
        }
        if let Some(reason) = self.reason {
            response.extensions_mut().insert(ReasonPhrase::from_static(reason.as_bytes()));
        }
        response
    }
}
