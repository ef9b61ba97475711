//! The course of a storm.

use std::sync::Arc;

use futures_util::{
    StreamExt,
    stream::{self, FuturesUnordered},
};
use tokio::{
    sync::watch,
    time::{Instant, timeout},
};
use uuid::Uuid;
use wcs_hooks_dispatcher::status::{MediaProvider, StreamStatus};
use wcs_hooks_protocol::{HookName, quoted};

use super::{Storm, StormPhase, StormProgress};
use crate::{
    frame::{Frame, name},
    gateway::Shared,
    session::object,
    virtual_client::VirtualClient,
};

type Progress = watch::Sender<StormProgress>;

pub(super) async fn run(
    shared: Arc<Shared>,
    storm: Storm,
    progress: Progress,
    mut ended: watch::Receiver<bool>,
) {
    let clients = connect_all(&shared, &storm, &progress, &ended).await;
    progress.send_modify(|progress| progress.phase = StormPhase::Staying);
    let _ = timeout(storm.stay, ended.wait_for(|ended| *ended)).await;
    progress.send_modify(|progress| progress.phase = StormPhase::Leaving);
    leave_all(clients, &progress).await;
    progress.send_modify(|progress| progress.phase = StormPhase::Over);
}

async fn connect_all(
    shared: &Arc<Shared>,
    storm: &Storm,
    progress: &Progress,
    ended: &watch::Receiver<bool>,
) -> Vec<VirtualClient> {
    let started = Instant::now();
    let numbers = stream::iter(0..storm.sessions);
    let opened = numbers.map(|number| async move {
        if *ended.borrow() {
            return None;
        }
        let client = connect(shared, storm, number, progress).await;
        progress.send_modify(|progress| progress.connecting = started.elapsed());
        client
    });
    opened.buffer_unordered(storm.at_once.max(1)).filter_map(async |client| client).collect().await
}

async fn connect(
    shared: &Arc<Shared>,
    storm: &Storm,
    number: usize,
    progress: &Progress,
) -> Option<VirtualClient> {
    let client = match VirtualClient::open(shared) {
        Some(client) => connected(client, storm).await,
        None => None,
    };
    let Some(mut client) = client else {
        progress.send_modify(|progress| progress.refused += 1);
        return None;
    };
    progress.send_modify(|progress| progress.connected += 1);
    if storm.publish && publishes(&mut client, number).await {
        progress.send_modify(|progress| progress.publishing += 1);
    }
    Some(client)
}

async fn connected(mut client: VirtualClient, storm: &Storm) -> Option<VirtualClient> {
    let custom = serde_json::to_string(&storm.custom).unwrap_or_default();
    let web_rtc = format!("[{}]", quoted(MediaProvider::WebRtc.as_str()));
    let connection =
        object([("appKey", quoted(&storm.app_key)), ("mediaProviders", web_rtc), ("custom", custom)]);
    client.send(name::CONNECTION, connection).await;
    let answer = client.wait_for(&[name::USER_DATA, name::FAIL]).await?;
    (answer.message() == name::USER_DATA).then_some(client)
}

async fn publishes(client: &mut VirtualClient, number: usize) -> bool {
    let stream = object([
        ("mediaSessionId", quoted(&Uuid::new_v4().to_string())),
        ("name", quoted(&format!("storm-{number}"))),
        ("hasVideo", "true".to_owned()),
        ("hasAudio", "true".to_owned()),
        ("status", quoted(StreamStatus::Pending.as_str())),
        ("mediaProvider", quoted(MediaProvider::WebRtc.as_str())),
    ]);
    client.send(HookName::PublishStream.as_str(), stream).await;
    let answer = client.wait_for(&[name::STREAM_STATUS, name::FAIL]).await;
    answer.as_ref().is_some_and(is_publishing)
}

fn is_publishing(answer: &Frame) -> bool {
    let status = answer.object().ok().and_then(|answer| answer.string("status").map(String::from));
    status.as_deref() == Some(StreamStatus::Publishing.as_str())
}

/// All leave before anything is waited for.
async fn leave_all(clients: Vec<VirtualClient>, progress: &Progress) {
    let started = Instant::now();
    let mut sessions: FuturesUnordered<_> = clients.into_iter().map(VirtualClient::leave).collect();
    while sessions.next().await.is_some() {
        progress.send_modify(|progress| {
            progress.left += 1;
            progress.leaving = started.elapsed();
        });
    }
}
