//! A backend that handles everything, called in process.

use std::cell::RefCell;

use bytes::Bytes;
use http::{Request, header};
use http_body_util::{BodyExt, Full};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt;
use wcs_hooks::{
    Backend, CallHandler, Callers, ConnectHandler, Context, DataHandler, DiagnosticsHandler, HookName,
    HookResult, Hooks, MessageHandler, SessionHandler, StreamHandler, payloads::Connection,
};

/// Handles all hooks and changes nothing.
struct Everything;

impl ConnectHandler for Everything {
    async fn connect(&self, _: Context, connection: Connection) -> HookResult<Connection> {
        Ok(connection)
    }
}
impl SessionHandler for Everything {}
impl StreamHandler for Everything {}
impl CallHandler for Everything {}
impl MessageHandler for Everything {}
impl DataHandler for Everything {}
impl DiagnosticsHandler for Everything {}

thread_local! {
    static RUNTIME: RefCell<Runtime> = RefCell::new(Builder::new_current_thread().build().expect("a runtime"));
    static ALL: Backend = backend(
        Hooks::new(Everything)
            .sessions(Everything)
            .streams(Everything)
            .calls(Everything)
            .messages(Everything)
            .data(Everything)
            .diagnostics(Everything),
    );
}

pub(crate) fn backend(hooks: Hooks) -> Backend {
    Backend::builder(hooks).callers(Callers::anyone()).build().expect("a backend")
}

/// What a backend with all handlers answers to a hook.
pub(crate) fn answer(hook: HookName, body: &[u8]) -> (u16, Bytes) {
    ALL.with(|backend| answer_of(backend, hook, body))
}

pub(crate) fn answer_of(backend: &Backend, hook: HookName, body: &[u8]) -> (u16, Bytes) {
    let request = Request::post(format!("/app/{hook}"))
        .header(header::CONTENT_TYPE, "application/json;charset=UTF-8")
        .body(Full::new(Bytes::copy_from_slice(body)))
        .expect("a request");
    let answer = async {
        let reply = backend.clone().oneshot(request).await.expect("an answer");
        let status = reply.status().as_u16();
        (status, reply.into_body().collect().await.expect("a body").to_bytes())
    };
    RUNTIME.with_borrow(|runtime| runtime.block_on(answer))
}
