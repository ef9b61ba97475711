//! A gateway that browsers with Flashphoner's WebSDK connect to, and that sends hooks as WCS does.

pub mod faults;
