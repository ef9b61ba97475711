use super::*;

fn quoted(answer: &str, request: &str) -> String {
    let credentials = Credentials { user: "me".to_owned(), password: "pass-word".into() };
    excerpt(answer.as_bytes(), request, Some(&credentials))
}

#[test]
fn an_answer_is_quoted_on_one_line_and_short() {
    assert_eq!(quoted(" Not\r\n found\n", "{}"), "Not found");
    assert_eq!(quoted("", "{}"), "");
    let long = quoted(&"é".repeat(1000), "{}");
    assert_eq!(long, format!("{}…", "é".repeat(200)));
}

#[test]
fn secrets_are_not_quoted_wherever_they_stand() {
    let request = r#"{"sipPassword":"S\"1","custom":{"token":["S2",33]},"rtmpUrl":"x"}"#;
    for (answer, expected) in [
        (r#"{"reason":"no","sipPassword":"other"}"#, r#"{"reason":"no","sipPassword":"[hidden]"}"#),
        (r#"[{"authToken":"other"},7]"#, r#"[{"authToken":"[hidden]"},7]"#),
        (r#"bad password S"1 of x"#, "bad password [hidden] of x"),
        (r#"{"message":"bad S\"1, S2, 33"}"#, r#"{"message":"bad [hidden], [hidden], [hidden]"}"#),
        ("401 for me:pass-word", "401 for me:[hidden]"),
        ("cannot reach rtmp://u:p@h/live?token=t", "cannot reach rtmp://[hidden]@h/live?token=[hidden]"),
        (r#"{"sipPassword":"cut of"#, "[hidden]"),
    ] {
        assert_eq!(quoted(answer, request), expected);
    }
}
