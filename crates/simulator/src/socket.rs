//! One WebSocket: what comes goes to its session, what waits in the outbox goes to the client.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{
        Request, State, WebSocketUpgrade,
        ws::{CloseFrame, Message, WebSocket, close_code, rejection::WebSocketUpgradeRejection},
    },
    response::{IntoResponse, Response},
    routing::any,
};
use futures_util::{
    SinkExt, StreamExt,
    stream::{SplitSink, SplitStream},
};
use http::{
    StatusCode,
    header::{ORIGIN, UPGRADE},
};
use tokio::{
    sync::mpsc,
    task::JoinHandle,
    time::{Instant, MissedTickBehavior, interval_at, timeout},
};

use crate::{
    Limits,
    frame::{Frame, FrameError, name},
    gateway::Shared,
    hub::Place,
    origins::check_host,
    outbox::{Outgoing, outbox},
    players,
    session::{self, Client},
};

/// How long a client may take to close its side.
const CLOSE_WITHIN: Duration = Duration::from_secs(2);

/// What a browser shows that is sent here without the SDK.
const NO_PAGE: &str = "This is a WebSocket endpoint for Flashphoner's WebSDK\n";

/// WebSockets and HLS playlists.
pub(crate) fn router(shared: Arc<Shared>) -> Router {
    Router::new().route("/", any(upgrade)).fallback(upgrade).with_state(shared)
}

async fn upgrade(
    State(shared): State<Arc<Shared>>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
    request: Request,
) -> Response {
    let node_id = shared.hub.node_id();
    let Ok(upgrade) = upgrade else {
        if let Err(denied) = check_host(&request, &node_id) {
            return denied.into_response();
        }
        let playlist = players::playlist(&shared, request.uri()).await;
        let no_page = || (StatusCode::UPGRADE_REQUIRED, [(UPGRADE, "websocket")], NO_PAGE).into_response();
        return playlist.unwrap_or_else(no_page);
    };
    if let Err(denied) = shared.origins.check(&request, &node_id) {
        tracing::warn!(origin = ?request.headers().get(ORIGIN), reason = denied.1.trim_end(), "client turned away");
        return denied.into_response();
    }
    let Some(place) = shared.places.take().filter(|_| !shared.is_stopping()) else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let origin = request.headers().get(ORIGIN).and_then(|origin| origin.to_str().ok()).map(str::to_owned);
    upgrade
        .max_message_size(shared.limits.frame)
        .max_frame_size(shared.limits.frame)
        .on_upgrade(move |socket| serve(shared, socket, origin, place))
}

/// Serves a client to its end. The session has its own task, which outlives the socket while it tells the backend.
async fn serve(shared: Arc<Shared>, socket: WebSocket, origin: Option<String>, place: Place) {
    let (sink, stream) = socket.split();
    let (outbox, outgoing) = outbox(&shared.limits);
    let (sender, frames) = mpsc::channel(shared.limits.waiting_frames.max(1));
    let writer = tokio::spawn(write(sink, outgoing, shared.limits.clone()));
    let client = Client { frames, outbox, origin };
    tokio::spawn(session::run(Arc::clone(&shared), client, place));
    read(stream, sender, writer, &shared.limits).await;
}

async fn read(
    mut stream: SplitStream<WebSocket>,
    frames: mpsc::Sender<Result<Frame, FrameError>>,
    mut writer: JoinHandle<()>,
    limits: &Limits,
) {
    loop {
        let message = tokio::select! {
            message = timeout(limits.silence, stream.next()) => message,
            _ = &mut writer => {
                drop(frames);
                let _ = timeout(CLOSE_WITHIN, async { while let Some(Ok(_)) = stream.next().await {} }).await;
                return;
            }
        };
        match message {
            Ok(Some(Ok(Message::Text(text)))) => {
                if frames.send(Frame::read(&text)).await.is_err() {
                    break;
                }
            }
            Ok(Some(Ok(Message::Close(_)) | Err(_)) | None) => break,
            Ok(Some(Ok(_))) => {}
            Err(_) => {
                tracing::debug!("A client is silent");
                break;
            }
        }
    }
}

async fn write(mut sink: SplitSink<WebSocket, Message>, mut outgoing: Outgoing, limits: Limits) {
    let mut pings = interval_at(Instant::now() + limits.ping_every, limits.ping_every);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let (text, queued) = tokio::select! {
            text = outgoing.next() => match text {
                Some(text) => { let length = text.len(); (text, length) },
                None => break close(&mut sink, close_code::NORMAL, "").await,
            },
            _ = pings.tick() => (Frame::bare(name::PING).to_string(), 0),
        };
        let sent = timeout(limits.silence, sink.send(Message::Text(text.into())));
        let is_sent = tokio::select! {
            biased;
            () = outgoing.overflow() => false,
            sent = sent => matches!(sent, Ok(Ok(()))),
        };
        if !is_sent {
            break close(&mut sink, close_code::POLICY, "the client does not read").await;
        }
        outgoing.written(queued);
    }
}

async fn close(sink: &mut SplitSink<WebSocket, Message>, code: u16, reason: &'static str) {
    let frame = CloseFrame { code, reason: reason.into() };
    let _ = timeout(CLOSE_WITHIN, sink.send(Message::Close(Some(frame)))).await;
}
