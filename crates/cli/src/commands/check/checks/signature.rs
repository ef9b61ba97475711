//! Who may call. Spec §1.4, §1.5.

use bytes::Bytes;
use http::header::WWW_AUTHENTICATE;
use wcs_hooks_protocol::{HookName, Secret, SigningKey};

use super::{Check, checks};
use crate::commands::check::{
    finding::{Judged, Problem},
    target::{Proof, Target, basic},
    wire::Answer,
};

pub(super) const CHECKS: &[Check] = checks! {
    "callers"
    "proof" "§1.4, §1.5" proof(): "callers have to prove that they are WCS";
        "set rest_hook_send_hash and rest_hook_secret_key in WCS and check the signature, or set restUsername and restPassword"
    "missing" "§1.4, §1.5" missing(): "connect without a proof is refused";
        "refuse calls without Authorization, before anything else is done with them"
    "every-hook" "§1.5" every_hook(): "every hook without a proof is refused";
        "check every hook and not connect alone"
    "wrong-secret" "§1.5" wrong_secret(): "a signature by another secret is answered 403";
        "compute HMAC-MD5 of the body with the secret, compare it in constant time, and answer 403 if it differs"
    "other-body" "§1.5" other_body(): "a signature of another body is refused";
        "compute the signature over the bytes of this body"
    "raw-bytes" "§1.5" raw_bytes(): "the signature is that of the bytes as they came";
        "compute it over the raw body before parsing: what your JSON library writes differs from what WCS has sent"
    "upper-case" "§1.5" upper_case(): "a signature in upper case is no failure of the server";
        "WCS writes lower case; take either, or refuse the other with 403"
    "malformed" "§1.5" malformed(): "an Authorization that is none is refused";
        "answer 401 or 403 to whatever is not the right proof"
    "wrong-password" "§1.4" wrong_password(): "a wrong password is refused";
        "compare user and password, in constant time, and answer 401"
    "challenge" "§1.4" challenge(): "a call without credentials is told to bring some";
        "answer 401 with WWW-Authenticate: Basic realm=\"…\""
};

async fn proof(target: &Target) -> Judged {
    match target.known.proof {
        Proof::Nothing if target.opening().await?.is_accepted() => {
            Err(Problem::warn("anybody who can reach the backend may call it"))
        }
        Proof::Nothing => Ok("connect is not accepted without one".to_owned()),
        Proof::Signature(_) => Ok("calls are signed".to_owned()),
        Proof::Basic(..) => Ok("calls have credentials".to_owned()),
    }
}

/// Sends a body with this `Authorization`.
async fn send(
    target: &Target,
    hook: HookName,
    body: &str,
    header: Option<String>,
) -> Result<Answer, Problem> {
    let mut call = target.call(hook.as_str(), Bytes::copy_from_slice(body.as_bytes()));
    call.authorization = header;
    Ok(target.send(call).await?)
}

/// Whether the backend is known to ask for a proof.
fn asks(target: &Target) -> Result<(), Problem> {
    match target.known.proof {
        Proof::Nothing => Err(Problem::skipped("give --secret or --basic")),
        Proof::Signature(_) | Proof::Basic(..) => Ok(()),
    }
}

fn secret(target: &Target) -> Result<&Secret, Problem> {
    match &target.known.proof {
        Proof::Signature(secret) => Ok(secret),
        Proof::Nothing | Proof::Basic(..) => Err(Problem::skipped("give --secret")),
    }
}

fn is_turned_away(answer: &Answer) -> Judged {
    let seen = format!("answered {answer}");
    if matches!(answer.status.as_u16(), 401 | 403) { Ok(seen) } else { Err(Problem::fail(seen)) }
}

async fn missing(target: &Target) -> Judged {
    asks(target)?;
    is_turned_away(&send(target, HookName::Connect, &target.body(HookName::Connect), None).await?)
}

