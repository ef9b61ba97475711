//! nginx as a reverse proxy in front of our framework.

use std::{
    net::{SocketAddr, TcpListener},
    path::Path,
    process::Command,
};

use tempfile::TempDir;
use wcs_hooks::{
    hook,
    payloads::{Connection, Stream},
};
use wcs_hooks_dispatcher::{App, Dispatcher, HttpTransport, Settings, ToClient};
use wcs_hooks_protocol::{Effect, Outcome};

use super::curl::{CONNECT, PUBLISH, post, post_unsigned};
use crate::support::{KEY, PASSWORD, Server, USER};

const MAIN: &str = include_str!("../../peers/nginx.conf");
const SITE: &str = include_str!("../../../docs/deploy/nginx.conf");
const MIB: usize = 1024 * 1024;

/// A running nginx; it is stopped when it is dropped.
pub(super) struct Nginx {
    folder: TempDir,
    pub(super) address: SocketAddr,
}

impl Nginx {
    /// Starts it in front of a backend.
    fn in_front_of(backend: &Server, max_body_size: &str) -> Self {
        Self::passing_on_to(backend.address, max_body_size)
    }

    /// Starts it in front of an address.
    pub(super) fn passing_on_to(backend: SocketAddr, max_body_size: &str) -> Self {
        let start = |_| Self::on_a_free_port(backend, max_body_size);
        (0..3).find_map(start).expect("nginx starts")
    }

    /// Nothing if another program has taken the port meanwhile. When the command ends, nginx is listening.
    fn on_a_free_port(backend: SocketAddr, max_body_size: &str) -> Option<Self> {
        let folder = TempDir::new().unwrap();
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let site = SITE
            .replace("127.0.0.1:8080", &address.to_string())
            .replace("127.0.0.1:8081", &backend.to_string())
            .replace("client_max_body_size 1m", &format!("client_max_body_size {max_body_size}"));
        std::fs::write(folder.path().join("nginx.conf"), MAIN).unwrap();
        std::fs::write(folder.path().join("site.conf"), site).unwrap();
        let is_listening = command(folder.path()).status().unwrap().success();
        is_listening.then(|| Self { folder, address })
    }

    pub(super) fn app(&self) -> App {
        App::new("defaultApp", &format!("http://{}/apps/EchoApp", self.address)).unwrap()
    }
}

fn command(folder: &Path) -> Command {
    let mut command = Command::new("nginx");
    let path = std::env::var("PATH").unwrap_or_default();
    command.env("PATH", format!("{path}:/usr/sbin"));
    command.arg("-p").arg(folder).args(["-c", "nginx.conf", "-e", "error.log"]);
    command
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = command(self.folder.path()).args(["-s", "stop"]).status();
    }
}

fn signing() -> Settings {
    Settings { hook_secret: Some(KEY.into()), ..Settings::default() }
}

fn connection(token: &str) -> Connection {
    let mut connection = Connection::default();
    connection.custom.insert("token".into(), token.into());
    connection
}

