//! A backend that handles everything, called in process.

use std::cell::RefCell;

use bytes::Bytes;
use http::{Request, header};
use http_body_util::{BodyExt, Full};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt;
use wcs_hooks::{AllowAll, Backend, Callers, HookName, Hooks, KeepAlive, hook};

/// Registers a handler that accepts the hook unchanged.
macro_rules! handled {
    (connect $Marker:ident $hooks:ident) => {
        $hooks
    };
    (access $Marker:ident $hooks:ident) => {
        $hooks.on(hook::$Marker, async |_, _| Ok(()))
    };
    (event $Marker:ident $hooks:ident) => {
        $hooks.on(hook::$Marker, async |_, _| Ok(()))
    };
    (keep_alive $Marker:ident $hooks:ident) => {
        $hooks.on(hook::$Marker, async |_, _| Ok(KeepAlive::Continue))
    };
    ($kind:ident $Marker:ident $hooks:ident) => {
        $hooks.on(hook::$Marker, async |_, payload| Ok(payload))
    };
}

macro_rules! define_everything {
    ($(
        $(#[doc = $topic_docs:literal])*
        $Trait:ident for $topic:ident { $(
            $(#[doc = $docs:literal])*
            $kind:ident $func:ident = $name:literal $(| $other:literal)*: $Marker:ident($Payload:ident)
                $(-> $Report:ident)? $(may $repeat:ident)? $({ $($rest:tt)* })?;
        )* }
    )*) => {
        /// Handles all hooks and changes nothing.
        fn everything() -> Hooks {
            let hooks = Hooks::new(AllowAll);
            $($( let hooks = handled!($kind $Marker hooks); )*)*
            hooks
        }
    };
}

wcs_hooks_protocol::__with_hooks!(define_everything);

thread_local! {
    static RUNTIME: RefCell<Runtime> = RefCell::new(Builder::new_current_thread().build().expect("a runtime"));
    static ALL: Backend = backend(everything());
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