async fn every_hook(target: &Target) -> Judged {
    asks(target)?;
    for &hook in HookName::ALL {
        let answer = send(target, hook, &target.body(hook), None).await?;
        if answer.is_accepted() {
            return Err(Problem::fail(format!("{hook} is answered {answer}")));
        }
    }
    Ok(format!("all {} are refused", HookName::ALL.len()))
}

async fn wrong_secret(target: &Target) -> Judged {
    let secret = secret(target)?;
    let body = target.body(HookName::Connect);
    let other = SigningKey::new(&format!("{}x", secret.expose()).as_str().into());
    let answer = send(target, HookName::Connect, &body, Some(other.sign(body.as_bytes()))).await?;
    match is_turned_away(&answer) {
        Ok(seen) if answer.status.as_u16() != 403 => Err(Problem::warn(seen)),
        judged => judged,
    }
}

async fn other_body(target: &Target) -> Judged {
    let key = SigningKey::new(secret(target)?);
    let body = target.body(HookName::Connect);
    let header = key.sign(body.as_bytes());
    let spaced = body.replacen(':', ": ", 1);
    for other in [target.body(HookName::PublishStream), spaced] {
        is_turned_away(&send(target, HookName::Connect, &other, Some(header.clone())).await?)?;
    }
    Ok("refused".to_owned())
}

/// The same object in another spelling, rightly signed.
async fn raw_bytes(target: &Target) -> Judged {
    let key = SigningKey::new(secret(target)?);
    let body = target.body(HookName::Connect).replacen(':', " : ", 1).replacen("/5.0", "\\/5.0", 1);
    let answer = send(target, HookName::Connect, &body, Some(key.sign(body.as_bytes()))).await?;
    Ok(format!("answered {}", answer.accepted()?))
}

async fn upper_case(target: &Target) -> Judged {
    let key = SigningKey::new(secret(target)?);
    let body = target.body(HookName::Connect);
    let header = key.sign(body.as_bytes());
    let (scheme, digits) = header.split_at(4);
    let header = format!("{scheme}{}", digits.to_ascii_uppercase());
    let answer = send(target, HookName::Connect, &body, Some(header)).await?;
    if answer.is_accepted() { Ok("accepted".to_owned()) } else { is_turned_away(&answer) }
}

async fn malformed(target: &Target) -> Judged {
    asks(target)?;
    let body = target.body(HookName::Connect);
    let long = "a".repeat(4000);
    for header in ["WCS", "WCS ", "WCS zz", "Basic", "Basic !!!", "Basic OnNlY3JldA==", "Bearer x", &*long] {
        let answer = send(target, HookName::Connect, &body, Some(header.to_owned())).await?;
        if answer.is_accepted() || answer.status.is_server_error() {
            let start: String = header.chars().take(12).collect();
            return Err(Problem::fail(format!("{start:?} is answered {answer}")));
        }
    }
    Ok("refused".to_owned())
}

async fn wrong_password(target: &Target) -> Judged {
    let Proof::Basic(user, password) = &target.known.proof else {
        return Err(Problem::skipped("give --basic"));
    };
    let body = target.body(HookName::Connect);
    let wrong = format!("{}x", password.expose());
    for (user, password) in [(&**user, &*wrong), ("nobody", password.expose()), (user, "")] {
        is_turned_away(&send(target, HookName::Connect, &body, Some(basic(user, password))).await?)?;
    }
    Ok("refused".to_owned())
}

async fn challenge(target: &Target) -> Judged {
    let Proof::Basic(..) = &target.known.proof else {
        return Err(Problem::skipped("give --basic"));
    };
    let answer = send(target, HookName::Connect, &target.body(HookName::Connect), None).await?;
    let is_challenge = answer.status.as_u16() == 401 && answer.headers.contains_key(WWW_AUTHENTICATE);
    let seen = format!("answered {answer}");
    if is_challenge { Ok(seen) } else { Err(Problem::warn(seen)) }
}
