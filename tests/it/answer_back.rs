//! A handler that asks WCS back: a chat over several servers, with the registry for its members.

mod gateway;

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use axum::{Json, Router, routing::post};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use wcs_hooks::{
    AllowAll, Context, DataHandler, HookContext, HookResult, Hooks, hook,
    payloads::{Connection, Data},
    registry::{Query, Registry, Session},
};
use wcs_hooks_dispatcher::Dispatcher;
use wcs_hooks_rest_client::{Recipient, RestClient};

use crate::support::{app, everything_on, open};

const NODES: usize = 3;
const SESSIONS: usize = 1_000;

struct Chat {
    wcs: RestClient,
    registry: Registry,
}

fn recipient(Session { id, .. }: Session) -> Recipient {
    Recipient { node_id: id.node_id, session_id: id.session_id }
}

impl DataHandler for Chat {
    async fn incoming_data(&self, ctx: Context, data: Data) -> HookResult<Data> {
        let members = self.registry.sessions(&Query::new().app(&ctx.app_key)).await?;
        let report =
            self.wcs.send_to_all(members.into_iter().map(recipient), &data.operation_id, &data.payload).await;
        assert!(report.failures.is_empty() && report.gone.is_empty(), "{report:?}");
        self.wcs.session(&ctx)?.send_data("receipt", &report.delivered).await?;
        Ok(data)
    }
}

/// What was sent by `data/send`, of all servers.
type Sent = Arc<Mutex<Vec<Value>>>;

/// The REST API of a server; gives its URL.
async fn rest_api(sent: &Sent) -> String {
    let sent = sent.clone();
    let endpoint = post(move |Json(body): Json<Value>| async move { sent.lock().unwrap().push(body) });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().route("/rest-api/data/send", endpoint);
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

fn ids(command: &Value) -> Vec<String> {
    let ids = command["sessionIds"].as_array().cloned().unwrap_or_else(|| vec![command["sessionId"].clone()]);
    ids.iter().map(|id| format!("{}/{}", command["nodeId"].as_str().unwrap(), id.as_str().unwrap())).collect()
}

#[tokio::test]
async fn what_one_says_reaches_thousands_on_all_servers() {
    let sent = Sent::default();
    let mut client = RestClient::builder();
    for node in 0..NODES {
        client = client.node(format!("node@10.0.0.{node}"), rest_api(&sent).await);
    }
    let registry = Registry::new();
    let chat = Chat { wcs: client.only_mapped_nodes().build().unwrap(), registry: registry.clone() };
    let hooks = Hooks::new(AllowAll).registry(&registry).data(chat);
    let dispatcher = Dispatcher::new(everything_on("defaultApp"), open(hooks));
    let mut sessions = Vec::new();
    for (node, session) in (0..NODES).flat_map(|node| (0..SESSIONS).map(move |session| (node, session))) {
        let context = HookContext {
            node_id: format!("node@10.0.0.{node}"),
            app_key: "defaultApp".into(),
            session_id: format!("s{session}"),
        };
        sessions
            .push(dispatcher.connect_as(&app("defaultApp"), context, Connection::default()).await.unwrap());
    }

    let payload = json!({"message": "hello all"});
    let data = Data { operation_id: "op-1".into(), payload: payload.clone(), ..Data::default() };
    assert!(sessions[0].send(hook::OnData, data).await.goes_on());

    let mut sent = sent.lock().unwrap().clone();
    let receipt = sent.pop().unwrap();
    let count = NODES * SESSIONS;
    assert_eq!(
        receipt,
        json!({"nodeId": "node@10.0.0.0", "operationId": "receipt", "sessionId": "s0", "payload": count})
    );
    assert!(sent.iter().all(|command| command["payload"] == payload && command["operationId"] == "op-1"));
    let reached: Vec<String> = sent.iter().flat_map(ids).collect();
    assert_eq!((reached.len(), reached.iter().collect::<BTreeSet<_>>().len()), (count, count));
}
