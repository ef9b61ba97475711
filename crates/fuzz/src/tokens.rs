//! Tokens, and what they claim.

use serde_json::{Map, Value, json};
use wcs_hooks::{
    HookName, Hooks, Secret,
    ready::{Claims, JwtAuth, StreamRights, StreamTokens, TokenSource, Verifier},
};

use crate::{
    backend::{answer_of, backend},
    first_line,
};

const SECRET: &str = "at least 32 bytes, known to few.";
const HOOKS: [HookName; 5] =
    [HookName::Connect, HookName::PublishStream, HookName::PlayStream, HookName::PlayHls, HookName::PlayRtsp];

/// The first line is a token, the rest claims. A token that nobody signed is refused, by the verifier and at every place
/// where a client may bring one; arbitrary claims that are signed are read, and let a client in only if they hold.
///
/// # Panics
/// If that does not hold.
pub fn tokens(bytes: &[u8]) {
    let (token, claims) = first_line(bytes);
    let token = String::from_utf8_lossy(token);
    let verifier = Verifier::builder().secret(SECRET).build().expect("a verifier");
    assert!(verifier.verify(&token).is_err(), "a token that nobody signed");
    bring(&verifier, &token);
    if let Ok(claims) = serde_json::from_slice::<Map<String, Value>>(claims) {
        signed(&verifier, claims);
    }
}

fn signed(verifier: &Verifier, claims: Map<String, Value>) {
    let with = |claims: Claims, (name, value): (String, Value)| claims.with(name, value);
    let claims = claims.into_iter().fold(Claims::new(), with);
    let token = claims.sign(&Secret::from(SECRET)).expect("a token");
    if let Ok(claims) = verifier.verify(&token) {
        let _ = (claims.expires_at(), claims.str("sub"));
        if let Ok(rights) = StreamRights::of(&claims, "streams") {
            let _ = (rights.may_publish("studio-1"), rights.may_play("studio-1"));
        }
    }
    bring(verifier, &token);
}

/// To each hook that looks for a token, at all places.
fn bring(verifier: &Verifier, token: &str) {
    let source = TokenSource::default().or_auth_token().access_key("token");
    let auth = JwtAuth::new(verifier.clone()).token_from(source).login_from_subject();
    let tokens = StreamTokens::new(auth);
    let backend = backend(Hooks::guarded(tokens));
    let body = json!({
        "nodeId": "n", "appKey": "a", "sessionId": "s", "name": "studio-1", "authToken": token, "token": token,
        "custom": {"token": token, "aclAuth": token}, "rtspUrl": format!("rtsp://wcs/studio-1?token={token}"),
    });
    for hook in HOOKS {
        let (status, _) = answer_of(&backend, hook, body.to_string().as_bytes());
        assert!(matches!(status, 200 | 401 | 403), "{hook}: {status}");
        assert!(status != 200 || verifier.verify(token).is_ok(), "{hook} lets in a token that does not hold");
    }
}
