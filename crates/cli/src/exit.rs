//! What the program says by its exit code.

use std::process::ExitCode;

/// In the help of every command.
pub(crate) const HELP: &str =
    "Exit codes: 0 done, 1 done and the answer is no, 2 the arguments are wrong, 3 it could not be done.";

/// How a command ended. Arguments that are wrong end in 2, by clap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Done,
    /// Done, and the answer is no: refused, a check failed, signatures or answers differ.
    No,
    /// It could not be done: nothing answers, a file cannot be read.
    Problem,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::No => 1,
            Exit::Problem => 3,
        })
    }
}
