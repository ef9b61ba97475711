//! Commands of the house: `cargo xtask ci` runs what CI runs.

mod bars;
mod ci;
mod docs;
mod source;

use std::{
    env, fmt, fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

const USAGE: &str = "usage: cargo xtask <command>
    ci            everything CI checks, each command printed before it runs
    docs          write docs/hooks.md from the catalogue
    docs --check  fail if docs/hooks.md is not what the catalogue says
    bars          lengths of functions and files, wire names that stand twice, examples that do not compile";

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let outcome = match args[..] {
        ["ci"] => ci::run(),
        ["docs"] => docs::write(),
        ["docs", "--check"] => docs::check(),
        ["bars"] => bars::check(),
        _ => Err(Problem(USAGE.to_owned())),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

/// What went wrong, for whoever runs the command.
#[derive(Debug)]
struct Problem(String);

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The root of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &Path) -> Result<String, Problem> {
    fs::read_to_string(path).map_err(|error| Problem(format!("cannot read {}: {error}", path.display())))
}
