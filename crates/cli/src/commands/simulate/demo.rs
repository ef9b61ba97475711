//! A backend that shows what hooks do.

use std::error::Error;

use serde_json::json;
use tokio::{net::TcpListener, task::JoinHandle};
use wcs_hooks::{
    Backend, Callers, ConnectHandler, Context, DataHandler, HookResult, Hooks, OrRefuse, Refusal,
    StreamHandler, Unhandled, hook,
    payloads::{Connection, Data, Stream},
};
use wcs_hooks_dispatcher::App;
use wcs_hooks_rest_client::{Node, RestClient};

/// The app of clients that name none.
pub(super) const APP: &str = "defaultApp";
/// Longer messages are refused, in bytes.
const LONGEST_MESSAGE: usize = 200;

/// The backend, on a port of its own. Ends when it is dropped.
pub(super) struct Demo {
    url: String,
    serving: JoinHandle<()>,
}

impl Demo {
    /// Starts it; it answers messages by the REST API at this URL.
    ///
    /// # Errors
    /// If there is no free port.
    pub(super) async fn start(rest_url: &str) -> Result<Self, Box<dyn Error>> {
        let node = RestClient::builder().build()?.node_at(rest_url)?;
        let hooks = Hooks::new(Doorkeeper)
            .streams(Aliases)
            .data(Answers { node })
            .hiding(hook::StreamStatus, ["name"])
            // So that they can be seen.
            .with_unhandled_hooks()
            .unhandled(Unhandled::Echo);
        let backend = Backend::builder(hooks).callers(Callers::anyone()).build()?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let serving = tokio::spawn(async move { drop(axum::serve(listener, backend.into_router()).await) });
        Ok(Self { url, serving })
    }

    /// As the gateway knows it.
    ///
    /// # Errors
    /// None: its URL can be used.
    pub(super) fn app(&self) -> Result<App, Box<dyn Error>> {
        Ok(App::new(APP, &self.url)?.with_name("demo"))
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// Wants a token that begins with `user-`.
struct Doorkeeper;

impl ConnectHandler for Doorkeeper {
    async fn connect(&self, _: Context, mut connection: Connection) -> HookResult<Connection> {
        let token = connection.custom_str("token").or_unauthorized("no token")?;
        let login = token.strip_prefix("user-").or_forbidden("bad token")?.to_owned();
        connection.login = Some(login);
        Ok(connection)
    }
}

/// Lets everything be published, and played by an alias only, so that viewers never learn the real name.
struct Aliases;

impl StreamHandler for Aliases {
    async fn play_stream(&self, _: Context, mut stream: Stream) -> HookResult<Stream> {
        stream.name = stream.name.strip_prefix("alias-").or_forbidden("no such stream")?.to_owned();
        Ok(stream)
    }
}

/// Answers every message by the REST API: custom signaling.
struct Answers {
    node: Node,
}

impl DataHandler for Answers {
    async fn incoming_data(&self, context: Context, data: Data) -> HookResult<Data> {
        let text = data.payload["text"].as_str().or_forbidden("a message needs a text")?;
        if text.len() > LONGEST_MESSAGE {
            return Err(Refusal::forbidden("the message is too long"));
        }
        let answer = json!({ "from": "backend", "text": format!("you said: {text}") });
        self.node.send_data(&context.session_id, &data.operation_id, &answer).await?;
        Ok(data)
    }
}
