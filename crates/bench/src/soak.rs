//! `soak`: sessions come and go for a while; the server's memory must not grow with them. With `--hostile`, others attack meanwhile.

use std::{
    future::Future,
    process::ExitCode,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use hdrhistogram::Histogram;
use tokio::task::{JoinHandle, JoinSet};
use wcs_hooks_dispatcher::{
    App, Dispatcher, HttpTransport, Session, Settings, Verdict, hook,
    payloads::{Connection, Stream},
    status::{SessionStatus, StreamStatus},
};

use crate::{
    hostile,
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
    /// From the second quarter on others open so many connections a second: forged, cut off, silent, no HTTP. The clients pause
    /// between their sessions then, so that what is measured is not how they wait for each other.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=10_000))]
    hostile: u32,
}

/// Beside hostile callers the honest p99 is at most so many times that without them.
const MOST_SLOWED: u64 = 3;
/// Between two sessions of a client, beside hostile ones.
const PAUSE: Duration = Duration::from_millis(100);
/// Samples of the server's memory in all.
const SAMPLES: u32 = 32;
/// What an allocator may add without anything leaking.
const NOISE: u64 = 256 * 1024;

impl Soak {
    /// The exit code tells whether the memory was flat.
    pub(crate) async fn run(&self) -> ExitCode {
        let server = ServerProcess::start(&[self.receiver]);
        println!("{}: {} clients for {} s\n", self.receiver.name, self.clients, self.seconds);
        let pause = if self.hostile > 0 { PAUSE } else { Duration::ZERO };
        let clients = Clients::start(self.clients, server.ports[0], pause);
        let samples = self.watch(&server, &clients.shared).await;
        let shared = clients.stop().await;
        let growth = growth(&samples);
        println!("\n{}: {:+.1} KiB between the second and the last quarter", growth.word(), growth.grown());
        let is_quick = self.hostile == 0 || shared.latencies.report();
        if growth.is_flat && is_quick { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    async fn watch(&self, server: &ServerProcess, shared: &Shared) -> Vec<u64> {
        println!("    after       hooks  memory KiB  open files");
        let started = Instant::now();
        let pause = Duration::from_secs(self.seconds.into()) / SAMPLES;
        let mut samples = Vec::new();
        let mut attack = None;
        for number in 0..SAMPLES {
            tokio::time::sleep(pause).await;
            if number == SAMPLES / 4 && self.hostile > 0 {
                shared.latencies.is_attacked.store(true, Ordering::Relaxed);
                attack = Some(Attack(tokio::spawn(hostile::attack(server.ports[0], self.hostile))));
            }
            samples.push(server.resident_memory());
            println!(
                "{:>7.1} s {:>11} {:>11} {:>11}",
                started.elapsed().as_secs_f64(),
                shared.hooks.load(Ordering::Relaxed),
                samples[samples.len() - 1] / 1024,
                server.open_files()
            );
        }
        drop(attack);
        samples
    }
}

/// Ends when it is dropped.
struct Attack(JoinHandle<()>);

impl Drop for Attack {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// How long the honest wait for an answer, with the hostile and without.
struct Latencies {
    is_attacked: AtomicBool,
    quiet: Mutex<Histogram<u64>>,
    attacked: Mutex<Histogram<u64>>,
}

impl Default for Latencies {
    fn default() -> Self {
        let histogram = || Mutex::new(Histogram::new(3).expect("three digits"));
        Self { is_attacked: AtomicBool::new(false), quiet: histogram(), attacked: histogram() }
    }
}

impl Latencies {
    /// Hooks that the policy lets nobody be asked about do not count.
    async fn measure(&self, asking: impl Future<Output = Verdict>) -> Verdict {
        let is_attacked = self.is_attacked.load(Ordering::Relaxed);
        let asked = Instant::now();
        let verdict = asking.await;
        if verdict.reply().is_some() {
            let micros = u64::try_from(asked.elapsed().as_micros()).unwrap_or(u64::MAX);
            let histogram = if is_attacked { &self.attacked } else { &self.quiet };
            histogram.lock().unwrap_or_else(PoisonError::into_inner).saturating_record(micros);
        }
        verdict
    }

    /// Prints the percentiles; false if hostile callers slowed the honest ones down too much ([`MOST_SLOWED`]).
    fn report(&self) -> bool {
        let percentiles = |histogram: &Mutex<Histogram<u64>>| {
            let histogram = histogram.lock().unwrap_or_else(PoisonError::into_inner);
            [0.5, 0.99, 0.999].map(|quantile| histogram.value_at_quantile(quantile))
        };
        let (quiet, attacked) = (percentiles(&self.quiet), percentiles(&self.attacked));
        println!("honest calls: p50, p99, p999 in µs: {quiet:?} alone, {attacked:?} beside hostile callers");
        attacked[1] <= quiet[1] * MOST_SLOWED
    }
}

#[derive(Default)]
struct Shared {
    hooks: AtomicU64,
    is_over: AtomicBool,
    latencies: Latencies,
}

/// Clients of a WCS that come, publish, and go, over and over.
struct Clients {
    shared: Arc<Shared>,
    tasks: JoinSet<()>,
}

impl Clients {
    fn start(count: u32, port: u16, pause: Duration) -> Self {
        let settings = Settings { hook_secret: Some(KEY.into()), ..Settings::default() };
        let dispatcher = Dispatcher::new(settings, HttpTransport::new().expect("TLS"));
        let app = App::new("defaultApp", &format!("http://127.0.0.1:{port}/app")).expect("a URL");
        let mut clients = Self { shared: Arc::default(), tasks: JoinSet::new() };
        for _ in 0..count {
            let shared = Arc::clone(&clients.shared);
            clients.tasks.spawn(come_and_go(dispatcher.clone(), app.clone(), shared, pause));
        }
        clients
    }

    async fn stop(self) -> Arc<Shared> {
        self.shared.is_over.store(true, Ordering::Relaxed);
        self.tasks.join_all().await;
        self.shared
    }
}

async fn come_and_go(dispatcher: Dispatcher, app: App, shared: Arc<Shared>, pause: Duration) {
    while !shared.is_over.load(Ordering::Relaxed) {
        let session = dispatcher.connect(&app, Connection::default()).await.expect("an open session");
        let sent = publish(&session, &shared.latencies).await;
        shared.hooks.fetch_add(1 + sent, Ordering::Relaxed);
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
    }
}

/// A session from its start to its end; gives the number of hooks.
async fn publish(session: &Session, latencies: &Latencies) -> u64 {
    let stream = Stream {
        media_session_id: session.context().session_id.clone(),
        name: "studio".into(),
        ..Stream::default()
    };
    let with = |status| Stream { status: Some(status), ..stream.clone() };
    let verdicts = [
        latencies.measure(session.send_status(SessionStatus::Established)).await,
        latencies.measure(session.send(hook::PublishStream, with(StreamStatus::Pending))).await,
        latencies.measure(session.send(hook::StreamStatus, with(StreamStatus::Publishing))).await,
        latencies.measure(session.keep_alive(with(StreamStatus::Publishing))).await,
        latencies.measure(session.send(hook::UnPublishStream, stream.clone())).await,
        latencies.measure(session.send(hook::StreamStatus, with(StreamStatus::Unpublished))).await,
        latencies.measure(session.send_status(SessionStatus::Disconnected)).await,
    ];
    let asked = verdicts.iter().filter(|verdict| verdict.reply().is_some());
    for verdict in &verdicts {
        assert!(verdict.goes_on(), "{verdict:?}");
    }
    asked.count() as u64
}

struct Growth {
    is_flat: bool,
    second_quarter: u64,
    last_quarter: u64,
}

impl Growth {
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
fn growth(samples: &[u64]) -> Growth {
    let quarter = samples.len() / 4;
    let most = |samples: &[u64]| samples.iter().copied().max().unwrap_or_default();
    let second_quarter = most(&samples[quarter..2 * quarter]);
    let last_quarter = most(&samples[samples.len() - quarter..]);
    let is_flat = last_quarter <= second_quarter + NOISE.max(second_quarter / 100);
    Growth { is_flat, second_quarter, last_quarter }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1024 * 1024;

    #[test]
    fn memory_is_flat_once_it_is_warm() {
        let warming: Vec<u64> = (0..32).map(|sample| 10 * MIB + sample.min(7) * MIB).collect();
        assert!(growth(&warming).is_flat);
        let saw: Vec<u64> = (0..32).map(|sample| 10 * MIB + sample % 4 * MIB).collect();
        assert!(growth(&saw).is_flat);
    }

    #[test]
    fn a_slow_leak_is_growing() {
        let leak: Vec<u64> = (0..32).map(|sample| 10 * MIB + sample * MIB / 32).collect();
        assert!(!growth(&leak).is_flat);
    }
}
