//! Our framework as a server, with its connections counted.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use wcs_hooks::{
    Backend, Callers, ConnectHandler, Context, HookResult, Hooks, OrRefuse, hook,
    payloads::{Connection, Stream},
};
use wcs_hooks_dispatcher::App;

pub(crate) const KEY: &str = "1234567890";
pub(crate) const USER: &str = "rest_user";
pub(crate) const PASSWORD: &str = "rest_password";

/// Wants a token.
struct Door;

impl ConnectHandler for Door {
    async fn connect(&self, _: Context, mut connection: Connection) -> HookResult<Connection> {
        let token = connection.custom_str("token").or_unauthorized("no token")?;
        connection.login = Some(token.strip_prefix("user-").or_forbidden("Wrong credentials")?.to_owned());
        Ok(connection)
    }
}

/// Lets in who has a token, and gives streams their real names.
fn backend() -> Backend {
    let hooks = Hooks::new(Door).on(hook::PublishStream, async |_, mut stream: Stream| {
        stream.name = stream.name.strip_prefix("alias-").or_forbidden("no such stream")?.to_owned();
        Ok(stream)
    });
    let callers = Callers::signed([KEY]).or_basic(USER, PASSWORD);
    Backend::builder(hooks).callers(callers).build().unwrap()
}

/// A running server; it stops when it is dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    connections: Arc<AtomicUsize>,
    serving: JoinHandle<()>,
}

impl Server {
    /// The backend of this file, which wants a token and a caller that proves itself.
    pub(crate) async fn start() -> Self {
        Self::of(backend()).await
    }

    pub(crate) async fn of(backend: Backend) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::<AtomicUsize>::default();
        let counting = Counting { listener, connections: Arc::clone(&connections) };
        let app: axum::Router = backend.into_router();
        let serving = tokio::spawn(async move { axum::serve(counting, app).await.unwrap() });
        Self { address, connections, serving }
    }

    pub(crate) fn app(&self) -> App {
        App::new("defaultApp", &format!("http://{}/apps/EchoApp", self.address)).unwrap()
    }

    /// How many connections have been accepted.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

struct Counting {
    listener: TcpListener,
    connections: Arc<AtomicUsize>,
}

impl axum::serve::Listener for Counting {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        let accepted = axum::serve::Listener::accept(&mut self.listener).await;
        self.connections.fetch_add(1, Ordering::SeqCst);
        accepted
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}
