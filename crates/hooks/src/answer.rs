//! What the handler of each kind of hook returns, and what becomes of it.

use wcs_hooks_protocol::{Edits, Object, Payload, kind};

use crate::{EventError, EventResult, HookResult, KeepAlive, KeepAliveResult, Refusal};

/// What a handler's answer comes down to.
#[derive(Debug)]
pub(crate) enum Settled {
    /// WCS is told to go on, with these changes to what it sent.
    Accepted(Edits),
    /// WCS is told no.
    Refused(Refusal),
    /// A handler that cannot refuse failed: WCS is told to go on.
    Failed(EventError),
}

/// What the handler of a kind of hook returns: one of [`kind`].
///
/// `connect`, invocations and incoming calls return [`HookResult`] of their payload; players (`playHLS`, `playRTSP`)
/// `HookResult<()>`, since nothing is taken from their answer; events [`EventResult`]; the keep-alive
/// [`KeepAliveResult`].
pub trait AnswerKind: kind::Kind {
    /// The handler's result.
    type Result<P: Payload>: Send;

    #[doc(hidden)]
    #[allow(private_interfaces)]
    fn settle<P: Payload>(result: Self::Result<P>, received: &Object<'_>) -> Settled;
}

macro_rules! answers_with_payload {
    ($($Kind:ident)*) => { $(
        impl AnswerKind for kind::$Kind {
            type Result<P: Payload> = HookResult<P>;

            #[allow(private_interfaces)]
            fn settle<P: Payload>(result: HookResult<P>, received: &Object<'_>) -> Settled {
                match result {
                    Ok(payload) => Settled::Accepted(payload.changes(received)),
                    Err(refusal) => Settled::Refused(refusal),
                }
            }
        }
    )* };
}

answers_with_payload!(Connect Invoke Incoming);

impl AnswerKind for kind::Access {
    type Result<P: Payload> = HookResult<()>;

    #[allow(private_interfaces)]
    fn settle<P: Payload>(result: HookResult<()>, _: &Object<'_>) -> Settled {
        result.map_or_else(Settled::Refused, |()| Settled::Accepted(Edits::new()))
    }
}

impl AnswerKind for kind::Event {
    type Result<P: Payload> = EventResult;

    #[allow(private_interfaces)]
    fn settle<P: Payload>(result: EventResult, _: &Object<'_>) -> Settled {
        result.map_or_else(Settled::Failed, |()| Settled::Accepted(Edits::new()))
    }
}

impl AnswerKind for kind::KeepAlive {
    type Result<P: Payload> = KeepAliveResult;

    #[allow(private_interfaces)]
    fn settle<P: Payload>(result: KeepAliveResult, _: &Object<'_>) -> Settled {
        match result {
            Ok(KeepAlive::Continue) => Settled::Accepted(Edits::new()),
            Ok(KeepAlive::EndStream) => Settled::Refused(Refusal::forbidden("Terminated by keep-alive")),
            Err(error) => Settled::Failed(error),
        }
    }
}
