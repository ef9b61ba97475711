//! `schema`: what is published validates against it, and OpenAPI has the shape of 3.1.

use std::collections::BTreeMap;

use serde_json::Value;
use wcs_hooks::HookName;

use crate::program::run;

fn schema(arguments: &[&str]) -> Value {
    let ran = run(&[&["schema", "--json"], arguments].concat());
    assert_eq!((ran.code, &*ran.stderr), (Some(0), ""));
    serde_json::from_str(&ran.stdout).expect("one object on one line")
}

/// The bodies of hooks: their name and object.
fn bodies(name: &str) -> Vec<(String, Value)> {
    let file = format!("{}/../../tests/data/{name}", env!("CARGO_MANIFEST_DIR"));
    let vectors: Vec<Value> = serde_json::from_slice(&std::fs::read(file).expect("a file")).expect("JSON");
    let of_a_hook = |vector: Value| {
        let name = vector["method"].as_str()?.to_owned();
        let is_whole = !vector["completeness"].as_str().is_some_and(|text| text.contains("cut"));
        let is_body = vector["direction"] == "request" && is_whole && name.parse::<HookName>().is_ok();
        is_body.then(|| (name, vector["body"].clone()))
    };
    vectors.into_iter().filter_map(of_a_hook).collect()
}

#[test]
fn every_published_body_is_what_its_schema_says() {
    let bodies = [bodies("payloads.json"), bodies("inferred.json")].concat();
    let (mut validators, mut problems) = (BTreeMap::new(), Vec::new());
    for (hook, body) in &bodies {
        let validator = validators.entry(hook).or_insert_with(|| {
            jsonschema::draft202012::new(&schema(&["--json-schema", hook])).expect("a schema")
        });
        let found = validator.iter_errors(body);
        problems.extend(found.map(|error| format!("{hook}{}: {error}", error.instance_path())));
    }
    assert_eq!(problems, [""; 0]);
    assert_eq!(validators.len(), 43, "a body of each hook");
}

#[test]
fn what_is_wrong_is_not_what_the_schema_says() {
    let all = schema(&["--json-schema"]);
    let validator = jsonschema::draft202012::new(&all).unwrap();
    let is_valid = |hook: &str, body: &str| {
        let context = r#"{"appKey":"a","sessionId":"s","#;
        let body: Value = serde_json::from_str(&format!("{context}{body}}}")).unwrap();
        validator.is_valid(&serde_json::json!({ hook: body }))
    };
    for (hook, right, wrong) in [
        ("publishStream", r#""record":true"#, r#""record":1"#),
        ("publishStream", r#""width":0"#, r#""width":{}"#),
        ("connect", r#""custom":{"token":"x"}"#, r#""custom":"x""#),
        (
            "connect",
            r#""restClientConfig":{"call":{"restOnError":"FAIL"}}"#,
            r#""restClientConfig":{"call":{"restOnError":"fail"}}"#,
        ),
        ("call", r#""newField":[1]"#, r#""callee":[1]"#),
    ] {
        assert!(is_valid(hook, right), "{right}");
        assert!(!is_valid(hook, wrong), "{wrong}");
    }
    assert!(!validator.is_valid(&serde_json::json!({ "call": {} })), "the context is needed");
}

#[test]
fn openapi_has_a_path_for_every_hook_and_its_references_lead_somewhere() {
    let document = schema(&[]);
    assert_eq!(document, schema(&["--openapi"]));
    assert_eq!(document["openapi"], "3.1.0");
    for key in ["title", "version"] {
        assert!(document["info"][key].is_string(), "{key}");
    }
    let paths = document["paths"].as_object().unwrap();
    let mut ids = Vec::new();
    let statuses = wcs_hooks::rejection_statuses();
    // What is documented is generated of what the framework answers; these it is known to answer.
    assert!(
        [400, 401, 403, 404, 405, 408, 413, 415, 429, 500, 503].iter().eq(statuses.keys()),
        "{statuses:?}"
    );
    for (path, item) in paths {
        let post = &item["post"];
        for (status, reasons) in &statuses {
            let response = &post["responses"][status.to_string()];
            assert!(
                response["description"].as_str().is_some_and(|text| text.starts_with(reasons[0])),
                "{path} {status}"
            );
            assert_eq!(
                response["content"]["application/json"]["schema"]["$ref"], "#/components/schemas/Refusal",
                "{path} {status}"
            );
        }
        assert!(
            path.starts_with('/') && post["requestBody"]["content"]["application/json"]["schema"].is_object()
        );
        assert!(post["responses"]["200"]["description"].is_string(), "{path}");
        assert!(
            post["summary"].as_str().is_some_and(|text| !text.is_empty())
                && post["description"].as_str().unwrap().contains("Spec §")
        );
        ids.push(post["operationId"].as_str().unwrap());
    }
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((paths.len(), ids.len()), (43, 43));
    assert!(references(&document).iter().all(|place| document.pointer(&place[1..]).is_some()));
    assert_eq!(
        paths["/connect"]["post"]["responses"]["4XX"]["content"]["application/json"]["schema"]["$ref"],
        "#/components/schemas/Refusal"
    );
    assert!(
        paths["/StreamStatusEvent"]["post"]["responses"].get("4XX").is_none(),
        "an event cannot be refused"
    );
}

#[test]
fn one_hook_has_what_it_needs_and_no_more() {
    for arguments in [&["playStream"][..], &["playStream", "--json-schema"]] {
        let text = schema(arguments).to_string();
        assert!(text.contains("mediaSessionId") && !text.contains("RestClientConfig"), "{arguments:?}");
    }
    let unknown = run(&["schema", "playStrem"]);
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.stderr.contains("playStrem"), "{unknown:?}");
}

/// All `$ref`s of a document.
fn references(value: &Value) -> Vec<&str> {
    match value {
        Value::Object(members) => {
            let inner = members.values().flat_map(references);
            members.get("$ref").and_then(Value::as_str).into_iter().chain(inner).collect()
        }
        Value::Array(values) => values.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}
