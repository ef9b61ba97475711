//! Our framework against curl.

use std::{net::SocketAddr, process::Stdio};

use tokio::{io::AsyncWriteExt, process::Command};
use wcs_hooks_protocol::SigningKey;

use crate::support::{KEY, PASSWORD, Server, USER};

pub(super) const CONNECT: &str =
    r#"{"nodeId":"n@127.0.0.1","appKey":"defaultApp","sessionId":"s","custom":{"token":"user-ann"}}"#;
pub(super) const PUBLISH: &str =
    r#"{"nodeId":"n@127.0.0.1","appKey":"defaultApp","sessionId":"s","name":"alias-b4e7","isNew":1.0}"#;

/// Runs curl with the body on its standard input; gives what it prints: heads and bodies.
async fn run(arguments: &[&str], body: &str) -> String {
    let common = ["--silent", "--show-error", "--include", "--max-time", "20"];
    let mut command = Command::new("curl");
    command.args(common).args(["--header", "Content-Type: application/json;charset=UTF-8"]).args(arguments);
    command.args(["--data-binary", "@-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
    let mut curl = command.spawn().unwrap();
    let mut input = curl.stdin.take().unwrap();
    // curl may be answered before it has read everything.
    let _ = input.write_all(body.as_bytes()).await;
    drop(input);
    let output = curl.wait_with_output().await.unwrap();
    assert!(output.status.success(), "curl ended with {}", output.status);
    String::from_utf8(output.stdout).unwrap()
}

fn signed(body: &str) -> String {
    format!("Authorization: {}", SigningKey::new(&KEY.into()).sign(body.as_bytes()))
}

/// Posts a signed body.
pub(super) async fn post(address: SocketAddr, hook: &str, body: &str, more: &[&str]) -> Got {
    let (url, header) = (format!("http://{address}/apps/EchoApp/{hook}"), signed(body));
    Got::read(&run(&[&["--header", &header], more, &[&url]].concat(), body).await)
}

/// Posts a body without a proof of who sends it.
pub(super) async fn post_unsigned(address: SocketAddr, hook: &str, body: &str, more: &[&str]) -> Got {
    let url = format!("http://{address}/apps/EchoApp/{hook}");
    Got::read(&run(&[more, &[&url]].concat(), body).await)
}

/// The answer: its status line, what stands before it, its headers and its body.
#[derive(Debug)]
pub(super) struct Got {
    pub(super) interim: Option<String>,
    pub(super) status_line: String,
    pub(super) headers: String,
    pub(super) body: String,
}

impl Got {
    fn read(text: &str) -> Self {
        let (first, rest) = text.split_once("\r\n\r\n").unwrap();
        let is_interim = first.starts_with("HTTP/1.1 100");
        let (interim, (head, body)) = if is_interim {
            (Some(first.to_owned()), rest.split_once("\r\n\r\n").unwrap())
        } else {
            (None, (first, rest))
        };
        let (status_line, headers) = head.split_once("\r\n").unwrap();
        Self {
            interim,
            status_line: status_line.to_owned(),
            headers: headers.to_ascii_lowercase(),
            body: body.to_owned(),
        }
    }

    pub(super) fn assert_is(&self, status_line: &str, body: &str) {
        assert_eq!((&*self.status_line, &*self.body), (status_line, body), "{self:?}");
    }
}

#[tokio::test]
async fn accepted_and_changed() {
    let server = Server::start().await;
    let got = post(server.address, "connect", CONNECT, &[]).await;
    assert_eq!(got.status_line, "HTTP/1.1 200 OK");
    assert!(got.headers.contains("content-type: application/json"), "{got:?}");
    let echo = CONNECT.strip_suffix('}').unwrap();
    assert!(got.body.starts_with(&format!(r#"{echo},"login":"ann","restClientConfig":{{"#)), "{got:?}");

    let got = post(server.address, "publishStream", PUBLISH, &[]).await;
    got.assert_is("HTTP/1.1 200 OK", &PUBLISH.replace("alias-", ""));
}

#[tokio::test]
async fn refused() {
    let server = Server::start().await;
    for (hook, body, status, reason) in [
        ("connect", CONNECT.replace("user-ann", "ann"), 403, "Wrong credentials"),
        ("connect", CONNECT.replace("token", "nothing"), 401, "no token"),
        ("publishStream", PUBLISH.replace("alias-", ""), 403, "no such stream"),
    ] {
        let got = post(server.address, hook, &body, &[]).await;
        got.assert_is(
            &format!("HTTP/1.1 {status} {reason}"),
            &format!(r#"{{"status":{status},"reason":"{reason}"}}"#),
        );
    }
}

/// HTTP/2 has no reason phrase: the body carries it. Spec §1.2.
#[tokio::test]
async fn refused_over_http_2() {
    let server = Server::start().await;
    let body = CONNECT.replace("user-ann", "ann");
    let got = post(server.address, "connect", &body, &["--http2-prior-knowledge"]).await;
    got.assert_is("HTTP/2 403 ", r#"{"status":403,"reason":"Wrong credentials"}"#);
}

#[tokio::test]
async fn unsigned_and_with_basic_credentials() {
    let server = Server::start().await;
    let got = post_unsigned(server.address, "connect", CONNECT, &[]).await;
    got.assert_is("HTTP/1.1 401 Unauthorized", r#"{"status":401,"reason":"Unauthorized"}"#);
    assert!(got.headers.contains("www-authenticate: basic realm="), "{got:?}");

    let forged = signed(PUBLISH);
    let got = post_unsigned(server.address, "connect", CONNECT, &["--header", &forged]).await;
    got.assert_is("HTTP/1.1 403 Forbidden", r#"{"status":403,"reason":"Forbidden"}"#);

    let user = format!("{USER}:{PASSWORD}");
    let got = post_unsigned(server.address, "publishStream", PUBLISH, &["--user", &user]).await;
    got.assert_is("HTTP/1.1 200 OK", &PUBLISH.replace("alias-", ""));
}

#[tokio::test]
async fn one_connection_serves_many_calls_even_refused_ones() {
    let server = Server::start().await;
    let url = format!("http://{}/publishStream", server.address);
    let (user, refused) = (format!("{USER}:{PASSWORD}"), PUBLISH.replace("alias-", ""));
    let text = run(&["--user", &user, &url, &url, &url], &refused).await;
    assert_eq!(text.matches("HTTP/1.1 403 no such stream").count(), 3, "{text}");
    assert_eq!(server.connections(), 1);
}

/// A body of 5 kB, as with an SDP: curl asks first whether it may send it.
#[tokio::test]
async fn a_long_body_is_asked_for() {
    let server = Server::start().await;
    let body = PUBLISH.replace("isNew", &"x".repeat(5000));
    let expect = ["--header", "Expect: 100-continue", "--expect100-timeout", "15"];
    let got = post(server.address, "publishStream", &body, &expect).await;
    assert_eq!(got.interim.as_deref(), Some("HTTP/1.1 100 Continue"));
    got.assert_is("HTTP/1.1 200 OK", &body.replace("alias-", ""));

    // Who cannot be let in need not send it.
    let got = post_unsigned(server.address, "publishStream", &body, &expect).await;
    assert_eq!((got.interim, &*got.status_line), (None, "HTTP/1.1 401 Unauthorized"));
}

#[tokio::test]
async fn a_body_in_chunks_is_taken() {
    let server = Server::start().await;
    let body = PUBLISH.replace("isNew", &"x".repeat(100_000));
    let chunked = ["--header", "Transfer-Encoding: chunked", "--http1.1"];
    let got = post(server.address, "publishStream", &body, &chunked).await;
    got.assert_is("HTTP/1.1 200 OK", &body.replace("alias-", ""));
}
