//! One side of a call: [`Leg`].

use std::sync::Arc;

use tokio::time::Instant;
use uuid::Uuid;
use wcs_hooks_protocol::{Edits, Object, quoted, status::CallStatus};

use super::signal::{Peer, Sip};
use crate::{relay::Relay, session::fields::Fields};

/// A call as one of the two sessions sees it.
pub(in crate::session) struct Leg {
    pub(super) id: Arc<str>,
    /// The other side; none while there is nobody yet, or not any more.
    pub(super) peer: Option<Peer>,
    /// Whom the other side wants this one to call instead, while that is being tried.
    pub(super) next: Option<Peer>,
    pub(super) incoming: bool,
    pub(super) is_answered: bool,
    /// When a call that has come in has rung for too long.
    pub(super) rings_until: Option<Instant>,
    /// The Call object as JSON without SDP, with its last status.
    pub(super) fields: String,
    /// What this side offered or answered.
    pub(super) sdp: String,
    /// The way of the media, on the caller's side.
    pub(super) relay: Option<Relay>,
}

impl Leg {
    /// A side whose Call object is this.
    pub(super) fn new(id: &str, call: &Object<'_>, peer: Option<Peer>) -> Self {
        Self {
            id: id.into(),
            peer,
            next: None,
            incoming: call.get("incoming") == Some("true"),
            is_answered: false,
            rings_until: None,
            fields: without_sdp(call),
            sdp: call.string("sdp").unwrap_or_default().into_owned(),
            relay: None,
        }
    }

    pub(super) fn text(&self, name: &str) -> String {
        let object = Object::parse(&self.fields);
        object.ok().and_then(|object| object.string(name).map(Into::into)).unwrap_or_default()
    }

    /// To whom the call is transferred.
    pub(super) fn set_target(&mut self, target: &str) {
        if let Ok(object) = Object::parse(&self.fields) {
            self.fields = Fields::of(&object).text("target", target).json();
        }
    }

    /// A call of who is on this side to somebody else, with the same media.
    pub(super) fn towards(&self, target: &str) -> String {
        let Ok(known) = Object::parse(&self.fields) else { return String::new() };
        let this = if self.incoming { "callee" } else { "caller" };
        let fields = Fields::of(&known).text("caller", &self.text(this));
        fields.text("visibleName", &self.text(this)).text("callee", target).json()
    }

    /// Whether this is the other side's `callId`.
    pub(super) fn is_with(&self, call_id: &str) -> bool {
        self.peer.as_ref().is_some_and(|peer| *peer.call_id == *call_id)
    }

    /// Whether this is the `callId` of whom it is to call instead.
    pub(super) fn is_next(&self, call_id: &str) -> bool {
        self.next.as_ref().is_some_and(|next| *next.call_id == *call_id)
    }

    /// The object of a hook about this call: what the client sent, and what is known of the call besides.
    pub(super) fn request(&self, sent: &Object<'_>) -> String {
        let Ok(known) = Object::parse(&self.fields) else { return sent.text().to_owned() };
        let mut edits = Edits::new();
        for (name, json) in known.members() {
            if sent.get(&name).is_none_or(|sent| sent == "null") {
                edits.set(name.into_owned(), json.to_owned());
            }
        }
        sent.edited(&edits)
    }

    /// Takes a status, and gives the object of its event.
    pub(super) fn become_status(&mut self, status: &CallStatus, answer: Option<Sip>) -> String {
        let Ok(object) = Object::parse(&self.fields) else { return String::new() };
        let fields = Fields::of(&object).text("status", status.as_str());
        self.fields = match (answer, sip_status(status)) {
            (Some(answer), _) => {
                fields.set("sipStatus", answer.code().to_string()).text("info", &answer.info())
            }
            (None, Some(code)) => fields.set("sipStatus", code),
            (None, None) => fields,
        }
        .json();
        self.fields.clone()
    }
}

/// What SIP says with a status. Spec §6.1.
fn sip_status(status: &CallStatus) -> Option<&'static str> {
    match status {
        CallStatus::Trying => Some("100"),
        CallStatus::Ring => Some("180"),
        CallStatus::Established => Some("200"),
        _ => None,
    }
}

/// SDPs are relayed, and stand in no event: the published body of an incoming call has none.
fn without_sdp(call: &Object<'_>) -> String {
    let mut edits = Edits::new();
    edits.remove("sdp");
    call.edited(&edits)
}

/// What the backend is asked about an outgoing call: the client's fields, and what WCS fills in. Spec §3.4.
pub(super) fn outgoing(call: &Object<'_>, login: &str) -> String {
    let has_caller = call.string("caller").is_some_and(|caller| !caller.is_empty());
    let fields = Fields::of(call)
        .set("incoming", "false")
        .text("status", CallStatus::Pending.as_str())
        .default("hasAudio", "true")
        .default("hasVideo", "false")
        .default("isMsrp", "false")
        .default("holdForTransfer", "false");
    if has_caller { fields } else { fields.text("caller", login) }.json()
}

/// The Call object that a callee gets. Its fields are those of the published body. Spec §3.4 OnCallEvent.
pub(crate) fn incoming(call: &Object<'_>, parent: Option<&str>) -> (Arc<str>, String) {
    let id = format!("{}@simulator", Uuid::new_v4());
    let mut members = vec![
        ("callId", quoted(&id)),
        ("incoming", "true".to_owned()),
        ("status", quoted(CallStatus::Pending.as_str())),
    ];
    members.extend(parent.map(|parent| ("parentCallId", quoted(parent))));
    for name in ["caller", "callee", "visibleName", "hasAudio", "hasVideo", "mediaProvider"] {
        members.extend(call.get(name).map(|json| (name, json.to_owned())));
    }
    members.extend([("isMsrp", "false".to_owned()), ("holdForTransfer", "false".to_owned())]);
    (id.into(), crate::session::fields::object(members))
}
