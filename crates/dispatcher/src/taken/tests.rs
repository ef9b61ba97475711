use wcs_hooks_protocol::{Hook, hook};

use super::*;

fn merged(fields: &[Field], object: &str, answer: &str, taken: Taken<'_>) -> (String, Vec<String>) {
    let (object, answer) = (Object::parse(object).unwrap(), Object::parse(answer).unwrap());
    let changes = changes(&object, &answer, taken, fields);
    (object.edited(&changes.edits), changes.unreadable)
}

#[test]
fn the_answer_to_connect_is_laid_over_the_clients_object() {
    let fields = hook::Connect::NAME.info().fields;
    for (answer, expected, unreadable) in [
        ("{}", r#"{"sessionId":"s","keepAlive":false,"x":1}"#, vec![]),
        (
            r#"{"sessionId":"t","appKey":"b","nodeId":"c"}"#,
            r#"{"sessionId":"s","keepAlive":false,"x":1}"#,
            vec![],
        ),
        (
            r#"{"restClientConfig":{},"keepAlive":null}"#,
            r#"{"sessionId":"s","keepAlive":false,"x":1}"#,
            vec![],
        ),
        (
            r#"{"keepAlive":"true","sipPort":"5060","sipLogin":1000}"#,
            r#"{"sessionId":"s","keepAlive":true,"x":1,"sipPort":5060,"sipLogin":"1000"}"#,
            vec![],
        ),
        (
            r#"{"keepAlive":"maybe","sipPort":50.5,"sipLogin":{},"custom":"c","mediaProviders":{},"x":2}"#,
            r#"{"sessionId":"s","keepAlive":false,"x":2}"#,
            vec!["keepAlive", "sipPort", "sipLogin", "custom", "mediaProviders"],
        ),
    ] {
        let (object, unread) =
            merged(fields, r#"{"sessionId":"s","keepAlive":false,"x":1}"#, answer, Taken::Everything);
        assert_eq!(
            (&*object, unread),
            (expected, unreadable.into_iter().map(str::to_owned).collect()),
            "{answer}"
        );
    }
}

#[test]
fn only_the_fields_of_rest_overwrite_are_taken() {
    let fields = hook::PublishStream::NAME.info().fields;
    let names = ["name", "record", "appKey", "custom"].map(str::to_owned);
    let answer = r#"{"name":"new","appKey":"b","bitrate":9,"custom":{"k": 1}}"#;
    assert_eq!(
        merged(fields, r#"{"appKey":"a","name":"old","record":false}"#, answer, Taken::Fields(&names)),
        (r#"{"appKey":"a","name":"new","record":false,"custom":{"k": 1}}"#.to_owned(), vec![]),
    );
    assert_eq!(merged(fields, r#"{"name":"old"}"#, answer, Taken::Nothing).0, r#"{"name":"old"}"#);
}

#[test]
fn nothing_is_edited_where_the_answer_is_the_echo() {
    let object = Object::parse(r#"{"name":"n","bitrate":0,"record":false}"#).unwrap();
    let fields = hook::PublishStream::NAME.info().fields;
    assert!(changes(&object, &object, Taken::Everything, fields).edits.is_empty());
}

/// An echo is not coerced either: the client's spelling stays.
#[test]
fn an_echo_keeps_its_spelling() {
    let fields = hook::SendDtmf::NAME.info().fields;
    for (object, answer, expected) in [
        (r#"{"dtmf":5}"#, r#"{"dtmf":5}"#, r#"{"dtmf":5}"#),
        (r#"{"dtmf":5}"#, r#"{"dtmf":6}"#, r#"{"dtmf":"6"}"#),
        (r#"{"dtmf":{}}"#, r#"{"dtmf":{}}"#, r#"{"dtmf":{}}"#),
    ] {
        assert_eq!(
            merged(fields, object, answer, Taken::Everything),
            (expected.to_owned(), vec![]),
            "{answer}"
        );
    }
}

#[test]
fn nothing_is_edited_where_the_answer_means_the_same() {
    let object = Object::parse(r#"{"name":"5","bitrate":0,"record":false}"#).unwrap();
    let answer = Object::parse(r#"{"name":5,"bitrate":"0","record":"false"}"#).unwrap();
    let fields = hook::PublishStream::NAME.info().fields;
    assert!(changes(&object, &answer, Taken::Everything, fields).edits.is_empty());
}
