//! `sign` and `verify`. Spec §1.5.

use std::fs;

use crate::program::{program, run, run_with_input};

const SECRET: &str = "1234567890";
const BODY: &str = r#"{"nodeId":"n"}"#;

fn signature() -> String {
    let ran = run_with_input(&["sign", "--secret", SECRET], BODY);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    ran.stdout.trim_end().to_owned()
}

#[test]
fn the_secret_comes_from_any_of_three_places() {
    let directory = tempfile::tempdir().unwrap();
    let (secret, body) = (directory.path().join("secret"), directory.path().join("body"));
    fs::write(&secret, format!("{SECRET}\n")).unwrap();
    fs::write(&body, BODY).unwrap();
    let (secret, body) = (secret.to_str().unwrap(), body.to_str().unwrap());

    let expected = format!("{}\n", signature());
    assert_eq!(run(&["sign", body, "--secret-file", secret]).stdout, expected);
    let with_variable = |value: &str, arguments: &[&str]| {
        let ran = program(&[&["sign", body], arguments].concat()).env("WCS_HOOKS_SECRET", value).output();
        String::from_utf8(ran.unwrap().stdout).unwrap()
    };
    assert_eq!(with_variable(SECRET, &[]), expected);
    assert_eq!(with_variable("another", &["--secret-file", secret]), expected, "the file goes first");
    assert_eq!(with_variable("", &[]), "", "no secret");
}

#[test]
fn what_is_right_and_wrong_is_said_in_text_and_json() {
    let right = signature();
    let wrong = "WCS 00000000000000000000000000000000";
    for (header, json, code, said) in [
        (&*right, false, 0, "the signature is right\n"),
        (wrong, false, 1, "the signature is wrong: another secret, or not this body byte for byte\n"),
        (&*right, true, 0, "{\"valid\":true}\n"),
        (wrong, true, 1, "{\"valid\":false}\n"),
    ] {
        let mut arguments = vec!["verify", header, "--secret", SECRET];
        arguments.extend(json.then_some("--json"));
        let ran = run_with_input(&arguments, BODY);
        assert_eq!((ran.code, &*ran.stdout, &*ran.stderr), (Some(code), said, ""));
    }
    let signed = run_with_input(&["--json", "sign", "--secret", SECRET], BODY);
    assert_eq!(signed.stdout, format!("{{\"authorization\":\"{right}\"}}\n"));
}

#[test]
fn what_cannot_be_done_is_said_on_both_outputs() {
    let missing = run(&["sign", "/nowhere", "--secret", SECRET, "--json"]);
    let said = "/nowhere: No such file or directory (os error 2)";
    assert_eq!(missing.code, Some(3));
    assert_eq!(missing.stderr, format!("wcs-hooks: {said}\n"));
    assert_eq!(missing.stdout, format!("{{\"error\":\"{said}\"}}\n"));

    let directory = tempfile::tempdir().unwrap();
    let empty = directory.path().join("empty");
    fs::write(&empty, "\n").unwrap();
    for file in [empty, directory.path().join("missing")] {
        let file = file.to_str().unwrap();
        let ran = run(&["sign", "--secret-file", file]);
        assert_eq!((ran.code, &*ran.stdout), (Some(3), ""));
        assert!(ran.stderr.starts_with(&format!("wcs-hooks: {file}: ")), "{ran:?}");
    }
}

#[test]
fn without_a_secret_the_arguments_are_wrong() {
    for arguments in [&["sign"][..], &["verify", "WCS 0"], &["sign", "--secret", ""]] {
        let ran = run(arguments);
        assert_eq!((ran.code, &*ran.stdout), (Some(2), ""), "{arguments:?}");
        let said = "no secret: set WCS_HOOKS_SECRET, or give --secret-file or --secret";
        assert!(ran.stderr.starts_with(&format!("error: {said}\n")), "{ran:?}");
    }
}

#[test]
fn colours_come_when_they_are_wanted() {
    let verify = |color: &str| {
        let header = signature();
        run_with_input(&["verify", &header, "--secret", SECRET, "--color", color], BODY).stdout
    };
    assert_eq!(verify("always"), "\u{1b}[32mthe signature is right\u{1b}[0m\n");
    assert_eq!(verify("auto"), verify("never"));
}
