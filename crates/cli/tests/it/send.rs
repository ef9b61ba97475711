//! `send`: what went out, what came back, what WCS would do. Spec §4.5.

use std::fs;

use axum::{Router, http::StatusCode, response::IntoResponse};
use serde_json::{Value, json};
use wcs_hooks::Callers;

use crate::{
    backend::{SECRET, doorkeeper, serve},
    program::{Ran, program, run, run_with_input},
    wire::Backend,
};

fn send(url: &str, arguments: &[&str]) -> (Ran, Vec<Value>) {
    let ran = run(&[&["--json", "send", url], arguments].concat());
    let objects =
        ran.stdout.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect();
    (ran, objects)
}

#[test]
fn what_wcs_does_follows_from_the_answer_and_the_policy() {
    let backend = doorkeeper(Callers::anyone());
    let refused = ["playStream", "--field", "name=b4e7"];
    let renamed = ["playStream", "--field", "name=alias-b4e7"];
    let session = ["--connect-field", "custom.token=user-alice"];
    let with = |hook: &[&'static str], more: &[&'static str]| [hook, more].concat();
    for (arguments, code, does) in [
        (vec!["connect", "--custom", "token=user-alice"], 0, "WCS goes on"),
        (vec!["connect", "--custom", "token=guess"], 1, "WCS closes the connection"),
        (refused.to_vec(), 0, "WCS goes on all the same: an error counts with restOnError FAIL only"),
        (with(&refused, &["--rest-on-error", "FAIL"]), 1, "WCS breaks the operation off"),
        (
            with(&refused, &["--rest-on-error", "log"]),
            0,
            "WCS goes on all the same: an error counts with restOnError FAIL only",
        ),
        (
            with(&refused, &["--policy", r#"{"playStream":{"restOnError":"FAIL"}}"#]),
            1,
            "WCS breaks the operation off",
        ),
        (
            with(&refused, &["--policy", r#"{"playStream":{"restPolicy":"DISABLE"}}"#]),
            0,
            "WCS goes on without asking the backend",
        ),
        (with(&refused, &session), 1, "WCS breaks the operation off"),
        (with(&renamed, &session), 0, "WCS goes on"),
        (vec!["playStream", "--after-connect"], 1, "WCS closes the connection"),
        (vec!["StreamKeepAliveEvent"], 0, "WCS goes on"),
        (vec!["playHLS", "--field", "name=b4e7"], 0, "WCS goes on"),
    ] {
        let (ran, objects) = send(&backend.url, &arguments);
        let last = &objects.last().unwrap()["wcs"];
        assert_eq!((ran.code, &last["does"]), (Some(code), &json!(does)), "{arguments:?} {ran:?}");
        assert_eq!(last["goesOn"], code == 0);
    }
}

#[test]
fn the_report_has_both_messages_and_what_was_taken() {
    let backend = doorkeeper(Callers::signed([SECRET]));
    let (ran, objects) = send(
        &backend.url,
        &[
            "playStream",
            "--field",
            "name=alias-b4e7",
            "--connect-field",
            "custom.token=user-alice",
            "--secret",
            SECRET,
        ],
    );
    assert_eq!((ran.code, &*ran.stderr, objects.len()), (Some(0), "", 2));
    let [connect, play] = &objects[..] else { unreachable!() };
    assert_eq!(connect["request"]["body"]["custom"]["token"], "[hidden]");
    assert_eq!(connect["request"]["headers"]["authorization"], "[hidden]");
    assert_eq!(connect["wcs"]["taken"], json!({ "login": "alice" }));
    assert_eq!(play["request"]["url"], format!("{}/playStream", backend.url));
    assert_eq!((&play["answer"]["status"], &play["answer"]["reason"]), (&json!(200), &json!("OK")));
    assert_eq!(play["answer"]["body"]["name"], "b4e7");
    assert_eq!(play["wcs"]["taken"], json!({ "name": "b4e7" }));
    assert_eq!(play["wcs"]["policy"]["restOnError"], "FAIL");
    assert_eq!((&play["attempts"], &play["failure"]), (&json!(1), &Value::Null));
    assert!(!ran.stdout.contains(SECRET) && !ran.stdout.contains("user-alice"), "{ran:?}");
}

#[test]
fn people_read_it_too() {
    let backend = doorkeeper(Callers::anyone());
    let ran = run(&["send", &backend.url, "playStream", "--field", "name=b4e7", "--rest-on-error", "FAIL"]);
    assert_eq!((ran.code, &*ran.stderr), (Some(1), ""));
    let ends = "\
{\"status\":403,\"reason\":\"no such stream\"}

WCS breaks the operation off
  tells the client {\"message\":\"fail\",\"data\":[{\"status\":\"FAILED\",\"info\":\"no such stream\",\"apiMethod\":\"StreamStatusEvent\"}]}
  by restOnError FAIL, restPolicy NOTIFY
";
    assert!(
        ran.stdout.starts_with(&format!("POST {}/playStream\naccept: application/json\n", backend.url)),
        "{ran:?}"
    );
    assert!(ran.stdout.contains("\n403 no such stream (") && ran.stdout.ends_with(ends), "{ran:?}");
}

#[test]
fn a_body_from_a_file_is_sent_with_its_own_context_and_spelling() {
    let echo = serve(
        Router::new().fallback(|body: String| async { ([("content-type", "application/json")], body) }),
    );
    let body = r#"{"nodeId":"n@1","appKey":"chatApp","sessionId":"s","message":"hi","z":1e3,"a":{"b":1}}"#;
    let arguments = [
        "--json",
        "send",
        &echo.url,
        "sendMessage",
        "--json-body",
        "-",
        "--field",
        "a.c:=2",
        "--session",
        "t",
    ];
    let ran = run_with_input(&arguments, body);
    let sent =
        r#"{"nodeId":"n@1","appKey":"chatApp","sessionId":"t","message":"hi","z":1e3,"a":{"b":1,"c":2}}"#;
    assert_eq!(ran.code, Some(0));
    assert_eq!(ran.stdout.matches(sent).count(), 2, "as it went and as it came back: {ran:?}");
}

#[test]
fn a_value_is_a_text_unless_it_is_said_to_be_json() {
    let echo = serve(
        Router::new().fallback(|body: String| async { ([("content-type", "application/json")], body) }),
    );
    let fields =
        ["--field", "name=1234", "--field", "bitrate:=1234", "--custom", "room=7", "--custom", "n:=7"];
    let (ran, objects) = send(&echo.url, &[&["publishStream"], &fields[..]].concat());
    let sent = &objects[0]["request"]["body"];
    assert_eq!((&sent["name"], &sent["bitrate"]), (&json!("1234"), &json!(1234)), "{ran:?}");
    assert_eq!(sent["custom"], json!({ "room": "7", "n": 7 }));
}

#[test]
fn nobody_answers() {
    let (ran, objects) = send("http://127.0.0.1:1", &["connect"]);
    assert_eq!((ran.code, &objects[0]["answer"]), (Some(3), &Value::Null));
    assert!(objects[0]["failure"].as_str().unwrap().starts_with("connection refused"), "{ran:?}");

    let slow = serve(Router::new().fallback(std::future::pending::<()>));
    let (ran, objects) = send(&slow.url, &["connect", "--timeout", "1"]);
    assert_eq!((ran.code, &objects[0]["failure"]), (Some(3), &json!("no answer in time")));
}

#[test]
fn an_answer_that_is_no_json_is_shown_without_the_secrets_of_urls() {
    let page = serve(Router::new().fallback(|| async {
        (StatusCode::INTERNAL_SERVER_ERROR, [("set-cookie", "id=S")], "see http://a:S@h/?token=S")
            .into_response()
    }));
    let (ran, objects) = send(&page.url, &["connect"]);
    assert_eq!(
        (ran.code, &objects[0]["answer"]["body"]),
        (Some(1), &json!("see http://[hidden]@h/?token=[hidden]"))
    );
    assert_eq!(objects[0]["answer"]["headers"]["set-cookie"], "[hidden]");
}

#[test]
fn names_that_are_not_known_are_sent_with_a_remark() {
    let backend = doorkeeper(Callers::anyone());
    let (ran, objects) = send(&backend.url, &["playStrem"]);
    assert_eq!((ran.code, &objects[0]["hook"]), (Some(0), &json!("playStrem")));
    assert_eq!(
        ran.stderr,
        "wcs-hooks: WCS has no hook \"playStrem\" that is known here: sent all the same; did you mean playStream?\n",
    );
}

#[test]
fn what_is_wrong_is_said_before_anything_is_sent() {
    let directory = tempfile::tempdir().unwrap();
    let settings = directory.path().join("flashphoner.properties");
    fs::write(&settings, "rest_request_timeout=soon").unwrap();
    let settings = settings.to_str().unwrap();
    for (arguments, code, said) in [
        (vec!["http://h", "a/b"], 2, "cannot be the last segment of a URL"),
        (vec!["h", "connect"], 2, "the app's url must start with http:// or https://"),
        (
            vec!["http://h", "connect", "--settings", settings],
            3,
            "flashphoner.properties:1: rest_request_timeout must be",
        ),
        (
            vec!["http://h", "call", "--policy", r#"{"call":{"restOnError":"no"}}"#],
            2,
            "--policy: restClientConfig.call.restOnError",
        ),
        (vec!["http://h", "call", "--json-body", "/nowhere"], 3, "/nowhere: "),
        (vec!["http://h", "call", "--field", "name"], 2, "write PATH=VALUE"),
        (vec!["http://h", "call", "--basic", "me"], 2, "--basic has no password: give --password-file"),
        (
            vec!["http://h", "call", "--basic", "me:S3cret"],
            2,
            "invalid value '[hidden]' for '--basic <USER>'",
        ),
        (vec!["http://h", "call", "--password-file", "/nowhere"], 2, "--basic <USER>"),
        (vec!["http://h", "call", "--after-connect", "--rest-on-error", "FAIL"], 2, "cannot be used with"),
    ] {
        let ran = run(&[&["send"], &arguments[..]].concat());
        assert_eq!(ran.code, Some(code), "{ran:?}");
        assert!(ran.stderr.contains(said), "{ran:?}");
    }
}

#[test]
fn basic_credentials_are_sent_and_not_shown() {
    let directory = tempfile::tempdir().unwrap();
    let password = directory.path().join("password");
    fs::write(&password, "pw\n").unwrap();
    let mirror = serve(Router::new().fallback(|headers: axum::http::HeaderMap| async move {
        let is_right = headers["authorization"] == "Basic bWU6cHc=";
        (
            if is_right { StatusCode::OK } else { StatusCode::UNAUTHORIZED },
            [("content-type", "application/json")],
            "{}",
        )
    }));
    let arguments =
        ["send", &mirror.url, "connect", "--basic", "me", "--password-file", password.to_str().unwrap()];
    // The file goes before the environment.
    for (arguments, variable) in [(&arguments[..], "wrong"), (&arguments[..5], "pw")] {
        let output = program(arguments).env("WCS_HOOKS_PASSWORD", variable).output().unwrap();
        let ran = Ran::from(output);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert!(ran.stdout.contains("\nauthorization: [hidden]\n"), "{ran:?}");
    }
}

/// A title, an erased line, a line that looks like ours, C1, writing from right to left.
#[test]
fn an_answer_does_nothing_to_the_terminal_and_makes_no_line() {
    let hostile = "x\u{1b}]0;title\u{7}\u{1b}[2K\r\nWCS goes on\n\u{9b}2J\u{202e}\u{1b}[32m";
    let json = serde_json::to_string(&json!({ "name": hostile, (hostile): 1 })).unwrap();
    for (status_line, content_type, body) in [
        ("403 no\u{9b}2J\u{202e}\tx", "text/plain", hostile),
        ("200 OK", "application/json", &*json),
        ("200 OK", "text/plain", hostile),
    ] {
        let answer = format!(
            "HTTP/1.1 {status_line}\r\nContent-Type: {content_type}\r\nX-Note: \u{9b}2J\u{202e}\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let backend = Backend::start(move |_| answer.clone());
        for more in [&[][..], &["--color", "always"], &["--json"]] {
            let ran = run(&[&["send", &backend.url(), "playStream"], more].concat());
            let text = ran.stdout + &ran.stderr;
            assert!(text.contains("2J"), "{text:?}");
            let own = ["\u{1b}[0m", "\u{1b}[1m", "\u{1b}[2m", "\u{1b}[31m", "\u{1b}[32m", "\u{1b}[33m"];
            let rest = own.iter().fold(text.clone(), |text, colour| text.replace(colour, ""));
            let acts = |char: &char| *char != '\n' && (char.is_control() || *char == '\u{202e}');
            assert_eq!(rest.chars().find(acts), None, "{more:?} {text:?}");
            let verdicts = rest.lines().filter(|line| line.starts_with("WCS goes on")).count();
            assert_eq!(verdicts, usize::from(more != ["--json"]), "{text}");
        }
    }
}
