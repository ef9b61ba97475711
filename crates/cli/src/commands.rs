//! The commands, one file each.

mod sign;

use std::error::Error;

use crate::exit::Exit;

/// What to do.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    Sign(sign::Sign),
    Verify(sign::Verify),
}

impl Command {
    /// Does it.
    pub(crate) fn run(self) -> Result<Exit, Box<dyn Error>> {
        match self {
            Self::Sign(sign) => sign.run(),
            Self::Verify(verify) => verify.run(),
        }
    }
}
