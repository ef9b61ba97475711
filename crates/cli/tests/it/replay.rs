//! `replay`: what was recorded, sent once more.

use std::{fs, path::Path, process::Command};

use serde_json::Value;
use wcs_hooks_protocol::SigningKey;

use crate::{
    program::{Ran, program},
    record::{Recorded, Recorder},
    wire::{Backend, answer, body, echo, exchange, hook},
};

/// Records hooks of one session, one after the other.
fn record(backend: &Backend, hooks: &[(&str, &str)], more: &[&str]) -> Recorded {
    let recorder = Recorder::start(&backend.url(), more);
    let mut wcs = recorder.connect();
    for (path, body) in hooks {
        exchange(&mut wcs, &hook(path, "Authorization: WCS 0\r\n", body)).unwrap();
    }
    recorder.stop()
}

fn command(file: &Path, url: &str, more: &[&str]) -> Command {
    program(&[&["--json", "replay", "--speed", "max", file.to_str().unwrap(), url], more].concat())
}

fn replay(file: &Path, url: &str, more: &[&str]) -> (Option<i32>, Vec<Value>) {
    let ran: Ran = command(file, url, more).output().unwrap().into();
    let lines = ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (ran.code, lines)
}

const HOOKS: [(&str, &str); 3] = [
    ("/app/connect", r#"{"appKey":"one","sessionId":"s","custom":{"token":"S3cret"},"n":1e0}"#),
    ("/app/publishStream", r#"{"appKey":"one","name":"a"}"#),
    ("/app/publishStream", r#"{"appKey":"two","name":"b"}"#),
];

#[test]
fn the_same_backend_answers_the_same() {
    let backend = Backend::start(echo);
    let left = record(&backend, &HOOKS, &[]);
    let (code, lines) = replay(&left.file, &backend.url(), &[]);
    assert_eq!((code, &*lines), (Some(0), &[counts(3, 0, 0)][..]));

    let requests = backend.requests();
    let (recorded, replayed) = requests.split_at(3);
    assert_eq!(body(&replayed[0]), body(&recorded[0]).replace("S3cret", "***1"));
    assert_eq!(
        replayed[1..].iter().map(|r| body(r)).collect::<Vec<_>>(),
        [body(&recorded[1]), body(&recorded[2])]
    );
    assert!(replayed[0].starts_with("POST /app/connect HTTP/1.1\r\n"), "{}", replayed[0]);
    assert!(!replayed[0].contains("authorization"), "{}", replayed[0]);
}

fn counts(same: u64, different: u64, skipped: u64) -> Value {
    serde_json::json!({ "replayed": same + different, "same": same, "different": different, "skipped": skipped })
}

#[test]
fn masked_values_and_signatures_can_be_given_back() {
    let key = SigningKey::new(&"1234567890".into());
    let backend = Backend::start(move |request| {
        let signature =
            request.lines().find_map(|line| line.strip_prefix("authorization: ")).unwrap_or_default();
        let is_let_in = key.verify(body(request).as_bytes(), signature) || signature == "WCS 0";
        let knows = !request.contains("connect") || request.contains("S3cret");
        if is_let_in && knows { echo(request) } else { answer("403 Forbidden", "{}") }
    });
    let left = record(&backend, &HOOKS, &[]);
    let folder = tempfile::tempdir().unwrap();
    let values = folder.path().join("values");
    fs::write(&values, "***1=S3cret\n").unwrap();
    let secret = ["--secret", "1234567890"];
    for (more, code) in [
        (vec!["--masked-values", values.to_str().unwrap()], 0),
        (vec!["--set-masked", "***1=S3cret"], 0),
        (vec!["--set-masked", "***1=wrong"], 1),
        (vec![], 1),
    ] {
        let (got, lines) = replay(&left.file, &backend.url(), &[&secret[..], &more].concat());
        assert_eq!(got, Some(code), "{more:?}: {lines:?}");
        assert!(!format!("{lines:?}").contains("S3cret"), "{lines:?}");
    }
    assert_eq!(
        replay(&left.file, &backend.url(), &["--set-masked", "***1=S3cret"]).1.pop(),
        Some(counts(0, 3, 0))
    );
}

#[test]
fn another_answer_is_told() {
    let backend = Backend::start(echo);
    let left = record(&backend, &HOOKS, &[]);
    let changed = Backend::start(|request| match () {
        () if request.contains("/connect") => answer("200 OK", &body(request).replace("1e0", "1.0")),
        () if request.contains("\"two\"") => answer("403 no such stream", "{}"),
        () => echo(request),
    });
    let (code, lines) = replay(&left.file, &changed.url(), &[]);
    assert_eq!((code, lines.last()), (Some(1), Some(&counts(1, 2, 0))));
    let differences = |line: &Value| -> Vec<String> {
        let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let differences = line["differences"].as_array().unwrap().iter();
        differences
            .map(|d| format!("{}: {} {}", text(&d["path"]), text(&d["recorded"]), text(&d["now"])))
            .collect()
    };
    assert_eq!((&lines[0]["line"], &lines[0]["hook"]), (&2.into(), &"connect".into()));
    assert_eq!(differences(&lines[0]), ["n: 1e0 1.0"]);
    assert_eq!(
        differences(&lines[1]),
        ["HTTP status: 200 403", "reason phrase: OK no such stream", r#"appKey: "two" -"#, r#"name: "b" -"#,]
    );
    for (more, code, summary) in [
        (&["--only", "connect", "--ignore", "n"][..], 0, counts(1, 0, 0)),
        (&["--app", "one", "--ignore", "n"], 0, counts(2, 0, 0)),
        (&["--app", "two"], 1, counts(0, 1, 0)),
        (&["--app", "three"], 0, counts(0, 0, 0)),
    ] {
        let (got, mut lines) = replay(&left.file, &changed.url(), more);
        assert_eq!((got, lines.pop()), (Some(code), Some(summary)), "{more:?}");
    }
}

#[test]
fn for_people_it_is_told_in_text() {
    let backend = Backend::start(echo);
    let left = record(&backend, &HOOKS[..1], &[]);
    let changed = Backend::start(|_| answer("200 OK", "{}"));
    let arguments = ["replay", "--speed", "1000", left.file.to_str().unwrap(), &changed.url()];
    let ran: Ran = program(&arguments).output().unwrap().into();
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(
        ran.stdout.starts_with("line 2: connect\n  appKey: \"one\" was recorded, nothing now\n"),
        "{ran:?}"
    );
    assert!(ran.stdout.ends_with("1 replayed: 0 the same, 1 different, 0 not sent\n"), "{ran:?}");
    assert!(ran.stderr.contains("1 masked values of requests are sent as their names"), "{ran:?}");
}

#[test]
fn what_failed_is_expected_to_fail() {
    let backend = Backend::start(|_| String::new());
    let recorder = Recorder::start(&backend.url(), &[]);
    assert_eq!(exchange(&mut recorder.connect(), &hook("/connect", "", "{}")), None);
    let left = recorder.stop();
    assert_eq!(replay(&left.file, &backend.url(), &[]), (Some(0), vec![counts(1, 0, 0)]));
    let (code, lines) = replay(&left.file, &Backend::start(echo).url(), &[]);
    assert_eq!((code, &lines[0]["differences"][0]["now"]), (Some(1), &"200".into()));
}

#[test]
fn what_was_not_recorded_is_not_sent() {
    let backend = Backend::start(echo);
    let hooks = [("/connect", "no JSON"), ("/connect", "{}")];
    let left = record(&backend, &hooks, &[]);
    let (code, lines) = replay(&left.file, &backend.url(), &[]);
    assert_eq!((code, lines.last()), (Some(0), Some(&counts(1, 0, 1))));
    assert!(lines[0]["skipped"].as_str().unwrap().contains("--keep-unreadable"), "{lines:?}");

    let left = record(&backend, &hooks, &["--keep-unreadable"]);
    assert_eq!(replay(&left.file, &backend.url(), &[]), (Some(0), vec![counts(2, 0, 0)]));
    assert!(backend.requests().iter().filter(|request| body(request) == "no JSON").count() >= 3);
}

#[test]
fn a_masked_value_without_a_name_is_a_wrong_argument_and_not_printed() {
    for given in ["S3cret", "1=S3cret", "***=S3cret"] {
        let ran: Ran =
            command(Path::new("file"), "http://h", &["--set-masked", given]).output().unwrap().into();
        assert_eq!((ran.code, &*ran.stdout), (Some(2), ""), "{ran:?}");
        assert!(ran.stderr.contains("write ***1=value") && !ran.stderr.contains("S3cret"), "{ran:?}");
    }
}

#[test]
fn what_is_no_recording_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "{}\n").unwrap();
    let (code, lines) = replay(&file, "http://127.0.0.1:1", &[]);
    let error =
        format!("{}:1: is not the first line of a recording; `wcs-hooks record` writes them", file.display());
    assert_eq!((code, &lines[0]["error"]), (Some(3), &error.into()));
}

#[test]
fn names_and_values_that_differ_do_nothing_to_the_terminal_and_make_no_line() {
    let left = record(&Backend::start(echo), &HOOKS, &[]);
    let body = r#"{"a\u001b]0;title\u0007\n3 replayed: 3 the same":"\u009b2J\u202e","n\u202e":"x\ny"}"#;
    let other = Backend::start(move |_| answer("200 OK", body));
    let ran: Ran = program(&["replay", "--speed", "max", left.file.to_str().unwrap(), &other.url()])
        .output()
        .unwrap()
        .into();
    assert_eq!(ran.code, Some(1));
    let text = ran.stdout + &ran.stderr;
    assert!(text.contains(r"a\u{1b}]0;title\u{7}\n3 replayed: 3 the same"), "{text}");
    let acts = |char: &char| *char != '\n' && (char.is_control() || *char == '\u{202e}');
    assert_eq!(text.chars().find(acts), None, "{text:?}");
    assert_eq!(text.lines().filter(|line| line.starts_with("3 replayed")).count(), 1, "{text}");
}
