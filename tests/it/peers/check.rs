//! `wcs-hooks check` against a backend of ours, and against echoes in other languages: what it finds in each stands in
//! `peers/*/expected.json`.

use std::collections::BTreeMap;

use serde_json::Value;
use tokio::process::Command;

use super::Foreign;
use crate::examples::{Program, run};

/// Checks a backend; what is not well must be what is expected of it.
async fn assert_finds(peer: &str, url: &str, options: &[&str]) {
    let (status, text) = run("wcs-hooks", &[&["--json", "check", url], options].concat()).await;
    let report: Value = serde_json::from_str(&text).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let findings = report["checks"].as_array().unwrap().iter();
    let bad = findings.filter(|finding| finding["result"] == "warn" || finding["result"] == "fail");
    let bad: Vec<_> = bad.collect();
    let found = bad.iter().map(|finding| (text(&finding["id"]), text(&finding["result"])));
    let found: BTreeMap<String, String> = found.collect();
    let file = format!("{}/peers/{peer}/expected.json", env!("CARGO_MANIFEST_DIR"));
    let expected: BTreeMap<String, String> =
        serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    assert_eq!(found, expected, "{peer}: {bad:#?}");
    let has_failed = found.values().any(|level| level == "fail");
    assert_eq!(status.code(), Some(i32::from(has_failed)), "{peer}");
}

#[tokio::test]
async fn token_auth() {
    let mut example = Program::start("token-auth", &[]).await;
    let token = example.line_after("a token for alice").await;
    let field = format!("custom.token={token}");
    let options = ["--secret", "1234567890", "--field", &field, "--refused-field", "custom.token=wrong"];
    let streams = ["--field", "publishStream:name=studio-1"];
    assert_finds("token-auth", &example.url, &[&options[..], &streams].concat()).await;
}

#[tokio::test]
async fn express() {
    let backend = Foreign::start("node", "express/server.mjs").await;
    assert_finds("express", &backend.url(), &[]).await;
}

#[tokio::test]
async fn fastapi() {
    // `tests/install-peers` makes this environment.
    let python = concat!(env!("CARGO_TARGET_TMPDIR"), "/../fastapi/bin/python");
    let backend = Foreign::start(python, "fastapi/server.py").await;
    assert_finds("fastapi", &backend.url(), &[]).await;
}

#[tokio::test]
async fn php() {
    let mut command = Command::new("php");
    command.args(["-S", "127.0.0.1:0", concat!(env!("CARGO_MANIFEST_DIR"), "/peers/php/index.php")]);
    let backend = Foreign::saying_its_address(command).await;
    assert_finds("php", &backend.url(), &[]).await;
}
