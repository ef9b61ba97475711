//! The program, as it is run.

mod backend;
mod completions;
mod program;
mod send;
mod sign;
