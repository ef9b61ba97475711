//! The commands, a file or folder each.

mod check;
mod completions;
mod load;
mod record;
mod replay;
mod schema;
mod send;
mod sign;
mod simulate;

use std::error::Error;

use crate::{exit::Exit, output::Output};

/// What to do.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    Simulate(Box<simulate::Simulate>),
    Send(Box<send::Send>),
    Record(Box<record::Record>),
    Replay(Box<replay::Replay>),
    Load(Box<load::Load>),
    Check(Box<check::Check>),
    Sign(sign::Sign),
    Verify(sign::Verify),
    Schema(schema::Schema),
    Completions(completions::Completions),
}

impl Command {
    /// Does it.
    pub(crate) async fn run(self, output: &Output) -> Result<Exit, Box<dyn Error>> {
        match self {
            Self::Simulate(simulate) => simulate.run(output).await,
            Self::Send(send) => send.run(output).await,
            Self::Record(record) => record.run(output).await,
            Self::Replay(replay) => replay.run(output).await,
            Self::Load(load) => load.run(output).await,
            Self::Check(check) => check.run(output).await,
            Self::Sign(sign) => sign.run(output),
            Self::Verify(verify) => verify.run(output),
            Self::Schema(schema) => schema.run(output),
            Self::Completions(completions) => completions.run(),
        }
    }
}
