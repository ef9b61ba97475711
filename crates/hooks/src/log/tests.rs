use super::*;
use crate::test_log::Written;

/// What is logged in this format.
fn logged(format: LogFormat, log: impl FnOnce()) -> String {
    let (written, settings) = (Written::default(), LogSettings { format, ..LogSettings::default() });
    let writer = written.clone();
    let (subscriber, _logging) = settings.subscriber(move || writer.clone()).unwrap();
    tracing::subscriber::with_default(subscriber, log);
    written.take()
}

/// What a client may choose: a line that looks like the log's, a title, an erased line, C1, a line of Unicode, bidi.
const HOSTILE: &str = "a\n2026-01-01T00:00:00Z  INFO forged\r\u{1b}]0;title\u{7}\u{1b}[2K\u{9b}2J\u{85}\u{2028}\u{202e}b\0\u{7f}";

#[test]
fn whatever_is_logged_is_one_line_in_which_nothing_acts() {
    for format in [LogFormat::Text, LogFormat::Json] {
        let text = logged(format, || {
            let span = tracing::info_span!("hook", session = HOSTILE);
            let _entered = span.enter();
            let refusal = crate::Refusal::forbidden(HOSTILE).because(HOSTILE);
            tracing::info!(hook = HOSTILE, shown = %HOSTILE, debug = ?HOSTILE, %refusal, "{HOSTILE}");
            let error = io::Error::other(HOSTILE);
            tracing::warn!(error = &error as &dyn Error, "second");
        });
        let lines: Vec<&str> = text.split_terminator('\n').collect();
        assert_eq!(lines.len(), 2, "{format:?} {text:?}");
        for line in lines {
            let acts = |char: &char| char.is_control() || ['\u{2028}', '\u{202e}'].contains(char);
            assert_eq!(line.chars().find(acts), None, "{format:?} {line:?}");
            assert!(!line.starts_with("2026-01-01T00:00:00Z  INFO forged"));
        }
    }
}

#[test]
fn a_line_of_json_says_what_was_logged() {
    let text = logged(LogFormat::Json, || tracing::info!(field = HOSTILE, "{HOSTILE}"));
    let line: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(line["field"], HOSTILE);
    assert_eq!(line["level"], "INFO");
}

#[test]
fn a_plain_line_is_as_it_was() {
    let text = logged(LogFormat::Text, || tracing::info!(hook = "connect", "accepted — ✓"));
    assert!(text.ends_with("INFO wcs_hooks::log::tests: accepted — ✓ hook=\"connect\"\n"), "{text:?}");
}
