//! A program that has had some traffic of every kind.

use bytes::Bytes;
use http::{Request, header::AUTHORIZATION};
use http_body_util::{BodyExt, Full};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use wcs_hooks::{
    AllowAll, Arguments, Backend, BackendBuilder, Callers, DecisionCache, HookName, Hooks, Program, Refusal,
    Server, hook, registry::Registry,
};
use wcs_hooks_dispatcher::{App, Dispatcher, HttpTransport, Object, Settings};
use wcs_hooks_protocol::Secret;

use crate::{
    faults::certificates::{Files, authority, issued},
    support::{KEY, context, everything_on, listen_everywhere},
};

fn backend() -> BackendBuilder {
    let registry = Registry::new();
    let hooks = Hooks::new(AllowAll)
        .registry(&registry)
        .on(hook::PublishStream, async |_, mut stream| {
            stream.media_session_id.push('x');
            Ok(stream)
        })
        .on(hook::PlayStream, async |_, _| Err(Refusal::forbidden("no")))
        .on(hook::UnPublishStream, async |_, _| Err(Refusal::forbidden("in vain")));
    let decisions = DecisionCache::new("players");
    Backend::builder(hooks).metrics_of(registry).metrics_of(decisions).callers(Callers::signed([KEY]))
}

/// What a program shows to operations after calls that were accepted, changed in vain, refused, refused in vain and turned
/// away, and behind it what the dispatcher shows that sent them.
pub(super) async fn shown() -> String {
    listen_everywhere();
    let flags = ["--listen", "127.0.0.1:0", "--set", "operations.listen=127.0.0.1:0"].map(String::from);
    let program = Program::start(Arguments::take(flags).unwrap().0, backend()).unwrap();
    let url = program.urls().remove(0);
    let operations = format!("http://{}/metrics", program.operations().unwrap());
    let running = tokio::spawn(program.run());
    let dispatcher = send(&url).await;
    unsigned(&url).await;
    let text = get(&operations).await;
    running.abort();
    text + &dispatcher.metrics().to_text() + &of_tls()
}

/// Of a server that has a certificate.
fn of_tls() -> String {
    let files = Files::of(&issued(&authority(), "localhost"));
    let backend = Backend::builder(Hooks::new(AllowAll)).callers(Callers::anyone()).build().unwrap();
    let server = Server::new(backend).settings(files.settings(None)).bind().unwrap();
    server.handle().metrics().to_text()
}

async fn get(url: &str) -> String {
    let client = Client::builder(TokioExecutor::new()).build_http();
    let request = Request::get(url).body(Full::<Bytes>::default()).unwrap();
    let body = client.request(request).await.unwrap().into_body();
    String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

async fn send(url: &str) -> Dispatcher {
    let settings =
        Settings { hook_secret: Some(Secret::from(KEY.to_owned())), ..everything_on("defaultApp") };
    let dispatcher = Dispatcher::new(settings, HttpTransport::new().unwrap());
    let app = App::new("defaultApp", url).unwrap();
    let body = Object::parse(r#"{"mediaSessionId":"m","name":"s","fromANewerWcs":1}"#).unwrap();
    // Once more what is handled once.
    let again = [HookName::PublishStream.as_str(), "neverHeardOf"];
    let methods = HookName::ALL.iter().map(|hook| hook.as_str()).chain(again);
    for method in methods {
        dispatcher.send_raw(&app, context(), method, &body).await;
    }
    dispatcher
}

async fn unsigned(url: &str) {
    let client = Client::builder(TokioExecutor::new()).build_http();
    let request = Request::post(format!("{url}/connect")).header(AUTHORIZATION, "none");
    client.request(request.body(Full::<Bytes>::default()).unwrap()).await.unwrap();
}
