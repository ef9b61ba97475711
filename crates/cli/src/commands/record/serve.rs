//! Takes WCS's connections until the recording is stopped.

use std::{pin::pin, sync::Arc, time::Duration};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    task::JoinSet,
    time::{sleep, timeout},
};

use super::proxy::Proxy;
use crate::signals::Signals;

/// WCS's heads come in one piece.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// How long hooks that are under way may take when the recording is stopped: WCS's own `rest_request_timeout`.
const DRAIN: Duration = Duration::from_secs(15);
/// Until it is tried again, where no connection can be taken: there may be no file left for it.
const PAUSE: Duration = Duration::from_millis(50);

/// Until a signal comes; then hooks that are under way are answered, for 15 seconds at most or until the next one comes.
pub(super) async fn serve(
    listener: TcpListener,
    proxy: Proxy,
    most_connections: usize,
    signals: &mut Signals,
) {
    let (proxy, places) = (Arc::new(proxy), Arc::new(Semaphore::new(most_connections)));
    let (stopping, stopped) = watch::channel(());
    let mut connections = JoinSet::new();
    loop {
        let accepted = async {
            // The semaphore is never closed.
            let place = Arc::clone(&places).acquire_owned().await.ok();
            (place, listener.accept().await)
        };
        let (place, accepted) =
            tokio::select! { accepted = accepted => accepted, () = signals.next() => break };
        let Ok((stream, _)) = accepted else {
            sleep(PAUSE).await;
            continue;
        };
        let serving = connection(stream, Arc::clone(&proxy), stopped.clone());
        connections.spawn(async move {
            serving.await;
            drop(place);
        });
        while connections.try_join_next().is_some() {}
    }
    drop((listener, stopping));
    let ended = async { while connections.join_next().await.is_some() {} };
    tokio::select! { _ = timeout(DRAIN, ended) => {}, () = signals.next() => {} }
    connections.shutdown().await;
}

/// Until the connection is closed. When the recording stops, behind the answer that is under way.
async fn connection(stream: TcpStream, proxy: Arc<Proxy>, mut stopped: watch::Receiver<()>) {
    // A small answer is not to wait for others. Without that it comes later, which is not worth an end.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| Arc::clone(&proxy).handle(request));
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .auto_date_header(false)
        .serve_connection(TokioIo::new(stream), service);
    let mut serving = pin!(serving);
    // What goes wrong with an exchange is in the recording.
    tokio::select! {
        _ = &mut serving => return,
        _ = stopped.changed() => serving.as_mut().graceful_shutdown(),
    }
    let _ = serving.await;
}
