//! A token, and calls to try it with, as WCS would send them.

use std::{
    io::{self, Write},
    time::Duration,
};

use wcs_hooks::{
    Secret, SigningKey,
    ready::{Claims, ConfigError, StreamRights},
};

const FORGER: &str = "a secret that is not the one of this backend";
const LIFETIME: Duration = Duration::from_hours(12);

/// Prints a token that holds for twelve hours, and curl lines that are accepted and refused.
pub(crate) fn print(url: &str, jwt_secret: &Secret, hooks_secret: &Secret) -> Result<(), ConfigError> {
    let rights = StreamRights::new(["studio-*"], ["*"]);
    let claims = Claims::new().subject("alice").with("streams", rights).expiring_in(LIFETIME);
    let (token, forged) = (claims.sign(jwt_secret)?, claims.sign(&FORGER.into())?);
    let connect = |token: &str| with_context(&format!(r#""custom":{{"token":"{token}"}}"#));
    let publish =
        |name: &str| with_context(&format!(r#""mediaSessionId":"m1","name":"{name}","published":true"#));
    let curl = Curl { url, key: SigningKey::new(hooks_secret) };

    say(&format!(
        "\na token for alice, who may publish studio-* and play all streams of this server:\n{token}"
    ));
    curl.print("accepted: 200, with what WCS is to mind", "connect", &connect(&token));
    curl.print("accepted, the token allows it: 200", "publishStream", &publish("studio-1"));
    curl.print("refused, the token does not allow it: 403", "publishStream", &publish("backstage"));
    curl.print("refused, the token is forged: 401", "connect", &connect(&forged));
    curl.print_unsigned("unsigned, so it is not WCS: 403", "connect", &connect(&token));
    say("");
    Ok(())
}

/// Nobody may be there to read it.
fn say(text: &str) {
    let _ = writeln!(io::stdout(), "{text}");
}

/// A body with the fields that stand in all of them.
fn with_context(members: &str) -> String {
    format!(r#"{{"nodeId":"demo@127.0.0.1","appKey":"defaultApp","sessionId":"s1",{members}}}"#)
}

struct Curl<'a> {
    url: &'a str,
    key: SigningKey,
}

impl Curl<'_> {
    fn print(&self, title: &str, hook: &str, body: &str) {
        let signature = format!("-H 'Authorization: {}' ", self.key.sign(body.as_bytes()));
        self.print_line(title, hook, &signature, body);
    }

    fn print_unsigned(&self, title: &str, hook: &str, body: &str) {
        self.print_line(title, hook, "", body);
    }

    fn print_line(&self, title: &str, hook: &str, signature: &str, body: &str) {
        let url = self.url;
        say(&format!("\n# {title}"));
        say(&format!("curl -si {url}/{hook} -H 'Content-Type: application/json' {signature}-d '{body}'"));
    }
}
