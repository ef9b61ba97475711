//! The command line.

use clap::{Parser, Subcommand, value_parser};

use crate::{
    idle_memory::IdleMemory,
    latency::Load,
    servers::{self, Receiver},
    soak::Soak,
    storm::Storm,
};

/// Measures wcs-hooks against yardsticks; everything stays on 127.0.0.1.
#[derive(Debug, Parser)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct CommandLine {
    /// How often each variant of the closed-loop comparison takes its turn.
    #[arg(default_value_t = 15, value_parser = value_parser!(u32).range(1..))]
    pub(crate) rounds: u32,
    /// Lets the thread that sends requests sleep while it waits, and be woken at the cost of who answers.
    #[arg(long)]
    pub(crate) sleeping_client: bool,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Latencies under open-loop load, at parts of the capacity measured just before.
    Load(Load),
    /// Many sessions end at once: how long it takes, and whether all are answered.
    Storm(Storm),
    /// Memory for each idle keep-alive connection.
    IdleMemory(IdleMemory),
    /// Sessions come and go; fails if the server's memory grows with them.
    Soak(Soak),
    /// Answers 20 000 calls in process, without HTTP, for callgrind.
    Instructions {
        /// Only makes the requests: what is to be subtracted.
        #[arg(long)]
        idle: bool,
    },
    /// How often a call allocates, in process, without HTTP.
    #[cfg(feature = "allocations")]
    Allocations,
    /// Serves the receivers until standard input ends; what the other commands start.
    #[command(hide = true)]
    Serve {
        /// Their ids.
        #[arg(required = true, value_parser = servers::receiver)]
        receivers: Vec<Receiver>,
    },
}
