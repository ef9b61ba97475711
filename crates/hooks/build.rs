//! Tells the crate which rustc builds it, for `/build` of its operations. Cargo runs it again when the compiler is another.

use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let version = rustc_version().unwrap_or_else(|| "unknown".to_owned());
    println!("cargo::rustc-env=WCS_HOOKS_RUSTC={version}");
}

/// As `rustc --version` says it; nothing fails to build for the want of it.
fn rustc_version() -> Option<String> {
    let printed = Command::new(std::env::var_os("RUSTC")?).arg("--version").output().ok()?.stdout;
    let line = String::from_utf8(printed).ok()?.lines().next()?.to_owned();
    Some(line.strip_prefix("rustc ")?.to_owned())
}
