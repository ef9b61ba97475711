//! Runs the variants in turns and prints ratios.

use std::time::Duration;

use crate::{
    closed_loop::{self, Client},
    process::{ServerProcess, cpu_time},
    requests::{Requests, stream_body},
    senders,
    servers::RECEIVERS,
};

const IN_FLIGHT: usize = 64;
const REQUESTS: usize = 12_800;
/// More than a turn, so that no server sees one twice within a turn.
const BODIES: usize = 16_384;

/// What one turn took, for one request.
#[derive(Clone, Copy, Default)]
struct Turn {
    elapsed: Duration,
    cpu: Duration,
}

pub(crate) async fn measure_all(rounds: u32, client: Client) {
    let server = ServerProcess::start(&RECEIVERS);
    println!("{rounds} rounds of {REQUESTS} requests, {IN_FLIGHT} in flight, one core each; medians\n");
    for with_sdp in [false, true] {
        receiving(rounds, &server, &stream_body(with_sdp), client).await;
    }
    for in_flight in [IN_FLIGHT, 1] {
        sending(rounds, server.ports[0], in_flight).await;
    }
}

async fn receiving(rounds: u32, server: &ServerProcess, body: &str, client: Client) {
    let requests = RECEIVERS.map(|receiver| Requests::new(receiver.hook, body, BODIES));
    let mut turns = vec![Vec::new(); RECEIVERS.len()];
    for _ in 0..=rounds {
        for (index, port) in server.ports.iter().enumerate() {
            let before = server.cpu_time();
            let elapsed = closed_loop::run(*port, &requests[index], IN_FLIGHT, REQUESTS, client).await;
            turns[index].push(Turn { elapsed, cpu: server.cpu_time().saturating_sub(before) });
        }
    }
    let names = RECEIVERS.map(|receiver| receiver.name);
    print(&format!("receiving, body of {} bytes", body.len()), &names, turns);
}

async fn sending(rounds: u32, port: u16, in_flight: usize) {
    let senders = senders::all(port).await;
    let mut turns = vec![Vec::new(); senders.len()];
    for _ in 0..=rounds {
        for (index, sender) in senders.iter().enumerate() {
            let before = cpu_time(std::process::id());
            let elapsed = sender.run(in_flight, REQUESTS).await;
            turns[index].push(Turn { elapsed, cpu: cpu_time(std::process::id()).saturating_sub(before) });
        }
    }
    let names: Vec<&str> = senders.iter().map(|sender| sender.name).collect();
    print(&format!("sending, {in_flight} in flight"), &names, turns);
}

/// The first turn of each variant warmed it up and is left out. Ratios are to the first variant.
fn print(title: &str, names: &[&str], turns: Vec<Vec<Turn>>) {
    println!("{title:<42} throughput  CPU/request");
    let medians: Vec<(f64, f64)> = turns
        .into_iter()
        .map(|turns| {
            (
                median(turns[1..].iter().map(|turn| turn.elapsed)),
                median(turns[1..].iter().map(|turn| turn.cpu)),
            )
        })
        .collect();
    for (name, (elapsed, cpu)) in names.iter().zip(&medians) {
        println!(
            "  {name:<40} {:>9.2}  {:>5.2}  {:>6.2} µs",
            medians[0].0 / elapsed,
            cpu / medians[0].1,
            cpu * 1e6
        );
    }
    println!();
}

/// Seconds for one request.
fn median(times: impl Iterator<Item = Duration>) -> f64 {
    let mut times: Vec<Duration> = times.collect();
    times.sort_unstable();
    #[allow(clippy::cast_precision_loss)]
    let requests = REQUESTS as f64;
    times[times.len() / 2].as_secs_f64() / requests
}
