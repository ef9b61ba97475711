//! The program, as it is run.

mod program;
mod sign;
