//! A backend of our own passes; one that is wrong in one way is found out by just the checks that are about it.

mod backend;
mod faults;

use std::collections::BTreeMap;

use clap::Parser;

use self::{backend::Door, faults::FAULTS};
use super::*;

const SIGNED: &[&str] = &["--secret", backend::SECRET];
const WITH_PASSWORD: &[&str] = &[
    "--basic",
    "user",
    "--password-file",
    concat!(env!("CARGO_MANIFEST_DIR"), "/src/commands/check/tests/password"),
];
const TOKENS: &[&str] = &["--field", "custom.token=good", "--refused-field", "custom.token=bad"];

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    check: Check,
}

async fn findings(url: &str, more: &[&[&str]]) -> Vec<Finding> {
    let arguments = [&["check", "--json", url], &*more.concat()].concat();
    let Arguments { output, check } = Arguments::parse_from(arguments);
    let target = Target::new(check.known().unwrap(), HttpTransport::new().unwrap()).unwrap();
    let is_open = target.opening().await.unwrap().is_accepted();
    check.find(&target, is_open, &output).await
}

/// What is not well, as `id level`.
fn bad(findings: &[Finding]) -> Vec<String> {
    let bad = findings.iter().filter(|finding| finding.result > Level::Skipped);
    bad.map(|finding| format!("{} {}", finding.id, finding.result.as_str())).collect()
}

fn seen(findings: &[Finding]) -> BTreeMap<&str, &str> {
    findings.iter().map(|finding| (finding.id, &*finding.seen)).collect()
}

