use wcs_hooks_protocol::payloads::Stream;

use super::*;

fn context() -> Context {
    HookContext { node_id: "n@h".into(), app_key: "a".into(), session_id: "s".into() }.into()
}

#[test]
fn a_payload_is_written_compact_without_nulls_and_with_the_context_first() {
    let mut stream = Stream { name: "b4e7".into(), published: Some(true), ..Stream::default() };
    stream.extra.insert("isNew".into(), serde_json::Value::Null);
    stream.extra.insert("nodeId".into(), "other".into());
    assert_eq!(
        typed(&context(), stream),
        r#"{"nodeId":"n@h","appKey":"a","sessionId":"s","name":"b4e7","published":true}"#
    );
}

#[test]
fn any_object_keeps_its_spelling_and_order() {
    let object = r#"{ "b" : 1e3, "sessionId":"x", "gone" : null, "text": "a \" b\\", "a": { "k" : [ 1 , "x y" ], "n" : null } }"#;
    assert_eq!(
        raw(&context(), &Object::parse(object).unwrap()),
        r#"{"nodeId":"n@h","appKey":"a","sessionId":"s","b":1e3,"text":"a \" b\\","a":{"k":[1,"x y"],"n":null}}"#
    );
    assert_eq!(raw(&HookContext::default().into(), &Object::parse("{}").unwrap()), "{}");
}

#[test]
fn excluded_fields_go_and_the_context_stays() {
    let body = raw(&context(), &Object::parse(r#"{"sdp":"v=0","name":"n"}"#).unwrap());
    let excluded = ["sdp", "nodeId", "absent"].map(str::to_owned);
    assert_eq!(without(&body, &excluded), r#"{"nodeId":"n@h","appKey":"a","sessionId":"s","name":"n"}"#);
    assert_eq!(for_client(&body, &excluded), r#"{"name":"n"}"#);
    assert_eq!(without(&body, &[]), body);
}
