//! Every target over its corpus, and over mutations of it: the bounded run that needs neither nightly nor libFuzzer.
//!
//! The mutations are the same in each run. `PROPTEST_CASES` sets how many there are for each target, `PROPTEST_RNG_SEED`
//! which; what fails is made smaller before it is printed.

mod mutation;

use std::{fs, path::Path};

use proptest::test_runner::{Config, RngSeed, TestRunner};
use wcs_hooks_fuzz::TARGETS;

use mutation::mutations;

const CASES: u32 = 256;
const SEED: u64 = 1;

/// The files of a target's corpus, in the order of their names.
fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
    let entries = fs::read_dir(folder).expect("a corpus");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("a file").path()).collect();
    paths.sort();
    paths.into_iter().map(|path| fs::read(path).expect("a seed")).collect()
}

/// The environment counts, as `proptest` reads it.
fn config() -> Config {
    let mut config = Config { failure_persistence: None, ..Config::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = CASES;
    }
    if std::env::var_os("PROPTEST_RNG_SEED").is_none() {
        config.rng_seed = RngSeed::Fixed(SEED);
    }
    config
}

#[test]
fn the_corpus_passes() {
    for (name, target) in TARGETS {
        let seeds = corpus(name);
        assert!(!seeds.is_empty(), "{name} has no corpus");
        for seed in &seeds {
            target(seed);
        }
    }
}

#[test]
fn mutations_of_the_corpus_pass() {
    for (name, target) in TARGETS {
        let mut runner = TestRunner::new(config());
        let result = runner.run(&mutations(corpus(name)), |mutant| {
            target(&mutant.bytes);
            Ok(())
        });
        result.unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}
