//! `soak`: sessions come and go for a while; the server's memory must not grow with them.

use std::{
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::task::JoinSet;
use wcs_hooks_dispatcher::{
    App, Dispatcher, HttpTransport, Session, Settings, hook,
    payloads::{Connection, Stream},
    status::{SessionStatus, StreamStatus},
};

use crate::{
    process::ServerProcess,
    servers::{KEY, Receiver},
};

#[derive(Debug, clap::Args)]
pub(crate) struct Soak {
    /// How long.
    #[arg(default_value_t = 60, value_parser = clap::value_parser!(u32).range(8..=86_400))]
    seconds: u32,
    /// Which receiver, by id.
    #[arg(long, default_value = "full", value_parser = crate::servers::receiver)]
    receiver: Receiver,
    /// How many clients at a time.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    clients: u32,
}

/// Samples of the server's memory in all.
const SAMPLES: u32 = 32;
/// What an allocator may add without anything leaking.
const NOISE: u64 = 256 * 1024;

impl Soak {
    /// The exit code tells whether the memory was flat.
    pub(crate) async fn run(&self) -> ExitCode {
        let server = ServerProcess::start(&[self.receiver]);
        println!("{}: {} clients for {} s\n", self.receiver.name, self.clients, self.seconds);
        let clients = Clients::start(self.clients, server.ports[0]);
        let samples = self.watch(&server, &clients.hooks).await;
        clients.stop().await;
        let verdict = verdict(&samples);
        println!("\n{}: {:+.1} KiB between the second and the last quarter", verdict.word(), verdict.grown());
        if verdict.is_flat { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    async fn watch(&self, server: &ServerProcess, hooks: &AtomicU64) -> Vec<u64> {
        println!("    after       hooks  memory KiB  open files");
        let started = Instant::now();
        let pause = Duration::from_secs(self.seconds.into()) / SAMPLES;
        let mut samples = Vec::new();
        for _ in 0..SAMPLES {
            tokio::time::sleep(pause).await;
            samples.push(server.resident_memory());
            println!(
                "{:>7.1} s {:>11} {:>11} {:>11}",
                started.elapsed().as_secs_f64(),
                hooks.load(Ordering::Relaxed),
                samples[samples.len() - 1] / 1024,
                server.open_files()
            );
        }
        samples
    }
}

/// Clients of a WCS that come, publish, and go, over and over.
struct Clients {
    hooks: Arc<AtomicU64>,
    is_over: Arc<AtomicBool>,
    tasks: JoinSet<()>,
}

impl Clients {
    fn start(count: u32, port: u16) -> Self {
        let settings = Settings { hook_secret: Some(KEY.into()), ..Settings::default() };
        let dispatcher = Dispatcher::new(settings, HttpTransport::new().expect("TLS"));
        let app = App::new("defaultApp", &format!("http://127.0.0.1:{port}/app")).expect("a URL");
        let mut clients = Self { hooks: Arc::default(), is_over: Arc::default(), tasks: JoinSet::new() };
        for _ in 0..count {
            let (hooks, is_over) = (clients.hooks.clone(), clients.is_over.clone());
            clients.tasks.spawn(come_and_go(dispatcher.clone(), app.clone(), hooks, is_over));
        }
        clients
    }

    async fn stop(self) {
        self.is_over.store(true, Ordering::Relaxed);
        self.tasks.join_all().await;
    }
}

async fn come_and_go(dispatcher: Dispatcher, app: App, hooks: Arc<AtomicU64>, is_over: Arc<AtomicBool>) {
    while !is_over.load(Ordering::Relaxed) {
        let session = dispatcher.connect(&app, Connection::default()).await.expect("an open session");
        let sent = publish(&session).await;
        hooks.fetch_add(1 + sent, Ordering::Relaxed);
    }
}

/// A session from its start to its end; gives the number of hooks.
async fn publish(session: &Session) -> u64 {
    let stream = Stream {
        media_session_id: session.context().session_id.clone(),
        name: "studio".into(),
        ..Stream::default()
    };
    let with = |status| Stream { status: Some(status), ..stream.clone() };
    let verdicts = [
        session.send_status(SessionStatus::Established).await,
        session.send(hook::PublishStream, with(StreamStatus::Pending)).await,
        session.send(hook::StreamStatus, with(StreamStatus::Publishing)).await,
        session.keep_alive(with(StreamStatus::Publishing)).await,
        session.send(hook::UnPublishStream, stream.clone()).await,
        session.send(hook::StreamStatus, with(StreamStatus::Unpublished)).await,
        session.send_status(SessionStatus::Disconnected).await,
    ];
    let asked = verdicts.iter().filter(|verdict| verdict.reply().is_some());
    for verdict in &verdicts {
        assert!(verdict.goes_on(), "{verdict:?}");
    }
    asked.count() as u64
}

struct Verdict {
    is_flat: bool,
    second_quarter: u64,
    last_quarter: u64,
}

impl Verdict {
    fn word(&self) -> &'static str {
        if self.is_flat { "flat" } else { "growing" }
    }

    /// In KiB.
    #[allow(clippy::cast_precision_loss)]
    fn grown(&self) -> f64 {
        (self.last_quarter as f64 - self.second_quarter as f64) / 1024.0
    }
}

/// Compares the most that was used in the second quarter with that of the last: the first one warms up.
fn verdict(samples: &[u64]) -> Verdict {
    let quarter = samples.len() / 4;
    let most = |samples: &[u64]| samples.iter().copied().max().unwrap_or_default();
    let second_quarter = most(&samples[quarter..2 * quarter]);
    let last_quarter = most(&samples[samples.len() - quarter..]);
    let is_flat = last_quarter <= second_quarter + NOISE.max(second_quarter / 100);
    Verdict { is_flat, second_quarter, last_quarter }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1024 * 1024;

    #[test]
    fn memory_is_flat_once_it_is_warm() {
        let warming: Vec<u64> = (0..32).map(|sample| 10 * MIB + sample.min(7) * MIB).collect();
        assert!(verdict(&warming).is_flat);
        let saw: Vec<u64> = (0..32).map(|sample| 10 * MIB + sample % 4 * MIB).collect();
        assert!(verdict(&saw).is_flat);
    }

    #[test]
    fn a_slow_leak_is_growing() {
        let leak: Vec<u64> = (0..32).map(|sample| 10 * MIB + sample * MIB / 32).collect();
        assert!(!verdict(&leak).is_flat);
    }
}
