//! Calls between two registered logins. Spec §7.5 to §7.7.
//!
//! A call has two sides, each with a `callId` of its own as with SIP, and each session tells its backend of its own side.
//! SDPs are relayed with ports of a [`Relay`], so that the browsers' media flow between them.

mod leg;
mod media;
mod ringing;
mod signal;
mod transfer;

use std::sync::Arc;

use wcs_hooks_dispatcher::ToClient;
use wcs_hooks_protocol::{HookName, Object, quoted, status::CallStatus};

use super::Session;
use crate::{
    frame::{Frame, name},
    hub::CallEntry,
};

use leg::Leg;
pub(crate) use leg::incoming;
pub(crate) use signal::{CallInput, Invite, Peer, Signal, Sip};

/// The calls of a session.
pub(super) type Calls = Vec<Leg>;

impl Session {
    /// A client's message about a call.
    pub(super) async fn call_action(&mut self, hook: HookName, object: &Object<'_>) {
        let Some(id) = object.string("callId").filter(|id| !id.is_empty()) else {
            return self.call_error("The call has no callId", None);
        };
        if hook == HookName::PlaceCall {
            return self.place_call(&id, object).await;
        }
        let Some(leg) = self.leg(&id) else {
            return self.call_error("Call not found", Some(&id));
        };
        let request = leg.request(object);
        let Ok(request) = Object::parse(&request) else { return };
        match hook {
            HookName::Answer => self.answer(&id, &request).await,
            HookName::Hangup => self.hang_up(&id, &request).await,
            HookName::Hold => self.hold(hook, &id, &request, CallStatus::Hold).await,
            HookName::Unhold => self.hold(hook, &id, &request, CallStatus::Established).await,
            HookName::TransferCall => self.transfer(&id, &request).await,
            _ => drop(self.ask(hook, object).await),
        }
    }

    async fn place_call(&mut self, id: &str, object: &Object<'_>) {
        if self.calls.len() >= self.shared.limits.calls {
            return self.call_error("The session has too many calls", Some(id));
        }
        let requested = leg::outgoing(object, &self.login());
        let Ok(requested) = Object::parse(&requested) else { return };
        let Some(verdict) = self.ask(HookName::PlaceCall, &requested).await else { return };
        let Ok(agreed) = Object::parse(verdict.fields()) else { return };
        if !self.add_leg(Leg::new(id, &agreed, None)) {
            return self.call_error("The callId is in use", Some(id));
        }
        self.call_status(id, &CallStatus::Trying, None).await;
        self.invite(id).await;
    }

    /// Rings at the callee.
    async fn invite(&mut self, id: &str) {
        let this = self.as_peer(id);
        let Some(leg) = self.leg(id) else { return };
        let Some(member) = self.shared.hub.registered(&leg.text("callee")) else {
            return self.end_call(id, &Sip::NOT_FOUND.status(), Some(Sip::NOT_FOUND)).await;
        };
        let Ok(call) = Object::parse(&leg.fields) else { return };
        let (peer_id, fields) = incoming(&call, None);
        let peer = Peer::new(Arc::clone(&peer_id), member.mailbox);
        if let Some(leg) = self.leg_mut(id) {
            leg.peer = Some(peer.clone());
        }
        let invite = Invite::new(this, peer_id, fields, self.offer_by_relay(id).await);
        peer.tell(Signal::Invite(invite));
    }

    /// A call comes in: the backend is asked, then the client rings. Spec §7.6.
    async fn ring(&mut self, id: &str, invite: Invite) {
        if self.calls.len() >= self.shared.limits.calls {
            return invite.refuse(Sip::BUSY);
        }
        let verdict = match Object::parse(&invite.fields) {
            Ok(object) => self.send(HookName::OnCall, &object).await,
            Err(_) => return,
        };
        self.tell_failure(&verdict);
        let ToClient::Delivered(told) = verdict.to_client() else {
            return invite.refuse(Sip::FORBIDDEN);
        };
        let Ok(agreed) = Object::parse(verdict.fields()) else { return };
        let sdp = invite.sdp.clone();
        let caller = invite.take();
        let leg = Leg { rings_until: self.rings_until(), ..Leg::new(id, &agreed, caller.clone()) };
        if !self.add_leg(leg) {
            return;
        }
        // The SDK wants to have the offer before it hears of the call.
        self.remote_sdp(id, &sdp, false);
        self.tell(&Frame::new(name::INCOMING_CALL, [told]));
        if let Some(caller) = caller {
            caller.tell(Signal::Ringing { from: id.into() });
        }
    }

