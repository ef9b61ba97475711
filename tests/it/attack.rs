//! What attackers and bad luck do to a backend from outside, each against a process of its own.

mod log;
