//! `load`: percentiles under open-loop load, at parts of the capacity measured just before.

use std::io;

use crate::{
    closed_loop::{self, Client},
    limits,
    open_loop::{self, Answers},
    process::ServerProcess,
    requests::{Requests, stream_body},
    servers::Receiver,
};

/// Enough that none comes again while a server could remember it.
const BODIES: usize = 131_072;
/// What the capacity is measured with.
const CAPACITY_REQUESTS: usize = 64_000;

#[derive(Debug, clap::Args)]
pub(crate) struct Load {
    /// Which receivers, by id; the first is what the others are compared with.
    #[arg(long, value_delimiter = ',', default_value = "hyper,full", value_parser = crate::servers::receiver)]
    receivers: Vec<Receiver>,
    /// How many keep-alive connections.
    #[arg(long, value_delimiter = ',', default_value = "64,1000", value_parser = limits::connections)]
    connections: Vec<usize>,
    /// Per cent of the capacity.
    #[arg(long, value_delimiter = ',', default_value = "50,90", value_parser = clap::value_parser!(u32).range(1..=200))]
    percent: Vec<u32>,
    /// How long each turn lasts.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=600))]
    seconds: u32,
    /// How often each variant takes its turn.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
}

/// What a receiver did at one load, in all rounds.
struct Row {
    /// The sum of the rates asked for.
    offered: f64,
    answers: Answers,
}

impl Load {
    pub(crate) async fn run(&self) -> io::Result<()> {
        let Self { rounds, seconds, .. } = self;
        println!("{rounds} rounds of {seconds} s each, one core each, open loop, random arrivals\n");
        for &connections in &self.connections {
            let connections = limits::allow_connections(connections);
            self.at(connections).await?;
        }
        Ok(())
    }

    async fn at(&self, connections: usize) -> io::Result<()> {
        let server = ServerProcess::start(&self.receivers);
        let requests = self.receivers.iter().map(|receiver| request_pool(*receiver)).collect::<Vec<_>>();
        let new_row = || Row { offered: 0.0, answers: Answers::new() };
        let mut rows: Vec<Vec<Row>> =
            self.percent.iter().map(|_| self.receivers.iter().map(|_| new_row()).collect()).collect();
        for _ in 0..self.rounds {
            for (place, &port) in server.ports.iter().enumerate() {
                let capacity = capacity(port, &requests[place], connections).await;
                for (rows, &percent) in rows.iter_mut().zip(&self.percent) {
                    let rate = capacity * f64::from(percent) / 100.0;
                    rows[place].offered += rate;
                    rows[place].answers.add(&self.turn(port, &requests[place], connections, rate).await?);
                }
            }
        }
        self.print(connections, &rows);
        Ok(())
    }

    async fn turn(
        &self,
        port: u16,
        requests: &Requests,
        connections: usize,
        rate: f64,
    ) -> io::Result<Answers> {
        let connections = closed_loop::open(port, requests, connections).await?;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let count = (rate * f64::from(self.seconds)) as usize;
        Ok(open_loop::run(connections, requests, rate, count).await)
    }

    fn print(&self, connections: usize, rows: &[Vec<Row>]) {
        println!(
            "{:<50} offered/s reached/s   p50 µs   p99 µs  p999 µs    max µs  not 200  p99",
            format!("{connections} connections")
        );
        for (percent, rows) in self.percent.iter().zip(rows) {
            println!("  {percent} % of the capacity");
            let yardstick = percentile(&rows[0].answers, 0.99);
            for (receiver, row) in self.receivers.iter().zip(rows) {
                let [p50, p99, p999] = [0.5, 0.99, 0.999].map(|part| percentile(&row.answers, part));
                println!(
                    "    {:<46} {:>9.0} {:>9.0} {p50:>8.0} {p99:>8.0} {p999:>8.0} {:>9.0} {:>8} {:>4.1}",
                    receiver.name,
                    row.offered / f64::from(self.rounds),
                    row.answers.rate(),
                    percentile(&row.answers, 1.0),
                    row.answers.not_ok,
                    p99 / yardstick
                );
            }
        }
        println!();
    }
}

fn request_pool(receiver: Receiver) -> Requests {
    Requests::new(receiver.hook, &stream_body(false), BODIES)
}

/// Requests a second, in a closed loop.
async fn capacity(port: u16, requests: &Requests, connections: usize) -> f64 {
    // As the client of the open loop does.
    let client = Client::Sleeping;
    let elapsed = closed_loop::run(port, requests, connections, CAPACITY_REQUESTS, client).await;
    #[allow(clippy::cast_precision_loss)]
    let sent = (CAPACITY_REQUESTS / connections * connections) as f64;
    sent / elapsed.as_secs_f64()
}

/// Microseconds.
#[allow(clippy::cast_precision_loss)]
fn percentile(answers: &Answers, part: f64) -> f64 {
    answers.latencies.value_at_quantile(part) as f64 / 1000.0
}
