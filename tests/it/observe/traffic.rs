//! A server that has had some traffic of every kind.

use bytes::Bytes;
use http::{Request, header::AUTHORIZATION};
use http_body_util::Full;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use wcs_hooks::{
    AllowAll, Backend, Callers, HookName, Hooks, Refusal, Server, ServerHandle, ServerSettings, hook,
    metrics::{Page, Source},
    registry::Registry,
};
use wcs_hooks_dispatcher::{App, Dispatcher, HookContext, HttpTransport, Object, Settings};
use wcs_hooks_protocol::Secret;

use crate::support::{KEY, everything_on};

fn backend() -> Backend {
    let registry = Registry::new();
    let hooks = Hooks::new(AllowAll)
        .registry(&registry)
        .on(hook::PublishStream, async |_, mut stream| {
            stream.media_session_id.push('x');
            Ok(stream)
        })
        .on(hook::PlayStream, async |_, _| Err(Refusal::forbidden("no")))
        .on(hook::UnPublishStream, async |_, _| Err(Refusal::forbidden("in vain")));
    let builder = Backend::builder(hooks).metrics_of(registry);
    builder.callers(Callers::signed([KEY])).build().unwrap()
}

/// The page of a server after calls that were accepted, changed in vain, refused, refused in vain and turned away, and
/// the page of the dispatcher that sent them.
pub(super) async fn page() -> Page {
    let mut settings = ServerSettings::default();
    settings.listen = vec!["127.0.0.1:0".parse().unwrap()];
    let server = Server::new(backend()).settings(settings).bind().unwrap();
    let (handle, url) = (server.handle(), server.urls().remove(0));
    let running = tokio::spawn(server.run_until(std::future::pending()));
    let dispatcher = send(&url).await;
    unsigned(&url).await;
    let page = all(&handle, &dispatcher);
    running.abort();
    page
}

fn all(handle: &ServerHandle, dispatcher: &Dispatcher) -> Page {
    Page::of([handle as &dyn Source, dispatcher])
}

async fn send(url: &str) -> Dispatcher {
    let settings =
        Settings { hook_secret: Some(Secret::from(KEY.to_owned())), ..everything_on("defaultApp") };
    let dispatcher = Dispatcher::new(settings, HttpTransport::new().unwrap());
    let app = App::new("defaultApp", url).unwrap();
    let body = Object::parse(r#"{"mediaSessionId":"m","name":"s","fromANewerWcs":1}"#).unwrap();
    let methods = HookName::ALL.iter().map(|hook| hook.as_str()).chain(["neverHeardOf"]);
    for method in methods {
        dispatcher.send_raw(&app, HookContext::default(), method, &body).await;
    }
    dispatcher
}

async fn unsigned(url: &str) {
    let client = Client::builder(TokioExecutor::new()).build_http();
    let request = Request::post(format!("{url}/connect")).header(AUTHORIZATION, "none");
    client.request(request.body(Full::<Bytes>::default()).unwrap()).await.unwrap();
}
