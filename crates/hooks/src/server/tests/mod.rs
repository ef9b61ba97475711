//! Servers in process, by a clock that stands still: connections are pipes.

mod draining;
mod sockets;
mod strangers;
mod time;
mod tls;
mod versions;

use std::{future::pending, net::IpAddr, sync::Arc, time::Duration};

use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
    time::{Instant, sleep},
};

use super::{
    Server, ServerSettings, Shared, accept,
    transport::{Socket, Stream},
};
use crate::{AllowAll, Backend, Callers, Hooks, Settings, hook};

/// One hook's answer takes ten seconds, another's never ends; one tells the caller's address.
fn backend() -> Backend {
    let hooks = Hooks::new(AllowAll)
        .on(hook::PublishStream, async |_, stream| {
            sleep(Duration::from_secs(10)).await;
            Ok(stream)
        })
        .on(hook::PlayStream, async |_, _| pending().await)
        .on(hook::PushLogs, async |ctx, mut logs| {
            let peer = ctx.peer_address();
            logs.extra.insert("peer".into(), peer.map_or("none".into(), |peer| peer.to_string().into()));
            Ok(logs)
        });
    let mut settings = Settings { callers: Some(Callers::anyone()), ..Settings::default() };
    settings.deadlines.refusable = Duration::ZERO;
    Backend::builder(hooks).settings(settings).build().unwrap()
}

fn shared(settings: ServerSettings) -> Arc<Shared> {
    Arc::new(Shared::new(backend(), settings).unwrap())
}

/// A client's end of a connection.
struct Client {
    pipe: DuplexStream,
}

impl Client {
    fn connect(shared: &Arc<Shared>) -> Self {
        Self::connect_from(shared, None)
    }

    fn connect_from(shared: &Arc<Shared>, peer: Option<IpAddr>) -> Self {
        Self::connect_by(duplex(64 * 1024), shared, peer)
    }

    fn connect_by(
        (pipe, other): (DuplexStream, DuplexStream),
        shared: &Arc<Shared>,
        peer: Option<IpAddr>,
    ) -> Self {
        accept::start(Socket { stream: Stream::Boxed(Box::pin(TokioIo::new(other))), peer }, shared);
        Self { pipe }
    }

    async fn send(&mut self, text: &str) {
        self.pipe.write_all(text.as_bytes()).await.unwrap();
    }

    /// What comes next, whole if it is small.
    async fn receive(&mut self) -> String {
        let mut buffer = vec![0; 16 * 1024];
        let length = self.pipe.read(&mut buffer).await.unwrap();
        buffer.truncate(length);
        String::from_utf8(buffer).unwrap()
    }

    /// How long it takes until the connection is closed, without another byte.
    async fn closed_after(&mut self) -> Duration {
        let start = Instant::now();
        let received = self.receive().await;
        assert_eq!(received, "");
        start.elapsed()
    }
}

fn request(hook: crate::HookName) -> String {
    request_of(hook, "stream")
}

fn request_of(hook: crate::HookName, name: &str) -> String {
    let body = format!(
        r#"{{"nodeId":"n","appKey":"defaultApp","sessionId":"s","mediaSessionId":"m","name":"{name}"}}"#
    );
    let head = format!(
        "POST /{hook} HTTP/1.1\r\nHost: b\r\nContent-Type: application/json\r\nContent-Length: {}",
        body.len()
    );
    format!("{head}\r\n\r\n{body}")
}
