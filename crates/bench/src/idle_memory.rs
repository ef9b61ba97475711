//! `idle-memory`: what a keep-alive connection costs that has been used once.

use std::io;

use crate::{
    closed_loop, limits,
    process::ServerProcess,
    requests::{Requests, stream_body},
    servers::Receiver,
};

#[derive(Debug, clap::Args)]
pub(crate) struct IdleMemory {
    /// Which receivers, by id, each in a process of its own; the first is what the others are compared with.
    #[arg(long, value_delimiter = ',', default_value = "hyper,axum,full", value_parser = crate::servers::receiver)]
    receivers: Vec<Receiver>,
    /// How many connections.
    #[arg(long, default_value = "10000", value_parser = limits::connections)]
    connections: usize,
}

impl IdleMemory {
    pub(crate) async fn run(&self) -> io::Result<()> {
        let connections = limits::allow_connections(self.connections);
        println!(
            "{connections} idle keep-alive connections, one request each; resident memory of the server\n"
        );
        println!("{:<42} before MiB  after MiB  KiB/connection  ratio", "");
        let mut yardstick = None;
        for receiver in &self.receivers {
            let (before, after) = grown(*receiver, connections).await?;
            let each = kib(after.saturating_sub(before)) / kib(connections as u64 * 1024);
            let ratio = each / *yardstick.get_or_insert(each);
            let [before, after] = [before, after].map(|bytes| kib(bytes) / 1024.0);
            println!("  {:<40} {before:>10.1} {after:>10.1} {each:>15.1} {ratio:>6.2}", receiver.name);
        }
        Ok(())
    }
}

/// The server's memory with one connection and with all, in bytes.
async fn grown(receiver: Receiver, connections: usize) -> io::Result<(u64, u64)> {
    let server = ServerProcess::start(&[receiver]);
    let requests = Requests::new(receiver.hook, &stream_body(false), connections + 1);
    let first = closed_loop::open(server.ports[0], &requests, 1).await?;
    let before = server.resident_memory();
    let others = closed_loop::open(server.ports[0], &requests, connections).await?;
    let after = server.resident_memory();
    drop((first, others));
    Ok((before, after))
}

#[allow(clippy::cast_precision_loss)]
fn kib(bytes: u64) -> f64 {
    bytes as f64 / 1024.0
}
