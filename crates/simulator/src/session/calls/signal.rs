//! What the two sides of a call tell each other, as SIP would: [`CallInput`].

use std::sync::Arc;

use wcs_hooks_protocol::status::{CallStatus, TransferStatus};

use crate::{
    hub::{Mailbox, Undelivered},
    session::Input,
};

/// Something for one side of a call.
pub(crate) struct CallInput {
    /// Its `callId`.
    pub(crate) call_id: Arc<str>,
    pub(crate) signal: Signal,
}

pub(crate) enum Signal {
    /// A call comes in.
    Invite(Invite),
    /// The other side's client has been told of the call.
    Ringing { from: Arc<str> },
    /// The other side takes the call.
    Answered { from: Arc<str>, sdp: String },
    /// The other side does not take the call.
    Refused { from: Arc<str>, answer: Sip },
    /// The other side has ended the call.
    HungUp { from: Arc<str> },
    /// The other side wants this one to call somebody else.
    Refer { target: String },
    /// How the transfer goes that this side asked for.
    Transfer { target: String, status: TransferStatus, info: Option<String> },
    /// The REST API ends the call.
    Terminate,
    /// The REST API sends a tone: the object of the hook.
    Dtmf { tone: String },
}

/// A call for a client. If it is dropped before it is taken, the caller learns that the callee is gone.
pub(crate) struct Invite {
    /// The Call object that the callee gets, as JSON without its status.
    pub(crate) fields: String,
    /// What the caller offers.
    pub(crate) sdp: String,
    from: Option<Peer>,
    to: Arc<str>,
}

impl Invite {
    /// An invitation from one side to the `callId` of the other.
    pub(crate) fn new(from: Peer, to: Arc<str>, fields: String, sdp: String) -> Self {
        Self { fields, sdp, from: Some(from), to }
    }

    /// The callee's side takes care of it now. Gives the caller.
    pub(super) fn take(mut self) -> Option<Peer> {
        self.from.take()
    }

    /// The callee's side does not take it.
    pub(super) fn refuse(mut self, answer: Sip) {
        self.answer(answer);
    }

    fn answer(&mut self, answer: Sip) {
        if let Some(caller) = self.from.take() {
            caller.tell(Signal::Refused { from: Arc::clone(&self.to), answer });
        }
    }
}

impl Drop for Invite {
    fn drop(&mut self) {
        self.answer(Sip::UNAVAILABLE);
    }
}

/// The other side of a call. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Peer {
    /// Its `callId`.
    pub(crate) call_id: Arc<str>,
    mailbox: Mailbox,
}

impl Peer {
    pub(crate) fn new(call_id: Arc<str>, mailbox: Mailbox) -> Self {
        Self { call_id, mailbox }
    }

    /// Tells it something. One that is gone has said so, or will.
    pub(crate) fn tell(&self, signal: Signal) {
        let _: Result<(), Undelivered> =
            self.mailbox.put(Input::Call(CallInput { call_id: Arc::clone(&self.call_id), signal }));
    }
}

/// What SIP answers when a call does not come about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sip {
    code: u16,
    phrase: &'static str,
}

impl Sip {
    pub(crate) const FORBIDDEN: Self = Self { code: 403, phrase: "FORBIDDEN" };
    pub(crate) const NOT_FOUND: Self = Self { code: 404, phrase: "Not Found" };
    pub(crate) const TIMEOUT: Self = Self { code: 408, phrase: "Request Timeout" };
    pub(crate) const UNAVAILABLE: Self = Self { code: 480, phrase: "Temporarily Unavailable" };
    pub(crate) const BUSY: Self = Self { code: 486, phrase: "Busy Here" };
    pub(crate) const PENDING: Self = Self { code: 491, phrase: "Request Pending" };

    pub(super) fn code(self) -> u16 {
        self.code
    }

    /// The `info` of the event. Spec §5.3.
    pub(crate) fn info(self) -> String {
        format!("SIP {} {}", self.code, self.phrase)
    }

    /// The status that it leads to. Spec §6.1 CallStatusEvent.
    pub(super) fn status(self) -> CallStatus {
        if self == Self::BUSY { CallStatus::Busy } else { CallStatus::Failed }
    }
}
