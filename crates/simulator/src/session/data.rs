//! Custom signaling. Spec §7.8.

use wcs_hooks_dispatcher::{ToClient, Verdict};
use wcs_hooks_protocol::{HookName, Object, status::DataStatus};

use super::{Session, fields::object};
use crate::frame::{Frame, quoted};

impl Session {
    /// A client sends data. It learns what became of it by `DataStatusEvent`, which settles the SDK's promise.
    pub(super) async fn client_data(&self, data: &Object<'_>) {
        let Some(id) = data.string("operationId") else {
            let info = "Data needs an operationId";
            return self.tell(&Frame::failed(info, Some(HookName::DataStatus), None));
        };
        let verdict = self.send(HookName::OnData, data).await;
        let message = HookName::DataStatus.as_str();
        self.event(HookName::DataStatus, &status(&id, &verdict), message).await;
    }

    /// Data for the client, from the REST API. The SDK of today does not acknowledge it, so that WCS does.
    pub(super) async fn data_for_client(&self, operation_id: &str, payload: &str) {
        let data = object([("operationId", quoted(operation_id)), ("payload", payload.to_owned())]);
        self.tell(&Frame::new(HookName::OnData.as_str(), [data]));
        let accepted = outcome(operation_id, &DataStatus::Accepted);
        let accepted = object(accepted);
        let Ok(accepted) = Object::parse(&accepted) else { return };
        self.tell_failure(&self.send(HookName::DataStatus, &accepted).await);
    }
}

fn status(operation_id: &str, verdict: &Verdict) -> String {
    match verdict.to_client() {
        ToClient::Fail(fail) => {
            let mut members = outcome(operation_id, &DataStatus::Failed);
            members.push(("info", quoted(&fail.info)));
            object(members)
        }
        _ => object(outcome(operation_id, &DataStatus::Accepted)),
    }
}

fn outcome(operation_id: &str, status: &DataStatus) -> Vec<(&'static str, String)> {
    vec![("operationId", quoted(operation_id)), ("status", quoted(status.as_str()))]
}
