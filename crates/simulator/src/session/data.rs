//! Custom signaling. Spec §7.8.

use wcs_hooks_dispatcher::ToClient;
use wcs_hooks_protocol::{HookName, Object, info, quoted, status::DataStatus};

use super::{Session, fields::object};
use crate::frame::Frame;

impl Session {
    /// A client sends data. It learns what became of it by `DataStatusEvent`, which settles the SDK's promise.
    pub(super) async fn client_data(&self, data: &Object<'_>) {
        let Some(id) = data.string("operationId") else {
            let info = "Data needs an operationId";
            return self.tell(&Frame::failed(info, Some(HookName::DataStatus), None));
        };
        let verdict = self.send(HookName::OnData, data).await;
        let failure = match verdict.to_client() {
            ToClient::Fail(fail) => Some(fail.info),
            _ => None,
        };
        let message = HookName::DataStatus.as_str();
        self.event(HookName::DataStatus, &outcome(&id, failure.as_deref()), message).await;
    }

    /// Data for the client, from the REST API. The SDK of today does not acknowledge it, so that WCS does.
    pub(super) async fn data_for_client(&self, operation_id: &str, payload: &str) {
        let data = object([("operationId", quoted(operation_id)), ("payload", payload.to_owned())]);
        let failure = (!self.outbox.is_open()).then_some(info::stream::SESSION_NOT_READY);
        self.tell(&Frame::new(HookName::OnData.as_str(), [data]));
        let outcome = outcome(operation_id, failure);
        let Ok(outcome) = Object::parse(&outcome) else { return };
        self.tell_failure(&self.send(HookName::DataStatus, &outcome).await);
    }
}

/// The object of `DataStatusEvent`.
fn outcome(operation_id: &str, failure: Option<&str>) -> String {
    let status = if failure.is_some() { DataStatus::Failed } else { DataStatus::Accepted };
    let members = [("operationId", quoted(operation_id)), ("status", quoted(status.as_str()))];
    object(members.into_iter().chain(failure.map(|info| ("info", quoted(info)))))
}
