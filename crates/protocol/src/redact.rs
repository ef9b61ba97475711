//! What must not be printed, and how a body is printed without it.

use std::{collections::BTreeSet, sync::LazyLock};

use crate::{HookName, field::FieldKind, object::Object};

mod mask;

pub use mask::{Mask, json_with, url_with};

/// What stands in place of a secret.
pub const HIDDEN: &str = "[hidden]";

/// Parts of names, in lower case and with `_` for `-`, that mark what a page or a player sends as secret: `custom.token`,
/// `custom.aclAuth`, `?access_key=…`.
pub const SECRET_NAME_PARTS: &[&str] = &[
    "token",
    "passw",
    "passphrase",
    "passcode",
    "passkey",
    "userpass",
    "sippass",
    "pwd",
    "secret",
    "auth",
    "credential",
    "jwt",
    "signature",
    "accesskey",
    "access_key",
    "apikey",
    "api_key",
    "privatekey",
    "private_key",
];

/// Whole words of names, in lower case, that do the same and are too short to be looked for inside of words: `sipPass`,
/// `user_pin`, `PIN`, but not `bypass` or `shipping`.
pub const SECRET_WORDS: &[&str] =
    &["pass", "pin", "pw", "psk", "otp", "totp", "cred", "creds", "bearer", "cookie"];

/// Fields that are long and hold keys of media encryption.
const SECRET_MEDIA_FIELDS: &[&str] = &["sdp"];

/// Whether the value of a field of this name must not be printed: a field that a payload declares as secret, or a name
/// with one of [`SECRET_NAME_PARTS`] in it, or with one of [`SECRET_WORDS`] as a word.
///
/// ```
/// use wcs_hooks_protocol::redact::is_secret;
///
/// assert!(is_secret("sipPassword") && is_secret("authToken") && is_secret("X-Api-Key"));
/// assert!(!is_secret("appKey") && !is_secret("name"));
/// ```
#[must_use]
pub fn is_secret(name: &str) -> bool {
    static DECLARED: LazyLock<BTreeSet<&str>> = LazyLock::new(|| {
        let fields = HookName::ALL.iter().flat_map(|hook| hook.info().fields);
        fields.filter(|field| field.kind == FieldKind::Secret).map(|field| field.name).collect()
    });
    let lower_case = name.to_ascii_lowercase().replace('-', "_");
    DECLARED.contains(name)
        || SECRET_MEDIA_FIELDS.contains(&name)
        || SECRET_NAME_PARTS.iter().any(|part| lower_case.contains(part))
        || words(name).any(|word| SECRET_WORDS.iter().any(|secret| word.eq_ignore_ascii_case(secret)))
}

/// The words of `camelCase`, `snake_case`, `kebab-case` and `HTTPName`, without their digits.
fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(|char: char| !char.is_alphabetic()).flat_map(|run| {
        let mut rest = run;
        std::iter::from_fn(move || {
            let (word, behind) = rest.split_at(word_length(rest));
            rest = behind;
            (!word.is_empty()).then_some(word)
        })
    })
}

/// A word ends before a capital behind a small letter, and before the last of several capitals if a small letter follows.
fn word_length(run: &str) -> usize {
    let mut before = None;
    let mut chars = run.char_indices().peekable();
    while let Some((at, char)) = chars.next() {
        let begins = char.is_uppercase()
            && before.is_some_and(|before: char| {
                !before.is_uppercase() || chars.peek().is_some_and(|(_, next)| next.is_lowercase())
            });
        if begins {
            return at;
        }
        before = Some(char);
    }
    run.len()
}

/// A JSON text fit to be printed: secrets hidden at any depth, and in the parameters of URLs. What is not JSON is
/// hidden altogether.
///
/// ```
/// use wcs_hooks_protocol::redact;
///
/// let body = r#"{"name":"rtsp://wcs/s?aclAuth=1254789&q=1","custom":{"token":"key1"}}"#;
/// assert_eq!(redact::json(body), r#"{"name":"rtsp://wcs/s?aclAuth=[hidden]&q=1","custom":{"token":"[hidden]"}}"#);
/// ```
#[must_use]
pub fn json(text: &str) -> String {
    let text = if Object::parse(text).is_ok() { json_with(text, &mut Hide) } else { None };
    text.unwrap_or_else(|| HIDDEN.to_owned())
}

struct Hide;

impl Mask for Hide {
    fn mask(&mut self, _: &str) -> Option<String> {
        Some(HIDDEN.to_owned())
    }
}

