//! Tells participants, by WCS's REST API, one thing after the other.

use std::sync::Weak;

use tokio::sync::mpsc;
use wcs_hooks_rest_client::{Recipient, RestClient, StreamFilter};

use crate::{
    hall::Hall,
    rooms::{Effect, News, Session},
};

/// Delivers what a room's queue brings, until the room is dropped.
pub(crate) async fn deliver(hall: Weak<Hall>, wcs: RestClient, mut effects: mpsc::Receiver<Effect>) {
    let mut count = 0;
    while let Some(effect) = effects.recv().await {
        match effect {
            Effect::Tell { room, to, news } => {
                count += 1;
                tell(&hall, &wcs, &room, &to, &news, count).await;
            }
            Effect::EndStream { session, id, .. } => end_stream(&wcs, &session, &id).await,
        }
    }
}

/// Who is not there any more, leaves.
async fn tell(hall: &Weak<Hall>, wcs: &RestClient, room: &str, to: &[Session], news: &News, count: u64) {
    let operation_id = format!("{room}-{count}");
    let report = wcs.send_to_all(to, &operation_id, &news.payload(room)).await;
    if let Some((one, error)) = report.failures.first() {
        let count = report.failures.len();
        tracing::warn!(room, count, session = one.session_id, %error, "participants were not told; one is named");
    }
    if let Some(hall) = hall.upgrade() {
        report.gone.iter().for_each(|recipient| hall.gone(&recipient.into()));
    }
}

async fn end_stream(wcs: &RestClient, session: &Session, id: &str) {
    let stream = StreamFilter::media_session(id);
    let ended = async { wcs.node(&session.node_id)?.streams().terminate(&stream).await };
    if let Err(error) = ended.await {
        tracing::warn!(%error, "a stream goes on whose publisher has left the room");
    }
}

impl From<&Session> for Recipient {
    fn from(session: &Session) -> Self {
        Self { node_id: session.node_id.to_string(), session_id: session.session_id.to_string() }
    }
}

impl From<&Recipient> for Session {
    fn from(recipient: &Recipient) -> Self {
        Self { node_id: (&*recipient.node_id).into(), session_id: (&*recipient.session_id).into() }
    }
}
