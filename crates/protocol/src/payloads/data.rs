//! `OnDataEvent` and `DataStatusEvent`: custom signaling. Spec §3.4.

use serde_json::Value;

use crate::{payload::payloads, status::DataStatus};

payloads! {
    /// Data that a client sends. Spec §3.4 OnDataEvent, DataStatusEvent.
    ///
    /// ```
    /// use wcs_hooks_protocol::{Payload, payloads::Data};
    ///
    /// let data = Data::from_json(br#"{"operationId":"1","payload":{"message":"hello"}}"#)?;
    /// assert_eq!(data.payload["message"], "hello");
    /// # Ok::<(), wcs_hooks_protocol::PayloadError>(())
    /// ```
    Data {
        /// A UUID that the sender made. Spec §3.4 (DATA).
        "operationId" [id] operation_id: String,
        /// Any JSON. Spec §3.4 (DATA).
        "payload" [changeable] payload: Value,
        /// The status, in DataStatusEvent. Spec §6.1 (EVS).
        "status" status: Option<DataStatus>,
        /// Why it failed, in DataStatusEvent. Free text. Spec §3.4.
        "info" info: Option<String>,
    }
}
