use proptest::prelude::*;
use wcs_hooks_protocol::payloads::{Call, Connection, Stream};

use super::*;
use crate::{address::Credentials, excerpt::excerpt};

/// Pieces that answers are made of, in any order, and any bytes between them.
fn bodies() -> impl Strategy<Value = Vec<u8>> {
    let pieces = [
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        "null",
        "1e999",
        "\"",
        "\\u",
        "\\",
        "\"sdp\"",
        "\"name\":",
        "\"nodeId\":\"n\"",
        "[{",
        "}]",
        "data:image/png;base64,",
        "AAAA",
        "=",
        "\u{e9}",
        " ",
        "rtsp://u:S3CR3T@h/?token=S3CR3T",
        "\"sipPassword\":\"S3CR3T\"",
    ];
    let piece = prop_oneof![
        prop::sample::select(pieces.to_vec()).prop_map(|piece| piece.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..4),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

fn is_readable<A: Answer>(body: &[u8]) -> bool {
    A::read(body).is_ok()
}

#[test]
fn what_cannot_be_read_is_not_quoted() {
    for (body, expected) in [
        (r#""S3CR3T""#, "a value is of a kind that it cannot be, at line 1 column 8"),
        (r#"[{"width":"S3CR3T"}]"#, "a value is of a kind that it cannot be, at line 1 column "),
        ("[\n{", "it ends too early, at line 2 column 1"),
        ("S3CR3T", "it is no JSON, at line 1 column 1"),
    ] {
        let why = <Vec<Push> as Answer>::read(body.as_bytes()).unwrap_err();
        assert!(why.contains(expected) && !why.contains("S3CR3T"), "{why}");
    }
}

proptest! {
    #[test]
    fn any_answer_is_read_or_refused(body in bodies()) {
        for read in [
            is_readable::<Vec<Listed<Stream>>>,
            is_readable::<Vec<Listed<Connection>>>,
            is_readable::<Vec<Listed<Call>>>,
            is_readable::<Vec<Entry>>,
            is_readable::<Vec<Push>>,
        ] {
            let is_list = read(&body);
            let text = body.trim_ascii();
            prop_assert!(!is_list || text.is_empty() || text == b"null" || text.starts_with(b"["));
        }
        prop_assert!(is_readable::<Value>(&body));
        is_readable::<RecordingFile>(&body);
    }

    #[test]
    fn a_quote_is_short_and_without_what_is_known_to_be_secret(body in bodies()) {
        let credentials = Credentials { user: "me".to_owned(), password: "S3CR3T".into() };
        let quoted = excerpt(&body, "{}", Some(&credentials));
        prop_assert!(!quoted.contains("S3CR3T"), "{}", quoted);
        prop_assert!(quoted.chars().count() <= 201 && !quoted.contains('\n'));
    }
}
