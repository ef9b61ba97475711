use serde_json::{Value, json};

use super::*;
use crate::{
    AllowAll, Hooks, Refusal,
    ready::{
        OriginAuth,
        testing::{SECRET, Wcs},
    },
};

fn auth() -> JwtAuth {
    JwtAuth::new(Verifier::builder().secret(SECRET).build().unwrap())
}

fn token(claims: &Claims) -> String {
    let claims = claims.clone().expiring_in(std::time::Duration::from_mins(1));
    claims.sign(&SECRET.into()).unwrap()
}

fn connect(token: &str) -> Value {
    json!({"nodeId": "n", "appKey": "defaultApp", "sessionId": "s", "login": "r4nd0m", "custom": {"token": token}})
}

#[tokio::test]
async fn a_client_is_let_in_by_its_token_and_told_no_more_than_that_it_is_bad() {
    let wcs = Wcs::with(Hooks::new(auth()));
    let good = token(&Claims::new());
    let expired = Claims::new().with("exp", 1).sign(&SECRET.into()).unwrap();
    let cases = [
        (connect(&good), 200, ""),
        (connect(&expired), 401, "invalid token"),
        (connect(&good[1..]), 401, "invalid token"),
        (connect(""), 401, "no token"),
        (json!({}), 401, "no token"),
    ];
    for (body, status, reason) in cases {
        assert_eq!(wcs.told("connect", &body).await, (status, reason.to_owned()), "{body}");
    }
}

#[tokio::test]
async fn the_answer_is_the_echo_but_for_what_was_asked_for() {
    let body = connect(&token(&Claims::new().subject("alice").with("line", "1001")));
    let accept = |claims: &Claims, connection: &mut Connection| {
        connection.sip_login = Some(claims.str("line").ok_or(Refusal::forbidden("no line"))?.to_owned());
        Ok(())
    };
    let cases = [
        (auth(), json!({})),
        (auth().login_from_subject(), json!({"login": "alice"})),
        (auth().with_claims(accept), json!({"sipLogin": "1001"})),
    ];
    for (auth, changes) in cases {
        let (status, mut answer) = Wcs::with(Hooks::new(auth)).send("connect", &body).await;
        let mut expected = body.clone();
        expected.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        answer.as_object_mut().unwrap().remove("restClientConfig");
        assert_eq!((status, answer), (200, expected));
    }
    let wcs = Wcs::with(Hooks::new(auth().with_claims(accept)));
    let without_line = connect(&token(&Claims::new()));
    assert_eq!(wcs.told("connect", &without_line).await, (403, "no line".to_owned()));
}

#[tokio::test]
async fn handlers_are_asked_in_turn_until_one_refuses() {
    let origins = OriginAuth::new(["https://example.com"]).unwrap();
    let wcs = Wcs::with(Hooks::new(AllowAll).guard(origins).guard(auth().login_from_subject()));
    let mut body = connect(&token(&Claims::new().subject("alice")));
    assert_eq!(wcs.told("connect", &body).await.1, "origin not allowed");
    body["origin"] = "https://example.com".into();
    assert_eq!(wcs.send("connect", &body).await.1["login"], "alice");
    body["custom"] = json!({});
    assert_eq!(wcs.told("connect", &body).await.1, "no token");
}

#[test]
fn a_refusal_tells_the_log_why_and_has_nothing_of_the_token() {
    let token = Claims::new().subject("alice").with("exp", 1).sign(&SECRET.into()).unwrap();
    let mut connection = Connection::default();
    connection.custom.insert("token".to_owned(), token.clone().into());
    let refusal = auth().admit(&mut connection).unwrap_err();
    assert_eq!(refusal.to_string(), "401 invalid token (it has expired)");
    let printed = format!("{refusal:?} {:?} {:?}", auth(), connection);
    for part in token.split('.').chain([SECRET, "alice"]) {
        assert!(!printed.contains(part), "{printed}");
    }
}
