//! The commands, a file or folder each.

mod sign;

use std::error::Error;

use crate::{exit::Exit, output::Output};

/// What to do.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    Sign(sign::Sign),
    Verify(sign::Verify),
}

impl Command {
    /// Does it.
    #[allow(clippy::unused_async, reason = "commands to come wait")]
    pub(crate) async fn run(self, output: &Output) -> Result<Exit, Box<dyn Error>> {
        match self {
            Self::Sign(sign) => sign.run(output),
            Self::Verify(verify) => verify.run(output),
        }
    }
}
