//! Messages between two registered logins, as the older SDK sends them. Spec §7.8.

use wcs_hooks_dispatcher::ToClient;
use wcs_hooks_protocol::{HookName, Object, status::MessageStatus};

use super::{Input, Session, calls::Sip, fields::Fields};
use crate::{
    frame::{Frame, name},
    hub::Mailbox,
};

/// A message on its way to a session.
pub(crate) struct Letter {
    /// The Message object as its receiver gets it, as JSON.
    fields: String,
    receipt: Receipt,
}

/// What becomes of a message. If nobody fills it in, its sender learns that the receiver is gone.
pub(crate) struct Receipt {
    /// The Message object as its sender knows it, as JSON.
    fields: String,
    failure: Option<Sip>,
    sender: Mailbox,
}

impl Receipt {
    fn new(fields: &str, sender: Mailbox) -> Self {
        Self { fields: fields.to_owned(), failure: Some(Sip::UNAVAILABLE), sender }
    }

    fn accepted(mut self) {
        self.failure = None;
    }

    fn refused(mut self) {
        self.failure = Some(Sip::FORBIDDEN);
    }
}

impl Drop for Receipt {
    fn drop(&mut self) {
        let fields = std::mem::take(&mut self.fields);
        let _ = self.sender.put(Input::Receipt { fields, failure: self.failure.take() });
    }
}

impl Session {
    /// A client sends a message.
    pub(super) async fn send_message(&self, object: &Object<'_>) {
        if object.string("id").is_none_or(|id| id.is_empty()) {
            let info = "A message needs an id";
            return self.tell(&Frame::failed(info, Some(HookName::MessageStatus), None));
        }
        let Some(verdict) = self.ask(HookName::SendMessage, object).await else { return };
        let Ok(agreed) = Object::parse(verdict.fields()) else { return };
        self.message_status(agreed.text(), &MessageStatus::Sent, None).await;
        let to = agreed.string("to").unwrap_or_default();
        match self.shared.hub.registered(&to) {
            Some(receiver) => {
                let fields = Fields::of(&agreed).text("status", MessageStatus::Received.as_str()).json();
                let receipt = Receipt::new(agreed.text(), self.mailbox.clone());
                let _ = receiver.mailbox.put(Input::Message(Letter { fields, receipt }));
            }
            None => self.message_sent(agreed.text(), Some(Sip::NOT_FOUND)).await,
        }
    }

    /// A message comes in: the backend is asked, then the client gets it.
    pub(super) async fn message(&self, letter: Letter) {
        let Ok(message) = Object::parse(&letter.fields) else { return };
        let verdict = self.send(HookName::OnMessage, &message).await;
        self.tell_failure(&verdict);
        match verdict.to_client() {
            ToClient::Delivered(message) => {
                self.tell(&Frame::new(name::MESSAGE, [message]));
                letter.receipt.accepted();
            }
            _ => letter.receipt.refused(),
        }
    }

    /// What has become of a message.
    pub(super) async fn message_sent(&self, fields: &str, failure: Option<Sip>) {
        match failure {
            None => self.message_status(fields, &MessageStatus::Accepted, None).await,
            Some(answer) => {
                self.message_status(fields, &MessageStatus::Failed, Some(&answer.info())).await;
            }
        }
    }

    async fn message_status(&self, fields: &str, status: &MessageStatus, info: Option<&str>) {
        let Ok(message) = Object::parse(fields) else { return };
        let fields = Fields::of(&message).text("status", status.as_str());
        let fields = match info {
            Some(info) => fields.text("info", info),
            None => fields,
        };
        self.event(HookName::MessageStatus, &fields.json(), name::MESSAGE).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_message_that_nobody_takes_has_failed() {
        let (sender, mut inputs, _) = Mailbox::new(1);
        drop(Letter { fields: String::new(), receipt: Receipt::new("{}", sender) });
        match inputs.recv().await {
            Some(Input::Receipt { fields, failure }) => {
                assert_eq!((&*fields, failure), ("{}", Some(Sip::UNAVAILABLE)));
            }
            _ => panic!("there is no receipt"),
        }
    }
}
