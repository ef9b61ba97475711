//! The handler traits, one for each topic, generated from the catalogue.

use std::{future::Future, sync::Arc};

use wcs_hooks_protocol::{
    hook,
    payloads::{
        BugReport, Call, Connection, Data, Dtmf, HlsPlay, Logs, Message, Notice, Recording, RtspPlay,
        SessionDebug, Stream, Subscription, Transfer, Xcap,
    },
    status,
};

use crate::{Context, EventResult, HookResult, Hooks, KeepAlive, KeepAliveResult, handler::settling};

/// What a handler of a kind returns.
macro_rules! answer {
    (connect $Payload:ident) => { HookResult<$Payload> };
    (invoke $Payload:ident) => { HookResult<$Payload> };
    (ending $Payload:ident) => { HookResult<$Payload> };
    (incoming $Payload:ident) => { HookResult<$Payload> };
    (access $Payload:ident) => { HookResult<()> };
    (event $Payload:ident) => { EventResult };
    (keep_alive $Payload:ident) => { KeepAliveResult };
}

/// What a handler answers that nobody wrote.
macro_rules! default_answer {
    (access $payload:ident) => {{
        drop($payload);
        Ok(())
    }};
    (event $payload:ident) => {{
        drop($payload);
        Ok(())
    }};
    (keep_alive $payload:ident) => {{
        drop($payload);
        Ok(KeepAlive::Continue)
    }};
    ($kind:ident $payload:ident) => {
        Ok($payload)
    };
}

macro_rules! define_handlers {
    // Who may come in is decided by somebody: no default.
    (@method [$($docs:tt)*] connect $func:ident $Payload:ident) => {
        $($docs)*
        fn $func(&self, ctx: Context, payload: $Payload) -> impl Future<Output = answer!(connect $Payload)> + Send;
    };
    // An event with functions for its statuses.
    (@method [$($docs:tt)*] event $func:ident $Payload:ident $Status:ident $($status_func:ident: $Arm:ident)+) => {
        $($docs)*
        ///
        /// By default it calls the function for the status.
        fn $func(&self, ctx: Context, payload: $Payload) -> impl Future<Output = EventResult> + Send {
            async move {
                match payload.status {
                    $( Some(status::$Status::$Arm) => self.$status_func(ctx, payload).await, )+
                    _ => Ok(()),
                }
            }
        }
        $(
            #[doc = concat!("The status `", stringify!($Arm), "` of [`Self::", stringify!($func), "`].")]
            fn $status_func(&self, ctx: Context, payload: $Payload) -> impl Future<Output = EventResult> + Send {
                let _ = (ctx, payload);
                async { Ok(()) }
            }
        )+
    };
    (@method [$($docs:tt)*] $kind:ident $func:ident $Payload:ident) => {
        $($docs)*
        fn $func(&self, ctx: Context, payload: $Payload) -> impl Future<Output = answer!($kind $Payload)> + Send {
            let _ = ctx;
            async { default_answer!($kind payload) }
        }
    };
    ($(
        $(#[doc = $topic_docs:literal])*
        $Trait:ident for $topic:ident {
            $(
                $(#[doc = $docs:literal])*
                $kind:ident $func:ident = $name:literal $(| $other:literal)*: $Marker:ident($Payload:ident)
                    $(-> $Report:ident)? $(may $repeat:ident)?
                    $({ $Status:ident => $($status_func:ident: $Arm:ident),+ })?;
            )*
        }
    )*) => {
        $(
            $(#[doc = $topic_docs])*
            ///
            /// Write `async fn`. What is not written lets WCS go on unchanged: implementing nothing allows everything.
            ///
            #[doc = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/handlers/", stringify!($topic), ".md"))]
            #[diagnostic::on_unimplemented(
                note = "write `impl` for the type you pass; only `ConnectHandler::connect` has no default"
            )]
            pub trait $Trait: Send + Sync + 'static {
                $( define_handlers!(@method [$(#[doc = $docs])*] $kind $func $Payload
                    $($Status $($status_func: $Arm)+)?); )*
            }

            impl<T: $Trait> $Trait for Arc<T> {
                $(
                    fn $func(&self, ctx: Context, payload: $Payload)
                        -> impl Future<Output = answer!($kind $Payload)> + Send
                    {
                        T::$func(self, ctx, payload)
                    }
                    $($(
                        fn $status_func(&self, ctx: Context, payload: $Payload)
                            -> impl Future<Output = EventResult> + Send
                        {
                            T::$status_func(self, ctx, payload)
                        }
                    )+)?
                )*
            }
        )*

        impl Hooks {
            $(
                #[doc = concat!("Lets `handler` answer the hooks of [`", stringify!($Trait), "`].")]
                ///
                /// All of them count as handled, those whose function is not written too: WCS sends them, and minds if the
                /// backend fails. To handle single hooks, see [`Hooks::on`].
                ///
                /// # Panics
                /// If one of them has a handler already.
                #[track_caller]
                #[must_use]
                pub fn $topic<T: $Trait>(self, handler: T) -> Self {
                    let handler = Arc::new(handler);
                    self$(.on_method::<hook::$Marker, T>(&handler, |handler, ctx, payload, object| {
                        settling::<hook::$Marker>(handler.$func(ctx, payload), object)
                    }))*
                }
            )*
        }
    };
}

wcs_hooks_protocol::__with_hooks!(define_handlers);

/// Lets every client in. For tests, closed networks, and apps whose sessions need no decision.
///
/// ```
/// use wcs_hooks::{AllowAll, Hooks};
///
/// let hooks = Hooks::new(AllowAll);
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct AllowAll;

impl ConnectHandler for AllowAll {
    async fn connect(&self, _: Context, connection: Connection) -> HookResult<Connection> {
        Ok(connection)
    }
}
