//! What makes a gateway misbehave, over HTTP: `/simulator/…`, beside the REST API.

use axum::{
    Router,
    extract::State,
    routing::{get, post},
};
use bytes::Bytes;
use http::StatusCode;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    Gateway, Restart,
    faults::{FaultCounts, FaultRule},
    rest::{Answer, Answered, Command, Filter},
    session::Input,
    storm::{Storm, StormError, StormProgress},
};

pub(crate) fn router(gateway: Gateway) -> Router {
    let commands = Router::new()
        .route("/state", get(state))
        .route("/faults", post(set_faults))
        .route("/storm", post(begin_storm).delete(end_storm))
        .route("/restart", post(restart))
        .route("/node-id", post(set_node_id))
        .route("/disconnect", post(disconnect))
        .route("/play-rtsp", post(play_rtsp));
    Router::new().nest("/simulator", commands).with_state(gateway)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    node_id: String,
    sessions: usize,
    streams: usize,
    calls: usize,
    faults: FaultReport,
    storm: Option<StormProgress>,
}

#[derive(Serialize)]
struct FaultReport {
    rules: Vec<FaultRule>,
    counts: FaultCounts,
}

async fn state(State(gateway): State<Gateway>) -> Answer {
    let hub = &gateway.shared.hub;
    json(&Report {
        node_id: gateway.node_id(),
        sessions: hub.sessions().len(),
        streams: hub.streams().len(),
        calls: hub.calls().len(),
        faults: faults(&gateway),
        storm: gateway.shared.storm.get().map(|storm| storm.progress()),
    })
}

fn faults(gateway: &Gateway) -> FaultReport {
    FaultReport { rules: gateway.faults().rules(), counts: gateway.faults().counts() }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetFaults {
    seed: Option<u64>,
    rules: Vec<FaultRule>,
}

async fn set_faults(State(gateway): State<Gateway>, body: Bytes) -> Answered {
    let SetFaults { seed, rules } = read(&body)?;
    gateway.faults().set(rules).map_err(|error| bad(&error))?;
    if let Some(seed) = seed {
        gateway.faults().reseed(seed);
    }
    Ok(json(&faults(&gateway)))
}

async fn begin_storm(State(gateway): State<Gateway>, body: Bytes) -> Answered {
    match gateway.storm(read::<Storm>(&body)?) {
        Ok(storm) => Ok(json(&storm.progress())),
        Err(error @ StormError::Running) => Err(Answer::error(StatusCode::CONFLICT, error.to_string())),
        Err(error) => Err(bad(&error)),
    }
}

async fn end_storm(State(gateway): State<Gateway>) -> Answer {
    let Some(storm) = gateway.shared.storm.get() else { return Answer::None };
    storm.end();
    json(&storm.progress())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RestartNow {
    how: Restart,
    #[serde(default)]
    new_node_id: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Ended {
    node_id: String,
    sessions: usize,
}

async fn restart(State(gateway): State<Gateway>, body: Bytes) -> Answered {
    let RestartNow { how, new_node_id } = read(&body)?;
    let sessions = gateway.restart(how);
    let node_id = if new_node_id { gateway.renew_node_id() } else { gateway.node_id() };
    Ok(json(&Ended { node_id, sessions }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SetNodeId {
    node_id: Option<String>,
}

async fn set_node_id(State(gateway): State<Gateway>, body: Bytes) -> Answered {
    match read::<SetNodeId>(&body)?.node_id {
        Some(node_id) => gateway.set_node_id(node_id),
        None => drop(gateway.renew_node_id()),
    }
    Ok(json(&Ended { node_id: gateway.node_id(), sessions: 0 }))
}

/// The connections of these sessions are lost; of all, if nothing is said of them.
async fn disconnect(State(gateway): State<Gateway>, command: Command) -> Answered {
    let object = command.object()?;
    let filter = Filter::of(&object);
    let mut sessions = gateway.shared.hub.sessions();
    sessions.retain(|session| filter.takes(&session.connection));
    for session in &sessions {
        let _ = session.mailbox.put(Input::Terminate);
    }
    Ok(json(&Ended { node_id: gateway.node_id(), sessions: sessions.len() }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PlayRtsp {
    url: String,
    user_agent: Option<String>,
}

#[derive(Serialize)]
struct Played {
    asked: bool,
    allowed: bool,
}

async fn play_rtsp(State(gateway): State<Gateway>, body: Bytes) -> Answered {
    let PlayRtsp { url, user_agent } = read(&body)?;
    let verdict = gateway.play_rtsp(&url, user_agent.as_deref()).await;
    let verdict = verdict.ok_or_else(|| Answer::error(StatusCode::BAD_REQUEST, "no RTSP URL of an app"))?;
    Ok(json(&Played { asked: verdict.attempts() > 0, allowed: verdict.player_refusal().is_none() }))
}

/// An empty body is an empty object.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Answer> {
    let body = body.trim_ascii();
    serde_json::from_slice(if body.is_empty() { b"{}" } else { body }).map_err(|error| bad(&error))
}

fn bad(error: &dyn std::error::Error) -> Answer {
    Answer::error(StatusCode::BAD_REQUEST, error.to_string())
}

fn json(value: &impl Serialize) -> Answer {
    match serde_json::to_string(value) {
        Ok(json) => Answer::Json(json),
        Err(error) => Answer::error(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
    }
}
