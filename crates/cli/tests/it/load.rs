//! `load`, for a short while.

use std::{process::Command, sync::Barrier};

use serde_json::{Value, json};
use wcs_hooks_protocol::SigningKey;

use crate::{
    program::{Ran, program},
    wire::{Backend, answer, body, echo},
};

fn load(url: &str, more: &[&str]) -> (Option<i32>, Value) {
    let ran: Ran = program(&[&["--json", "load", url], more].concat()).output().unwrap().into();
    let summary = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{ran:?}"));
    (ran.code, summary)
}

#[test]
fn sessions_send_their_hooks_signed() {
    let backend = Backend::start(echo);
    let arguments = ["--rate", "500", "--calls", "60", "--sessions", "7", "--connections", "3"];
    let more = ["--secret", "1234567890", "--connect-field", "custom.token=S3cret", "--max-errors", "0"];
    let (code, summary) = load(&backend.url(), &[&arguments[..], &more].concat());
    assert_eq!(code, Some(0), "{summary}");
    assert_eq!((&summary["done"], &summary["answers"]), (&json!(60), &json!({ "200": 60 })));
    assert!(summary["latencyMs"]["p99.9"].as_f64().unwrap() > 0.0, "{summary}");

    let requests = backend.requests();
    let key = SigningKey::new(&"1234567890".into());
    let connects: Vec<_> = requests.iter().filter(|request| request.starts_with("POST /connect ")).collect();
    assert!(connects.len() >= 7 && connects.iter().all(|request| request.contains("S3cret")), "{requests:?}");
    // 60 calls, and the ends of the sessions that were open.
    assert!((60..=67).contains(&requests.len()), "{}", requests.len());
    for request in &requests {
        let header = request.lines().find_map(|line| line.strip_prefix("authorization: ")).unwrap();
        assert!(key.verify(body(request).as_bytes(), header), "{request}");
    }
}

/// With a limit of open files as `ulimit` takes it.
fn load_within(limit: &str, url: &str, connections: &str) -> Ran {
    let line = format!("ulimit {limit}; exec \"$0\" \"$@\"");
    let mut shell = Command::new("sh");
    shell.args(["-c", &line, env!("CARGO_BIN_EXE_wcs-hooks"), "load", url, "--connections", connections]);
    shell.args(["--sessions", "60", "--calls", "60", "--rate", "5000", "--max-errors", "0"]);
    shell.output().unwrap().into()
}

#[test]
fn connections_are_as_many_as_open_files_allow() {
    let all = Barrier::new(60);
    let backend = Backend::start(move |request| {
        if request.starts_with("POST /connect ") {
            all.wait();
        }
        echo(request)
    });
    let raised = load_within("-S -n 50", &backend.url(), "100");
    assert_eq!((raised.code, &*raised.stderr), (Some(0), ""), "{raised:?}");

    let held = load_within("-n 80", &Backend::start(echo).url(), "100");
    assert_eq!(held.code, Some(0), "{held:?}");
    assert!(held.stderr.contains("is 80: 16 connections and not 100"), "{held:?}");
}

#[test]
fn sessions_have_the_credentials_of_their_app() {
    let directory = tempfile::tempdir().unwrap();
    let password = directory.path().join("password");
    std::fs::write(&password, "hush\n").unwrap();
    let backend = Backend::start(echo);
    let more = ["--calls", "3", "--basic", "me", "--password-file", password.to_str().unwrap()];
    assert_eq!(load(&backend.url(), &more).0, Some(0));
    for request in &backend.requests() {
        assert!(request.contains("authorization: Basic bWU6aHVzaA==\r\n"), "{request}");
    }
}

#[test]
fn a_limit_that_is_exceeded_is_said_by_the_exit_code() {
    let refusing = Backend::start(|_| answer("403 no", "{}"));
    for (more, code) in
        [(&["--max-errors", "4"][..], 1), (&["--max-errors", "5"], 0), (&["--max-p99", "0"], 1), (&[], 0)]
    {
        let (got, summary) = load(&refusing.url(), &[&["--rate", "500", "--calls", "5"], more].concat());
        assert_eq!((got, &summary["answers"]), (Some(code), &json!({ "403": 5 })), "{more:?}");
    }
}

#[test]
fn nobody_who_answers_is_counted() {
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("http://{address}");
    let ran: Ran =
        program(&["--json", "load", &url, "--rate", "500", "--calls", "5"]).output().unwrap().into();
    let lines: Vec<Value> = ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&lines[0]["answers"], &lines[0]["errors"]), (&json!({ "connection refused": 5 }), &json!(5)));
    assert_eq!((ran.code, &lines[1]["error"]), (Some(3), &format!("{url}: no call was answered").into()));
}

#[test]
fn for_people_there_are_tables() {
    let backend = Backend::start(echo);
    let arguments = ["load", &backend.url(), "--rate", "500", "--calls", "5"];
    let ran: Ran = program(&arguments).output().unwrap().into();
    assert!(ran.stdout.starts_with("5 of 5 calls, ") && ran.stdout.contains("p99.9"), "{ran:?}");
    for arguments in [
        &["load", "http://h", "--rate", "0"][..],
        &["load", "http://h", "--hook", "connect"],
        &["load"],
        &["load", "http://h", "--rate", "100000", "--duration", "3600"],
    ] {
        assert_eq!(program(arguments).output().unwrap().status.code(), Some(2), "{arguments:?}");
    }
}