    async fn answer(&mut self, id: &str, request: &Object<'_>) {
        let can_be = self.leg(id).is_some_and(|leg| leg.incoming && !leg.is_answered);
        if !can_be {
            return self.call_error("The call cannot be answered", Some(id));
        }
        let Some(verdict) = self.ask(HookName::Answer, request).await else { return };
        let Ok(agreed) = Object::parse(verdict.fields()) else { return };
        let sdp = agreed.string("sdp").unwrap_or_default().into_owned();
        let Some(leg) = self.leg_mut(id) else { return };
        (leg.is_answered, leg.sdp) = (true, sdp.clone());
        if let Some(caller) = &leg.peer {
            caller.tell(Signal::Answered { from: Arc::clone(&leg.id), sdp });
        }
        self.call_status(id, &CallStatus::Established, None).await;
    }

    async fn hang_up(&mut self, id: &str, request: &Object<'_>) {
        if self.ask(HookName::Hangup, request).await.is_none() {
            return;
        }
        self.leave_call(id, Sip::BUSY).await;
    }

    /// Ends this side; the other side learns of it, from a callee that has not answered by this.
    async fn leave_call(&mut self, id: &str, answer: Sip) {
        if let Some(leg) = self.leg(id) {
            let is_refused = leg.incoming && !leg.is_answered;
            for peer in [&leg.peer, &leg.next].into_iter().flatten() {
                let from = Arc::clone(&leg.id);
                peer.tell(if is_refused {
                    Signal::Refused { from, answer }
                } else {
                    Signal::HungUp { from }
                });
            }
        }
        self.end_call(id, &CallStatus::Finish, None).await;
    }

    async fn hold(&mut self, hook: HookName, id: &str, request: &Object<'_>, status: CallStatus) {
        if !self.leg(id).is_some_and(|leg| leg.is_answered) {
            return self.call_error("The call is not established", Some(id));
        }
        if self.ask(hook, request).await.is_some() {
            self.call_status(id, &status, None).await;
        }
    }

    /// What the other side of a call does, or the REST API.
    pub(super) async fn call_input(&mut self, CallInput { call_id, signal }: CallInput) {
        let id = &*call_id;
        match signal {
            Signal::Invite(invite) => self.ring(id, invite).await,
            Signal::Ringing { from } if self.is_ringing(id, &from) => {
                self.call_status(id, &CallStatus::Ring, None).await;
            }
            Signal::Answered { from, sdp } => self.answered(id, &from, &sdp).await,
            Signal::Refused { from, answer } => self.peer_ended(id, &from, Some(answer)).await,
            Signal::HungUp { from } => self.peer_ended(id, &from, None).await,
            Signal::Refer { target } => self.refer(id, &target).await,
            Signal::Transfer { target, status, info } => {
                self.transfer_goes(id, &target, &status, info.as_deref()).await;
            }
            Signal::Terminate => self.terminate_call(id).await,
            Signal::Dtmf { tone } => self.dtmf(&tone).await,
            Signal::Ringing { .. } => {}
        }
    }

    async fn answered(&mut self, id: &str, from: &str, sdp: &str) {
        if self.leg(id).is_some_and(|leg| leg.is_next(from)) {
            return self.transferred(id).await;
        }
        let Some(leg) = self.leg_mut(id).filter(|leg| leg.is_with(from)) else { return };
        leg.is_answered = true;
        let sdp = leg.answer_by_relay(sdp);
        self.remote_sdp(id, &sdp, true);
        self.call_status(id, &CallStatus::Established, None).await;
    }

