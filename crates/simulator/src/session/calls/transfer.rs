//! Blind transfers: who is talked to is asked to call somebody else. Spec §7.7.
//!
//! Only the signalling is carried over: the browsers of a transferred call have no offer and answer of each other.

use std::sync::Arc;

use wcs_hooks_protocol::{
    HookName, Object, quoted,
    status::{CallStatus, TransferStatus},
};

use super::{Invite, Leg, Peer, Session, Signal, Sip, incoming};
use crate::{frame::name, session::fields::object};

impl Session {
    /// A client wants the other side to call somebody else.
    pub(super) async fn transfer(&mut self, id: &str, request: &Object<'_>) {
        if !self.leg(id).is_some_and(|leg| leg.is_answered && leg.next.is_none()) {
            return self.call_error("The call is not established", Some(id));
        }
        let Some(verdict) = self.ask(HookName::TransferCall, request).await else { return };
        let Ok(agreed) = Object::parse(verdict.fields()) else { return };
        let target = agreed.string("target").unwrap_or_default().into_owned();
        if let Some(leg) = self.leg_mut(id) {
            leg.set_target(&target);
        }
        self.transfer_status(id, &target, &TransferStatus::Accepted, None).await;
        if let Some(peer) = self.leg(id).and_then(|leg| leg.peer.as_ref()) {
            peer.tell(Signal::Refer { target });
        }
    }

    /// The other side wants this one to call somebody else.
    pub(super) async fn refer(&mut self, id: &str, target: &str) {
        let Some(leg) = self.leg_mut(id) else { return };
        if leg.next.is_some() {
            return leg.tell_transfer(target, TransferStatus::Failed, Some(Sip::PENDING.info()));
        }
        leg.set_target(target);
        self.transfer_event(HookName::OnTransfer, id, target, &TransferStatus::Pending, None).await;
        let Some(member) = self.shared.hub.registered(target) else {
            return self.transfer_ended(id, target, Some(Sip::NOT_FOUND)).await;
        };
        let this = self.as_peer(id);
        let Some(leg) = self.leg_mut(id) else { return };
        let call = leg.towards(target);
        let Ok(call) = Object::parse(&call) else { return };
        let (new_id, fields) = incoming(&call, Some(id));
        let next = Peer::new(Arc::clone(&new_id), member.mailbox);
        leg.next = Some(next.clone());
        leg.tell_transfer(target, TransferStatus::Trying, None);
        next.tell(Signal::Invite(Invite::new(this, new_id, fields, leg.sdp.clone())));
    }

    /// Who is called instead has answered.
    pub(super) async fn transferred(&mut self, id: &str) {
        let Some(leg) = self.leg_mut(id) else { return };
        let target = leg.text("target");
        let before = std::mem::replace(&mut leg.peer, leg.next.take());
        if let Some(before) = before {
            let (target, status) = (target.clone(), TransferStatus::Completed);
            before.tell(Signal::Transfer { target, status, info: None });
        }
        self.transfer_status(id, &target, &TransferStatus::Completed, None).await;
    }

    /// Who is called instead does not take the call.
    pub(super) async fn not_transferred(&mut self, id: &str, answer: Option<Sip>) {
        let Some(leg) = self.leg_mut(id) else { return };
        leg.next = None;
        let (target, is_alone) = (leg.text("target"), leg.peer.is_none());
        self.transfer_ended(id, &target, answer).await;
        if is_alone {
            self.end_call(id, &CallStatus::Finish, None).await;
        }
    }

    async fn transfer_ended(&mut self, id: &str, target: &str, answer: Option<Sip>) {
        let info = answer.map(Sip::info);
        if let Some(leg) = self.leg(id) {
            leg.tell_transfer(target, TransferStatus::Failed, info.clone());
        }
        self.transfer_status(id, target, &TransferStatus::Failed, info.as_deref()).await;
    }

    /// How the transfer goes that this side asked for. The call is over for it when the new one stands.
    pub(super) async fn transfer_goes(
        &mut self,
        id: &str,
        target: &str,
        status: &TransferStatus,
        info: Option<&str>,
    ) {
        self.transfer_status(id, target, status, info).await;
        if *status == TransferStatus::Completed {
            self.end_call(id, &CallStatus::Finish, None).await;
        }
    }

    async fn transfer_status(&mut self, id: &str, target: &str, status: &TransferStatus, info: Option<&str>) {
        self.transfer_event(HookName::TransferStatus, id, target, status, info).await;
    }

    async fn transfer_event(
        &mut self,
        hook: HookName,
        id: &str,
        target: &str,
        status: &TransferStatus,
        info: Option<&str>,
    ) {
        let Some(leg) = self.leg(id) else { return };
        let mut members = vec![
            ("callId", quoted(id)),
            ("incoming", leg.incoming.to_string()),
            ("status", quoted(status.as_str())),
            ("caller", quoted(&leg.text("caller"))),
            ("callee", quoted(&leg.text("callee"))),
            ("target", quoted(target)),
        ];
        members.extend(info.map(|info| ("info", quoted(info))));
        self.event(hook, &object(members), name::TRANSFER).await;
    }
}

impl Leg {
    /// Tells the other side how the transfer goes that it asked for.
    fn tell_transfer(&self, target: &str, status: TransferStatus, info: Option<String>) {
        if let Some(peer) = &self.peer {
            peer.tell(Signal::Transfer { target: target.to_owned(), status, info });
        }
    }
}