/// What nginx does to a refusal: nothing. The reason phrase and the body both reach WCS.
#[tokio::test]
async fn a_refusal_survives() {
    let server = Server::start().await;
    let nginx = Nginx::in_front_of(&server, "1m");
    for (hook, body, status, reason) in [
        ("connect", CONNECT.replace("user-ann", "ann"), 403, "Wrong credentials"),
        ("connect", CONNECT.replace("token", "nothing"), 401, "no token"),
        ("publishStream", PUBLISH.replace("alias-", ""), 403, "no such stream"),
    ] {
        let got = post(nginx.address, hook, &body, &[]).await;
        got.assert_is(
            &format!("HTTP/1.1 {status} {reason}"),
            &format!(r#"{{"status":{status},"reason":"{reason}"}}"#),
        );
        assert!(got.headers.contains("server: nginx"), "{got:?}");
    }
}

#[tokio::test]
async fn a_session_of_the_dispatcher() {
    let server = Server::start().await;
    let nginx = Nginx::in_front_of(&server, "1m");
    let dispatcher = Dispatcher::new(signing(), HttpTransport::new().unwrap());
    let session = dispatcher.connect(&nginx.app(), connection("user-ann")).await.unwrap();
    assert_eq!(session.connection().unwrap().login.as_deref(), Some("ann"));
    for name in ["alias-b4e7", "b4e7"] {
        let stream = Stream { name: name.into(), ..Stream::default() };
        let verdict = session.send(hook::PublishStream, stream).await;
        assert_eq!(verdict.payload::<Stream>().unwrap().name, "b4e7");
        if name == "b4e7" {
            let ToClient::Fail(fail) = verdict.to_client() else { panic!("the client is told") };
            assert_eq!((verdict.effect(), &*fail.info), (Effect::BreakOperation, "no such stream"));
        }
    }
    let declined = dispatcher.connect(&nginx.app(), connection("ann")).await.unwrap_err();
    assert_eq!(declined.to_string(), "the backend declined the connection: 403 Wrong credentials");
}

/// Both signature and Basic credentials go through, since nginx leaves body and `Authorization` as they are.
#[tokio::test]
async fn callers_prove_who_they_are_through_it() {
    let server = Server::start().await;
    let nginx = Nginx::in_front_of(&server, "1m");
    let app = nginx.app();
    let with_credentials = app.clone().with_credentials(USER, &PASSWORD.into()).unwrap();
    let wrong_key = Settings { hook_secret: Some("other".into()), ..Settings::default() };
    for (settings, app, outcome) in [
        (signing(), &app, Outcome::Accepted),
        (Settings::default(), &with_credentials, Outcome::Accepted),
        (wrong_key, &with_credentials, Outcome::Status(403)),
        (Settings::default(), &app, Outcome::Status(401)),
    ] {
        let dispatcher = Dispatcher::new(settings, HttpTransport::new().unwrap());
        let got = dispatcher.connect(app, connection("user-ann")).await;
        let got = got
            .as_ref()
            .map_or_else(|declined| declined.verdict().outcome(), |session| session.opening().outcome());
        assert_eq!(got, outcome);
    }
    let got =
        post_unsigned(nginx.address, "publishStream", PUBLISH, &["--user", &format!("{USER}:{PASSWORD}")])
            .await;
    got.assert_is("HTTP/1.1 200 OK", &PUBLISH.replace("alias-", ""));
}

#[tokio::test]
async fn connections_to_the_backend_are_kept() {
    let server = Server::start().await;
    let nginx = Nginx::in_front_of(&server, "1m");
    for _ in 0..5 {
        let got = post(nginx.address, "publishStream", PUBLISH, &[]).await;
        got.assert_is("HTTP/1.1 200 OK", &PUBLISH.replace("alias-", ""));
    }
    let refused = PUBLISH.replace("alias-", "");
    assert_eq!(
        post(nginx.address, "publishStream", &refused, &[]).await.status_line,
        "HTTP/1.1 403 no such stream"
    );
    assert_eq!(post(nginx.address, "publishStream", PUBLISH, &[]).await.status_line, "HTTP/1.1 200 OK");
    assert_eq!(server.connections(), 1);
}

fn body_of(length: usize) -> String {
    let body = PUBLISH.replace("isNew", "");
    PUBLISH.replace("isNew", &"x".repeat(length - body.len()))
}

/// nginx's default, 1m, is just our limit; whichever is lower answers 413.
#[tokio::test]
async fn the_lower_limit_of_both_counts() {
    let server = Server::start().await;
    let (same, higher) = (Nginx::in_front_of(&server, "1m"), Nginx::in_front_of(&server, "8m"));
    let (longest, too_long) = (body_of(MIB), body_of(MIB + 1));
    for nginx in [&same, &higher] {
        let got = post(nginx.address, "publishStream", &longest, &[]).await;
        got.assert_is("HTTP/1.1 200 OK", &longest.replace("alias-", ""));
    }
    let got = post(same.address, "publishStream", &too_long, &[]).await;
    assert_eq!(got.status_line, "HTTP/1.1 413 Request Entity Too Large");
    assert!(got.headers.contains("content-type: text/html"), "{got:?}");
    let got = post(higher.address, "publishStream", &too_long, &[]).await;
    got.assert_is("HTTP/1.1 413 the body is too long", r#"{"status":413,"reason":"the body is too long"}"#);
}

#[tokio::test]
async fn long_and_chunked_bodies_go_through() {
    let server = Server::start().await;
    let nginx = Nginx::in_front_of(&server, "1m");
    let body = body_of(100_000);
    for more in [&["--header", "Expect: 100-continue"], &["--header", "Transfer-Encoding: chunked"]] {
        let got = post(nginx.address, "publishStream", &body, more).await;
        got.assert_is("HTTP/1.1 200 OK", &body.replace("alias-", ""));
    }
}