    async fn peer_ended(&mut self, id: &str, from: &str, answer: Option<Sip>) {
        let Some(leg) = self.leg_mut(id) else { return };
        if leg.is_next(from) {
            return self.not_transferred(id, answer).await;
        }
        if !leg.is_with(from) {
            return;
        }
        leg.peer = None;
        // Who transfers a call may leave it before the new callee has answered.
        if leg.next.is_none() {
            let status = answer.map_or(CallStatus::Finish, Sip::status);
            self.end_call(id, &status, answer).await;
        }
    }

    async fn terminate_call(&mut self, id: &str) {
        let Some(fields) = self.leg(id).map(|leg| leg.fields.clone()) else { return };
        let Ok(request) = Object::parse(&fields) else { return };
        self.hang_up(id, &request).await;
    }

    async fn dtmf(&self, tone: &str) {
        if let Ok(tone) = Object::parse(tone) {
            self.tell_failure(&self.send(HookName::SendDtmf, &tone).await);
        }
    }

    /// All calls are gone, and nobody is told.
    pub(super) fn forget_calls(&mut self) {
        for leg in self.calls.drain(..) {
            self.shared.hub.remove_call(&leg.id);
        }
    }

    /// All calls end with the session.
    pub(super) async fn end_calls(&mut self) {
        while let Some(id) = self.calls.first().map(|leg| Arc::clone(&leg.id)) {
            self.leave_call(&id, Sip::BUSY).await;
        }
    }

    async fn call_status(&mut self, id: &str, status: &CallStatus, answer: Option<Sip>) {
        let Some(leg) = self.leg_mut(id) else { return };
        let fields = leg.become_status(status, answer);
        self.shared.hub.update_call(id, &fields);
        self.event(HookName::CallStatus, &fields, message(status)).await;
    }

    async fn end_call(&mut self, id: &str, status: &CallStatus, answer: Option<Sip>) {
        self.shared.hub.remove_call(id);
        self.call_status(id, status, answer).await;
        self.calls.retain(|leg| *leg.id != *id);
    }

    /// Adds a side, unless its id is in use.
    fn add_leg(&mut self, leg: Leg) -> bool {
        let is_new = self.shared.hub.add_call(CallEntry {
            call_id: Arc::clone(&leg.id),
            fields: leg.fields.as_str().into(),
            mailbox: self.mailbox.clone(),
        });
        if is_new {
            self.calls.push(leg);
        }
        is_new
    }

    fn remote_sdp(&self, id: &str, sdp: &str, is_initiator: bool) {
        self.tell(&Frame::new(name::REMOTE_SDP, [quoted(id), quoted(sdp), is_initiator.to_string()]));
    }

    fn call_error(&self, info: &str, id: Option<&str>) {
        self.tell(&Frame::failed(info, Some(HookName::CallStatus), id.map(str::to_owned)));
    }

    fn as_peer(&self, id: &str) -> Peer {
        Peer::new(id.into(), self.mailbox.clone())
    }

    fn login(&self) -> String {
        self.hooks.connection().ok().and_then(|connection| connection.sip_login).unwrap_or_default()
    }

    fn is_ringing(&self, id: &str, from: &str) -> bool {
        self.leg(id).is_some_and(|leg| leg.is_with(from) && !leg.is_answered)
    }

    fn leg(&self, id: &str) -> Option<&Leg> {
        self.calls.iter().find(|leg| *leg.id == *id)
    }

    fn leg_mut(&mut self, id: &str) -> Option<&mut Leg> {
        self.calls.iter_mut().find(|leg| *leg.id == *id)
    }
}

/// The message by which a client learns of a status.
fn message(status: &CallStatus) -> &'static str {
    match status {
        CallStatus::Trying => name::TRYING,
        CallStatus::Ring => name::RING,
        CallStatus::Hold => HookName::Hold.as_str(),
        CallStatus::Established => name::TALK,
        _ => name::FINISH,
    }
}
