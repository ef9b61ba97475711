//! Runs the variants in turns and prints ratios.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    time::Duration,
};

use crate::{load, senders, servers};

const IN_FLIGHT: usize = 64;
const REQUESTS: usize = 12_800;

/// What one turn took, for one request.
#[derive(Clone, Copy, Default)]
pub(crate) struct Turn {
    elapsed: Duration,
    cpu: Duration,
}

pub(crate) async fn measure_all(rounds: usize) {
    let (mut child, ports) = start_servers();
    println!("{rounds} rounds of {REQUESTS} requests, {IN_FLIGHT} in flight, one core each; medians\n");
    for with_sdp in [false, true] {
        let body = load::body(with_sdp);
        let requests = servers::RECEIVERS.map(|(_, hook)| load::request(hook, &body));
        let mut turns = vec![Vec::new(); ports.len()];
        for _ in 0..=rounds {
            for (index, port) in ports.iter().enumerate() {
                let before = cpu_time(child.id());
                let elapsed = load::run(*port, &requests[index], IN_FLIGHT, REQUESTS).await;
                turns[index].push(Turn { elapsed, cpu: cpu_time(child.id()).saturating_sub(before) });
            }
        }
        print(
            &format!("receiving, body of {} bytes", body.len()),
            &servers::RECEIVERS.map(|(name, _)| name),
            turns,
        );
    }
    for in_flight in [IN_FLIGHT, 1] {
        let senders = senders::all(ports[0]).await;
        let mut turns = vec![Vec::new(); senders.len()];
        let names: Vec<&str> = senders.iter().map(|sender| sender.name).collect();
        for _ in 0..=rounds {
            for (index, sender) in senders.iter().enumerate() {
                let before = cpu_time(std::process::id());
                let elapsed = sender.run(in_flight, REQUESTS).await;
                turns[index].push(Turn { elapsed, cpu: cpu_time(std::process::id()).saturating_sub(before) });
            }
        }
        print(&format!("sending, {in_flight} in flight"), &names, turns);
    }
    drop(child.stdin.take());
    let _ = child.wait();
}

fn start_servers() -> (Child, Vec<u16>) {
    let program = std::env::current_exe().expect("the program's path");
    let mut command = Command::new(program);
    let mut child =
        command.arg("serve").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("a child");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("its ports");
    (child, line.split_whitespace().map(|port| port.parse().expect("a port")).collect())
}

/// The time that a process has been on a core.
fn cpu_time(process: u32) -> Duration {
    let threads = std::fs::read_dir(format!("/proc/{process}/task")).expect("/proc");
    let times = threads.flatten().filter_map(|thread| {
        let schedstat = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        schedstat.split(' ').next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(times.sum())
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
