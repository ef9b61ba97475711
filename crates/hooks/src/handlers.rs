//! The handler traits, one for each topic, generated from the catalogue.

mod unwritten;

use std::{future::Future, sync::Arc};

use wcs_hooks_protocol::{
    Hook, HookName, hook,
    payloads::{
        BugReport, Call, Connection, Data, Dtmf, HlsPlay, Logs, Message, Notice, Recording, RtspPlay,
        SessionDebug, Stream, Subscription, Transfer, Xcap,
    },
    status,
};

use crate::{
    Checks, Context, EventResult, HookResult, Hooks, KeepAlive, KeepAliveResult,
    handler::{Erased, Method, settling},
};
use unwritten::{ByStatus, Unwritten, is_by_status, is_written};

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
        Unwritten::new(Ok(()))
    }};
    (event $payload:ident) => {{
        drop($payload);
        Unwritten::new(Ok(()))
    }};
    (keep_alive $payload:ident) => {{
        drop($payload);
        Unwritten::new(Ok(KeepAlive::Continue))
    }};
    ($kind:ident $payload:ident) => {
        Unwritten::new(Ok($payload))
    };
}

/// Whether a type overrides a method, or one of those that it calls by default.
macro_rules! is_handled {
    ($T:ident $func:ident) => { is_written($T::$func) };
    ($T:ident $func:ident $($status_func:ident)+) => {
        !is_by_status($T::$func) $(|| is_written($T::$status_func))+
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
            ByStatus::new(async move {
                match payload.status {
                    $( Some(status::$Status::$Arm) => self.$status_func(ctx, payload).await, )+
                    _ => Ok(()),
                }
            })
        }
        $(
            #[doc = concat!("The status `", stringify!($Arm), "` of [`Self::", stringify!($func), "`].")]
            fn $status_func(&self, ctx: Context, payload: $Payload) -> impl Future<Output = EventResult> + Send {
                drop((ctx, payload));
                Unwritten::new(Ok(()))
            }
        )+
    };
    (@method [$($docs:tt)*] $kind:ident $func:ident $Payload:ident) => {
        $($docs)*
        fn $func(&self, ctx: Context, payload: $Payload) -> impl Future<Output = answer!($kind $Payload)> + Send {
            drop(ctx);
            default_answer!($kind payload)
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
            /// Write `async fn`. A method that you do not override is no handler: its hook is treated as one that nobody handles
            /// ([`Unhandled`](crate::Unhandled)), which by default **allows it**. What could be refused is named in a warning at the start.
            ///
            #[doc = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/handlers/", stringify!($topic), ".md"))]
            #[diagnostic::on_unimplemented(
                note = "write `impl` for the type you pass; only `ConnectHandler::connect` has no default",
                note = "a guard, such as `StreamTokens`, is given to `Hooks::guarded` or `Hooks::guard`"
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

        /// The methods that a handler overrides, by topic.
        mod written {
            use super::*;

            $(
                pub(super) fn $topic<T: $Trait>(handler: T) -> Vec<(HookName, Erased)> {
                    let handler = Arc::new(handler);
                    let mut methods: Vec<(HookName, Erased)> = Vec::new();
                    $(
                        if is_handled!(T $func $($($status_func)+)?) {
                            let method = Method::<hook::$Marker, T>::new(&handler, |handler, ctx, payload, object| {
                                settling::<hook::$Marker>(handler.$func(ctx, payload), object)
                            });
                            methods.push((hook::$Marker::NAME, Box::new(method)));
                        }
                    )*
                    methods
                }
            )*
        }

        impl Hooks {
            $(
                #[doc = concat!("Lets `handler` answer the hooks of [`", stringify!($Trait), "`] whose methods it overrides.")]
                ///
                /// # Panics
                /// If one of them has a handler already.
                #[track_caller]
                #[must_use]
                pub fn $topic<T: $Trait>(mut self, handler: T) -> Self {
                    for (hook, method) in written::$topic(handler) {
                        self.register(hook, method);
                    }
                    self
                }
            )*
        }

        impl Checks {
            $(
                #[doc = concat!("Lets `check` check the hooks of [`", stringify!($Trait), "`] whose methods it overrides.")]
                pub fn $topic<T: $Trait>(mut self, check: T) -> Self {
                    self.checks.extend(written::$topic(check));
                    self
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