#[tokio::test]
async fn a_backend_of_the_framework_passes_everything() {
    let mut passed = Vec::new();
    for (door, more) in [(Door::Signed, SIGNED), (Door::Basic, WITH_PASSWORD)] {
        let url = backend::serve(door, backend::NO_FAULT).await;
        let findings = findings(&url, &[TOKENS, more]).await;
        assert_eq!(bad(&findings), [""; 0], "{:#?}", seen(&findings));
        passed.extend(
            findings.into_iter().filter(|finding| finding.result == Level::Pass).map(|finding| finding.id),
        );
    }
    let never: Vec<_> = checks::all().map(|check| check.id).filter(|id| !passed.contains(id)).collect();
    assert_eq!(never, [""; 0], "each check passes with one of the two");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_is_found_by_the_checks_that_are_about_it_and_by_no_other() {
    let mut wrong = Vec::new();
    for fault in FAULTS {
        let url = backend::serve(fault.door, *fault).await;
        let options = if fault.door == Door::Basic { WITH_PASSWORD } else { SIGNED };
        let findings = findings(&url, &[TOKENS, options]).await;
        let (found, expected) = (bad(&findings), fault.found.to_vec());
        if found != expected {
            wrong.push(format!("{}:\n  found    {found:?}\n  expected {expected:?}", fault.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_check_is_failed_by_a_fault() {
    let found: Vec<_> = FAULTS.iter().flat_map(|fault| fault.found).collect();
    let is_found = |id: &str| found.iter().any(|found| found.split(' ').next() == Some(id));
    // These have tests of their own.
    let elsewhere =
        ["http.opening", "policy.undecided", "callers.proof", "timing.answers", "survival.garbage"];
    let never: Vec<_> = checks::all().map(|check| check.id).filter(|id| !is_found(id)).collect();
    assert_eq!(never, elsewhere);
}

#[tokio::test]
async fn what_nobody_decides_is_named_and_is_no_mistake() {
    let url = backend::serve(Door::Signed, backend::NO_FAULT).await;
    let findings = findings(&url, &[TOKENS, SIGNED]).await;
    let seen = seen(&findings);
    assert!(seen["policy.undecided"].starts_with("WCS allows pauseStream, "), "{seen:?}");
    assert_eq!(bad(&findings), [""; 0]);
}

#[tokio::test]
async fn without_a_session_nothing_else_is_judged() {
    let url = backend::serve(Door::Signed, backend::NO_FAULT).await;
    let findings = findings(&url, &[&["--field", "custom.token=bad"], SIGNED]).await;
    assert_eq!(bad(&findings), ["http.opening fail"]);
    assert_eq!(seen(&findings)["http.opening"], "answered 403 bad token");
    assert!(findings[1..].iter().all(|finding| finding.seen == "connect was not accepted"));
}

#[tokio::test]
async fn that_anybody_may_call_is_a_warning() {
    let url = backend::serve(Door::Anyone, backend::NO_FAULT).await;
    let findings = findings(&url, &[TOKENS]).await;
    assert_eq!(bad(&findings), ["callers.proof warn"]);
    let skipped = findings.iter().filter(|finding| finding.result == Level::Skipped);
    assert_eq!(skipped.filter(|finding| finding.group != "callers").count(), 0);
}

#[tokio::test]
async fn a_backend_that_goes_down_is_not_blamed_for_what_follows() {
    let url = backend::fragile(&backend::serve(Door::Signed, backend::NO_FAULT).await).await;
    let only = ["--only", "echo.nulls", "--only", "survival"];
    let findings = findings(&url, &[TOKENS, SIGNED, &only]).await;
    assert_eq!(bad(&findings), ["survival.garbage fail"]);
    for later in ["survival.crowd", "survival.cut-off"] {
        assert_eq!(seen(&findings)[later], "nothing answers since survival.garbage");
    }
}

#[tokio::test]
async fn only_what_is_asked_for_is_done() {
    let url = backend::serve(Door::Signed, backend::NO_FAULT).await;
    let only = ["--only", "timing", "--only", "echo.nulls"];
    let findings = findings(&url, &[TOKENS, SIGNED, &only]).await;
    let ids: Vec<_> = findings.iter().map(|finding| finding.id).collect();
    assert_eq!(ids, ["echo.nulls", "timing.answers"]);
}

#[test]
fn wrong_arguments_are_said() {
    for (arguments, problem) in [
        (&[][..], "<URL>"),
        (&["localhost:8081"], "the app's url must start with http:// or https://"),
        (&["http://h", "--only", "nothing"], "no check or group has this name: see --list"),
        (&["http://h", "--timeout", "0"], "write a number of seconds, such as 15 or 0.5"),
        (&["http://h", "--basic", "user:password"], "a user has no colon"),
        (&["http://h", "--field", "x"], "write PATH=VALUE, such as custom.token=abc"),
    ] {
        let error = Arguments::try_parse_from([&["check"], arguments].concat()).err().unwrap();
        assert_eq!(error.exit_code(), 2);
        assert!(error.to_string().contains(problem), "{error}");
    }
}

#[test]
fn ids_are_names_that_are_not_given_twice() {
    let ids: Vec<_> = checks::all().map(|check| check.id).collect();
    let once: std::collections::BTreeSet<_> = ids.iter().collect();
    assert_eq!(once.len(), ids.len());
    for check in checks::all() {
        assert!(
            check.id.bytes().all(|byte| byte.is_ascii_lowercase() || b".-0123456789".contains(&byte)),
            "{}",
            check.id
        );
        assert!(
            check.spec.starts_with('§') && !check.title.ends_with('.') && !check.advice.ends_with('.'),
            "{}",
            check.id
        );
    }
}

/// The page's table is that of the program.
#[test]
fn every_check_is_in_the_docs() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/check.md")).unwrap();
    let rows = page.lines().filter(|line| line.starts_with("| `") && line.contains("| §"));
    let expected = checks::all()
        .map(|check| format!("| `{}` | {} | {} | {} |", check.id, check.title, check.spec, check.advice));
    let (rows, expected): (Vec<_>, Vec<_>) = (rows.collect(), expected.collect());
    let missing: Vec<_> = expected.iter().filter(|row| !rows.contains(&&***row)).collect();
    assert!(missing.is_empty(), "{missing:#?}");
    assert!(rows == expected, "there are more rows than checks, or they stand in another order");
}

/// So are the numbers of what it finds in backends of others.
#[test]
fn what_is_found_in_plain_echoes_is_in_the_docs() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let page = std::fs::read_to_string(format!("{root}/docs/check.md")).unwrap();
    for (peer, row) in [
        ("token-auth", "| `examples/token-auth` |"),
        ("express", "| Express 5, `express.json()` |"),
        ("fastapi", "| FastAPI, `await request.json()` |"),
        ("php", "| PHP 8.2, `json_decode($body, true)` |"),
    ] {
        let expected = std::fs::read_to_string(format!("{root}/tests/peers/{peer}/expected.json")).unwrap();
        let expected: BTreeMap<String, String> = serde_json::from_str(&expected).unwrap();
        let count = |level: Level| expected.values().filter(|found| *found == level.as_str()).count();
        let row = format!("{row} {} | {} |", count(Level::Warn), count(Level::Fail));
        assert!(page.contains(&row), "{row}");
        assert!(expected.keys().all(|id| checks::all().any(|check| check.id == id)), "{peer}");
    }
}

#[test]
fn a_secret_and_credentials_cannot_both_be_given() {
    let both = [&["check", "http://h"], SIGNED, WITH_PASSWORD].concat();
    let problem = Arguments::parse_from(both).check.known().err().unwrap();
    let problem = problem.downcast::<clap::Error>().unwrap();
    assert_eq!(problem.exit_code(), 2);
    let said = "give a secret or --basic and not both: they stand in the same header";
    assert!(problem.to_string().contains(said), "{problem}");
}
