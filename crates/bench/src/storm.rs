//! `storm`: every session ends at once, as when WCS loses its clients.

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use hdrhistogram::Histogram;
use tokio::task::JoinSet;
use wcs_hooks::HookName;

use crate::{
    closed_loop,
    connection::Connection,
    limits,
    open_loop::latencies,
    process::ServerProcess,
    requests::{Requests, disconnect_body},
    servers::Receiver,
};

#[derive(Debug, clap::Args)]
pub(crate) struct Storm {
    /// Which receivers, by id, one after the other.
    #[arg(long, value_delimiter = ',', default_value = "hyper,full", value_parser = crate::servers::receiver)]
    receivers: Vec<Receiver>,
    /// How many ConnectionStatusEvents with DISCONNECTED.
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    events: u32,
    /// Over how many keep-alive connections.
    #[arg(long, default_value = "1000", value_parser = limits::connections)]
    connections: usize,
}

/// What came of the events.
struct Tally {
    /// Nanoseconds from the start of the storm.
    latencies: Histogram<u64>,
    by_status: BTreeMap<u16, u32>,
    /// The connection ended instead.
    unanswered: u32,
}

impl Storm {
    pub(crate) async fn run(&self) -> io::Result<()> {
        let connections = limits::allow_connections(self.connections);
        println!("{} events at once over {connections} connections, one core each\n", self.events);
        for &receiver in &self.receivers {
            let server = ServerProcess::start(&[receiver]);
            let (tally, drained) = self.strike(server.ports[0], connections).await?;
            self.print(receiver, &tally, drained);
        }
        Ok(())
    }

    async fn strike(&self, port: u16, connections: usize) -> io::Result<(Tally, Duration)> {
        let opening = Requests::new(HookName::ConnectionStatus, disconnect_body(), 1);
        let connections = closed_loop::open(port, &opening, connections).await?;
        let events = Requests::new(HookName::ConnectionStatus, disconnect_body(), self.events as usize);
        let tally = Arc::new(Mutex::new(Tally::new()));
        let started = Instant::now();
        let mut tasks = JoinSet::new();
        for connection in connections {
            tasks.spawn(send_events(port, connection, events.clone(), started, tally.clone()));
        }
        tasks.join_all().await;
        let drained = started.elapsed();
        let tally = std::mem::replace(&mut *tally.lock().expect("no panic"), Tally::new());
        Ok((tally, drained))
    }

    fn print(&self, receiver: Receiver, tally: &Tally, drained: Duration) {
        let ok = tally.by_status.get(&200).copied().unwrap_or_default();
        println!("{}", receiver.name);
        println!("  drained in {drained:.1?}, {ok} of {} answered 200", self.events);
        for (status, count) in tally.by_status.iter().filter(|(status, _)| **status != 200) {
            println!("  {count} answered {status}");
        }
        let others = self.events - tally.by_status.values().sum::<u32>() - tally.unanswered;
        println!("  {} connections ended without an answer, {others} events were not sent", tally.unanswered);
        let latency = |part| Duration::from_nanos(tally.latencies.value_at_quantile(part));
        println!("  answered after {:.1?} (median), {:.1?} (latest)\n", latency(0.5), latency(1.0));
    }
}

impl Tally {
    fn new() -> Self {
        Self { latencies: latencies(), by_status: BTreeMap::new(), unanswered: 0 }
    }

    fn count(&mut self, status: &io::Result<u16>, latency: Duration) {
        match status {
            Ok(status) => {
                *self.by_status.entry(*status).or_default() += 1;
                self.latencies.saturating_record(u64::try_from(latency.as_nanos()).unwrap_or(u64::MAX));
            }
            Err(_) => self.unanswered += 1,
        }
    }
}

/// Sends what is left of the events one after the other; a connection that ends is opened anew, if it can be.
async fn send_events(
    port: u16,
    mut connection: Connection,
    events: Requests,
    started: Instant,
    tally: Arc<Mutex<Tally>>,
) {
    while let Some(event) = events.next_new() {
        let status = connection.exchange(event).await;
        tally.lock().expect("no panic").count(&status, started.elapsed());
        if status.is_err() {
            match Connection::open(port).await {
                Ok(opened) => connection = opened,
                Err(_) => return,
            }
        }
    }
}
