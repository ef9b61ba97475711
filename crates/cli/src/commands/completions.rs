//! `completions`: what a shell asks for at the tab key.

use std::{
    error::Error,
    io::{self, Write},
};

use clap::CommandFactory;
use clap_complete::Shell;

use crate::{Arguments, exit::Exit};

/// Print the completions of a shell
///
/// For bash: wcs-hooks completions bash > ~/.local/share/bash-completion/completions/wcs-hooks
#[derive(clap::Args)]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    /// Prints them, with `--json` too: a shell reads them.
    pub(crate) fn run(&self) -> Result<Exit, Box<dyn Error>> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Arguments::command(), "wcs-hooks", &mut script);
        io::stdout().write_all(&script)?;
        Ok(Exit::Done)
    }
}
