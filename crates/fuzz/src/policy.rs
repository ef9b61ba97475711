//! `restClientConfig`, and what follows from it.

use serde_json::{Map, Value};
use wcs_hooks::{
    ConnectHandler, Context, HookName, HookResult, Hooks, RestClientConfig, payloads::Connection,
};
use wcs_hooks_protocol::{
    FieldValue, Object, Outcome, PolicyProblem, effect, is_asked, refusal_counts, taken,
};

use crate::backend::{answer_of, backend};

/// Any text is read as a policy; what is written of it reads the same, and every decision on it is made. A backend that
/// is given it by the client or by its own handler answers with policies that WCS understands.
///
/// # Panics
/// If that does not hold.
pub fn policy(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let (config, _) = RestClientConfig::read_strictly(text);
    let written = written(&config);
    let (again, problems) = RestClientConfig::read_strictly(&written);
    assert_eq!(again, config);
    only_unknown_hooks(&problems);
    merge(&config);
    decide(&config);
    if Object::parse(text).is_ok() {
        given_by_client_and_handler(text);
    }
}

fn written(config: &RestClientConfig) -> String {
    let mut json = String::new();
    config.write(&mut json);
    json
}

fn merge(config: &RestClientConfig) {
    let mut merged = RestClientConfig::default();
    merged.insert(HookName::PublishStream, config.policy(HookName::PlayStream).clone());
    merged.extend(config.clone());
    assert!(config.iter().all(|(name, policy)| merged.policy_of(name) == policy));
    merged.extend(config.clone());
    assert!(merged.iter().count() <= config.iter().count() + 1);
}

fn decide(config: &RestClientConfig) {
    for &hook in HookName::ALL {
        let policy = config.policy(hook);
        let _ = (is_asked(hook.kind(), policy), taken(hook.kind(), policy));
        let _ = refusal_counts(hook.kind(), policy.rest_on_error);
        let statuses = (0..=u16::MAX).step_by(1013).chain([200, 403]).map(Outcome::Status);
        let others = [Outcome::NotAsked, Outcome::Accepted, Outcome::Unreadable, Outcome::NoAnswer];
        for outcome in others.into_iter().chain(statuses) {
            let _ = effect(hook.kind(), policy.rest_on_error, outcome);
        }
    }
}

/// What the handler sets is in the answer, unless the client has sent the same.
fn given_by_client_and_handler(text: &str) {
    let backend = backend(Hooks::new(FromCustom));
    for client in ["{}", text] {
        let body = format!(r#"{{"appKey":"a","sessionId":"s","custom":{text},"restClientConfig":{client}}}"#);
        let (status, answer) = answer_of(&backend, HookName::Connect, body.as_bytes());
        if Object::from_slice(body.as_bytes()).is_ok_and(|object| object.duplicate_key().is_some()) {
            assert_eq!(status, 400);
            continue;
        }
        assert_eq!(status, 200);
        let answer = Object::from_slice(&answer).expect("an object");
        let answered = answer.get(RestClientConfig::FIELD).expect("policies");
        let (answered, problems) = RestClientConfig::read_strictly(answered);
        only_unknown_hooks(&problems);
        let custom = answer.get("custom").expect("what the client sent");
        // Blanks around it are not its own.
        assert_eq!(custom, text.trim());
        if let ("{}", Ok(custom)) = (client, serde_json::from_str::<Map<String, Value>>(text)) {
            let given = RestClientConfig::read(&Value::Object(custom).to_string()).expect("an object");
            assert!(given.iter().all(|(name, policy)| answered.policy_of(name) == policy));
        }
    }
}

fn only_unknown_hooks(problems: &[PolicyProblem]) {
    let is_of_name = |problem: &PolicyProblem| problem.to_string().ends_with("names no known hook");
    assert!(problems.iter().all(is_of_name), "{problems:?}");
}

/// Sets the policies that the client has put into `custom`.
struct FromCustom;

impl ConnectHandler for FromCustom {
    async fn connect(&self, _: Context, mut connection: Connection) -> HookResult<Connection> {
        let custom = Value::Object(connection.custom.clone()).to_string();
        connection.rest_client_config = RestClientConfig::read(&custom);
        Ok(connection)
    }
}
