//! `check`, as it is run.

use serde_json::Value;
use wcs_hooks::Callers;

use crate::{
    backend::{SECRET, doorkeeper},
    program::run,
};

/// A port where nothing listens.
fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn where_nothing_answers_it_could_not_be_done() {
    let url = format!("http://127.0.0.1:{}/hooks", free_port());
    let ran = run(&["check", &url]);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(ran.stderr.contains(&url) && ran.stderr.contains("no answer"), "{ran:?}");
}

#[test]
fn what_is_skipped_for_one_reason_is_one_line() {
    let backend = doorkeeper(Callers::anyone());
    let [text, json] = ["--color=never", "--json"].map(|option| run(&["check", &*backend.url, option]));
    assert_eq!((text.code, json.code), (Some(1), Some(1)), "{text:?}");
    let report: Value = serde_json::from_str(&json.stdout).unwrap();
    let skipped = report["summary"]["skipped"].as_u64().unwrap();
    assert_eq!(report["checks"].as_array().unwrap().len() as u64, skipped + 1);
    let line = text.stdout.lines().filter(|line| line.contains("connect was not accepted"));
    let line = line.map(str::to_owned).collect::<Vec<_>>();
    assert!(line.len() == 1 && line[0].contains(&format!(" and {} more", skipped - 1)), "{text:?}");
}

#[test]
fn what_is_checked_is_listed() {
    let (text, json) = (run(&["check", "--list"]), run(&["check", "--list", "--json"]));
    assert_eq!((text.code, json.code), (Some(0), Some(0)));
    for line in json.stdout.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        assert!(text.stdout.contains(row["id"].as_str().unwrap()), "{line}");
    }
    assert!(json.stdout.lines().count() > 50);
}

#[test]
fn where_the_arguments_are_wrong_nothing_is_checked() {
    let folder = tempfile::tempdir().unwrap();
    let password = folder.path().join("password");
    std::fs::write(&password, "S3cret\n").unwrap();
    let password = password.to_str().unwrap();
    for (arguments, said) in [
        (&["--basic", "me"][..], "--basic has no password: give --password-file"),
        (&["--basic", "me:S3cret"], "invalid value '[hidden]' for '--basic <USER>'"),
        (&["--basic", "me", "--password-file", password, "--secret", SECRET], "and not both"),
        (&["--field", "custom.token:=S3cret"], "behind := is not JSON"),
    ] {
        let ran = run(&[&["check", "http://127.0.0.1:1"], arguments].concat());
        assert_eq!((ran.code, ran.stderr.contains(said)), (Some(2), true), "{ran:?}");
        assert!(!ran.stderr.contains("S3cret"), "{ran:?}");
    }
}

/// A backend of ours lets clients in by their token, and has nothing wrong.
#[test]
fn findings_are_printed_as_a_table_as_json_and_for_ci() {
    let backend = doorkeeper(Callers::signed([SECRET]));
    let folder = tempfile::tempdir().unwrap();
    let junit = folder.path().join("junit.xml");
    let fields = ["--field", "custom.token=user-alice", "--refused-field", "custom.token=guess"];
    let only = [
        "--only",
        "refusals",
        "--only",
        "http",
        "--only",
        "callers.proof",
        "--junit",
        junit.to_str().unwrap(),
    ];
    let arguments = [&["check", &*backend.url][..], &fields, &only].concat();

    let ran = run(&[&arguments[..], &["--secret", SECRET]].concat());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stdout.contains("refusals.status") && ran.stdout.contains("0 warn, 0 fail"), "{ran:?}");
    assert!(!ran.stdout.contains(SECRET) && !ran.stdout.contains("user-alice"), "{ran:?}");

    let open = doorkeeper(Callers::anyone());
    let arguments = [&["--json", "check", &*open.url][..], &arguments[2..]].concat();
    let ran = run(&arguments);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(
        (ran.code, &report["summary"]["warn"], &report["summary"]["fail"]),
        (Some(0), &1.into(), &0.into())
    );
    assert!(!std::fs::read_to_string(&junit).unwrap().contains("<failure"));

    let ran = run(&[&arguments[..], &["--fail-on", "warn"]].concat());
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let xml = std::fs::read_to_string(&junit).unwrap();
    assert!(xml.contains("<testsuite name=\"callers\"") && xml.matches("<failure").count() == 1, "{xml}");
}
