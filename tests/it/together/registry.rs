//! What a registry knows of calls that WCS tells about.

use wcs_hooks::{
    AllowAll, Hooks, Refusal, hook,
    payloads::Call,
    registry::{Query, Registry},
    status::{CallStatus, SessionStatus},
};

use crate::support::{open, session};

fn call(id: &str, status: CallStatus) -> Call {
    Call { call_id: id.into(), caller: "1001".into(), status: Some(status), ..Call::default() }
}

/// The calls that are live, and how far each has come.
async fn live(registry: &Registry) -> Vec<(String, CallStatus)> {
    let Ok(calls) = registry.calls(&Query::new().app("defaultApp")).await;
    calls.into_iter().map(|call| (call.id.own, call.status)).collect()
}

#[tokio::test]
async fn calls_are_live_from_when_they_are_let_through_to_their_end() {
    let registry = Registry::new();
    let hooks = Hooks::new(AllowAll).registry(&registry).on(hook::OnCall, async |_, call: Call| {
        if call.caller == "1001" { Ok(call) } else { Err(Refusal::forbidden("unknown caller")) }
    });
    let session = session(&open(hooks)).await;
    session.send_status(SessionStatus::Established).await;

    let incoming = Call { incoming: Some(true), status: None, ..call("in", CallStatus::Pending) };
    session
        .send(hook::OnCall, Call { call_id: "refused".into(), caller: "0900".into(), ..incoming.clone() })
        .await;
    session.send(hook::OnCall, incoming).await;
    assert_eq!(live(&registry).await, [("in".into(), CallStatus::Pending)]);

    // Outgoing: nothing is live before WCS says that it tries.
    session.send(hook::PlaceCall, Call { status: None, ..call("out", CallStatus::New) }).await;
    assert_eq!(registry.counts().calls, 1);
    for (id, status) in [
        ("in", CallStatus::Established),
        ("out", CallStatus::Trying),
        ("out", CallStatus::Ring),
        ("out", CallStatus::Established),
        // Late, and passed over.
        ("out", CallStatus::Ring),
        ("in", CallStatus::Hold),
    ] {
        session.send(hook::CallStatus, call(id, status)).await;
    }
    let expected = [("in".into(), CallStatus::Hold), ("out".into(), CallStatus::Established)];
    assert_eq!(live(&registry).await, expected);

    session.send(hook::CallStatus, call("in", CallStatus::Finish)).await;
    assert_eq!(live(&registry).await, expected[1..]);
    session.send_status(SessionStatus::Disconnected).await;
    assert_eq!(live(&registry).await, []);
    let counts = registry.counts();
    assert_eq!((counts.sessions, counts.calls), (0, 0));
}
