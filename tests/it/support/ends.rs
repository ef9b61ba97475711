//! The two ends, and what goes between them.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use tower::{ServiceExt, util::BoxCloneSyncService};
use wcs_hooks::{Backend, Callers, HookContext, Hooks, Reply, payloads::Connection};
use wcs_hooks_dispatcher::{App, Dispatcher, Session, Settings};

type Service = BoxCloneSyncService<Request<Full<Bytes>>, Reply, Infallible>;

/// A call as it went from one end to the other.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) hook: String,
    pub(crate) sent: String,
    pub(crate) status: u16,
    pub(crate) answer: String,
}

/// Writes down what goes between the ends.
#[derive(Clone, Default)]
pub(crate) struct Recorder {
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Recorder {
    /// The backend with its calls written down.
    pub(crate) fn listening_to(&self, backend: Backend) -> Service {
        let recorder = self.clone();
        BoxCloneSyncService::new(tower::service_fn(move |request| {
            let (recorder, backend) = (recorder.clone(), backend.clone());
            async move { Ok(recorder.pass(backend, request).await) }
        }))
    }

    async fn pass(&self, backend: Backend, request: Request<Full<Bytes>>) -> Reply {
        let hook = request.uri().path().rsplit('/').next().unwrap().to_owned();
        let sent = text(request.body().clone()).await;
        let reply = backend.oneshot(request).await.unwrap();
        let answer = text(reply.body().clone()).await;
        let call = Call { hook, sent, status: reply.status().as_u16(), answer };
        self.calls.lock().unwrap().push(call);
        reply
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }

    pub(crate) fn last(&self) -> Call {
        self.calls().pop().unwrap()
    }
}

async fn text(body: Full<Bytes>) -> String {
    String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

/// A backend that anyone may call.
pub(crate) fn open(hooks: Hooks) -> Backend {
    Backend::builder(hooks).callers(Callers::anyone()).build().unwrap()
}

/// WCS with every hook switched on for `app_key`.
pub(crate) fn everything_on(app_key: &str) -> Settings {
    Settings {
        keep_alive_enabled: true,
        keep_alive_app_keys: vec![app_key.to_owned()],
        hls_auth_enabled: true,
        rtsp_auth_enabled: true,
        ..Settings::default()
    }
}

pub(crate) fn app(app_key: &str) -> App {
    App::new(app_key, "http://backend/apps/EchoApp").unwrap()
}

pub(crate) fn context() -> HookContext {
    HookContext {
        node_id: "Hw47CFMBEchVOpBMDr29IxjudnJ1sjOY@192.168.1.101".into(),
        app_key: "defaultApp".into(),
        session_id: "04cfeb85-cf9c-49aa-8144-022dfc0cdd0b".into(),
    }
}

/// WCS with the backend in the same process.
pub(crate) fn dispatcher(backend: Backend) -> Dispatcher {
    Dispatcher::new(everything_on("defaultApp"), backend)
}

/// A session of `defaultApp` that is let in.
pub(crate) async fn session(backend: &Backend) -> Session {
    let dispatcher = dispatcher(backend.clone());
    dispatcher.connect_as(&app("defaultApp"), context(), Connection::default()).await.unwrap()
}
