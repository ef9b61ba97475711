//! A backend of this process.

use tokio::{net::TcpListener, runtime::Runtime};
use wcs_hooks::{
    Backend, Callers, ConnectHandler, Context, HookResult, Hooks, OrRefuse, StreamHandler,
    payloads::{Connection, Stream},
};

/// What the backend signs and checks with.
pub(crate) const SECRET: &str = "1234567890";

/// Wants `user-…` as a token, and `alias-…` as the name of a stream to play, which it takes the alias off.
struct Doorkeeper;

impl ConnectHandler for Doorkeeper {
    async fn connect(&self, _: Context, mut connection: Connection) -> HookResult<Connection> {
        let token = connection.custom_str("token").or_unauthorized("no token")?;
        connection.login = Some(token.strip_prefix("user-").or_forbidden("bad token")?.to_owned());
        Ok(connection)
    }
}

impl StreamHandler for Doorkeeper {
    async fn play_stream(&self, _: Context, mut stream: Stream) -> HookResult<Stream> {
        stream.name = stream.name.strip_prefix("alias-").or_forbidden("no such stream")?.to_owned();
        Ok(stream)
    }
}

/// A server that ends with this value.
pub(crate) struct Served {
    /// Its base URL.
    pub(crate) url: String,
    _runtime: Runtime,
}

/// Serves any router on a free port.
pub(crate) fn serve(router: axum::Router) -> Served {
    let runtime = Runtime::new().expect("a runtime");
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    runtime.spawn(async { axum::serve(listener, router).await });
    Served { url, _runtime: runtime }
}

/// The backend, for signed calls or any.
pub(crate) fn doorkeeper(callers: Callers) -> Served {
    let hooks = Hooks::new(Doorkeeper).streams(Doorkeeper);
    serve(Backend::builder(hooks).callers(callers).build().expect("a backend").into_router())
}