/// A text in which the secret parameters of URLs, and their `user:password@`, are hidden.
///
/// ```
/// # use wcs_hooks_protocol::redact;
/// assert_eq!(redact::url("rtsp://me:pw@host/s?token=1"), "rtsp://[hidden]@host/s?token=[hidden]");
/// ```
#[must_use]
pub fn url(text: &str) -> String {
    url_with(text, &mut Hide)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_of_a_secret_is_hidden_and_the_rest_stays() {
        let body = r#"{"n": 1e3,"sipPassword":"S","sdp":"S","a":[{"x":{"myToken":"S"}},"http://h/?jwt=S"],"token":null,"u":"a?b"}"#;
        assert_eq!(
            json(body),
            r#"{"n": 1e3,"sipPassword":"[hidden]","sdp":"[hidden]","a":[{"x":{"myToken":"[hidden]"}},"http://h/?jwt=[hidden]"],"token":null,"u":"a?b"}"#,
        );
        assert_eq!(json("S"), HIDDEN);
    }

    #[test]
    fn names_sound_secret_or_do_not() {
        for name in [
            "pass",
            "Pass",
            "PASS",
            "sipPass",
            "user_pass",
            "user-pass",
            "userpass",
            "pass2",
            "passPhrase",
            "password",
            "passwd",
            "pwd",
            "dbPwd",
            "pw",
            "pin",
            "PIN",
            "userPIN",
            "PINCode",
            "pinCode",
            "pin_code",
            "SIM-PIN",
            "éPin",
            "otp",
            "totpCode",
            "psk",
            "credential",
            "userCredentials",
            "creds",
            "apikey",
            "apiKey",
            "api_key",
            "X-API-Key",
            "passphrase",
            "passkey",
            "bearer",
            "cookie",
            "token",
            "accessToken",
            "aclAuth",
            "secretKey",
            "jwt",
        ] {
            assert!(is_secret(name), "{name}");
        }
        for name in [
            "compass",
            "Compass",
            "bypass",
            "bypassCache",
            "passive",
            "passenger",
            "encompass",
            "pinned",
            "pinging",
            "ping",
            "spin",
            "SPIN",
            "spinCount",
            "shipping",
            "shippingAddress",
            "opinion",
            "pink",
            "alpine",
            "pwm",
            "accredited",
            "incredible",
            "appKey",
            "name",
            "isPassive",
            "topPing",
            "caPing",
            "",
            "-",
            "7",
        ] {
            assert!(!is_secret(name), "{name}");
        }
        // Of WCS's own fields none is hidden by a word that only looks like one.
        for field in HookName::ALL.iter().flat_map(|hook| hook.info().fields) {
            let has_word = words(field.name).any(|word| SECRET_WORDS.contains(&&*word.to_ascii_lowercase()));
            assert!(!has_word || field.kind == FieldKind::Secret, "{}", field.name);
        }
    }

    #[test]
    fn json_in_a_string_is_looked_into() {
        for body in [
            r#"{"n":{"x": 1e3},"payload":"{\"token\":\"S\",\"n\":1e3}","other":"{token"}"#,
            r#"{"payload":" \n[{\"token\":\"S\"}]"}"#,
        ] {
            let printed = body.replace(r#"\"S\""#, r#"\"[hidden]\""#);
            assert_eq!(json(body), printed);
        }
        let twice = r#"{"payload":"\"{\\\"token\\\":\\\"S\\\"}\""}"#;
        assert_eq!(json(twice), twice.replace('S', HIDDEN));
    }

    #[test]
    fn nothing_is_too_deep_to_be_hidden() {
        for depth in 120..135 {
            let body = format!("{}{{\"token\":\"S\"}}{}", "{\"a\":".repeat(depth), "}".repeat(depth));
            assert!(
                !json(&body).contains('S')
                    && !json_with(&body, &mut Hide).is_some_and(|masked| masked.contains('S')),
                "{depth}"
            );
        }
    }

    #[test]
    fn urls_are_printed_without_their_secrets_wherever_they_stand() {
        for (text, printed) in [
            ("rtsp://h:554/a@v1?x=1", "rtsp://h:554/a@v1?x=1"),
            ("rtsp://[::1]:554/s", "rtsp://[::1]:554/s"),
            ("rtsp://me:p/w@h/s", "rtsp://[hidden]@h/s"),
            ("rtsp://me:p?w@h/s", "rtsp://[hidden]@h/s"),
            ("rtsp://me:S@h", "rtsp://[hidden]@h"),
            ("http://h/#token=S", "http://h/#token=[hidden]"),
            ("http://h/?a=1;token=S;b=2", "http://h/?a=1;token=[hidden];b=2"),
            ("x rtsp://h\nand http://b:S@d/ y", "x rtsp://h\nand http://[hidden]@d/ y"),
            ("a://u:S@h,b://u:S@h?jwt=S", "a://[hidden]@h,b://[hidden]@h?jwt=[hidden]"),
            ("token=S\n", "token=[hidden]\n"),
            ("??&=;#", "??&=;#"),
        ] {
            assert_eq!(url(text), printed);
            assert_eq!(url(printed), printed, "once is enough");
        }
    }
}
