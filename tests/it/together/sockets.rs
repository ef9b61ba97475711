//! Both ends over real sockets: what is said must be heard, however long the bodies are.

use wcs_hooks::{
    DEFAULT_BODY_LIMIT, hook,
    payloads::{Connection, Stream},
};
use wcs_hooks_dispatcher::{Dispatcher, HttpTransport, Settings, ToClient};
use wcs_hooks_protocol::{Effect, Outcome};

use super::stream;
use crate::support::{KEY, Server};

fn with_token() -> Connection {
    let mut connection = Connection::default();
    connection.custom.insert("token".into(), "user-ann".into());
    connection
}

fn signing(key: Option<&str>, transport: &HttpTransport) -> Dispatcher {
    let settings = Settings { hook_secret: key.map(Into::into), ..Settings::default() };
    Dispatcher::new(settings, transport.clone())
}

#[tokio::test]
async fn one_connection_serves_a_session() {
    let (server, transport) = (Server::start().await, HttpTransport::new().unwrap());
    let session = signing(Some(KEY), &transport).connect(&server.app(), with_token()).await.unwrap();
    for _ in 0..3 {
        let verdict = session.send(hook::PublishStream, stream("alias-b4e7")).await;
        assert_eq!(verdict.payload::<Stream>().unwrap(), stream("b4e7"));
        let verdict = session.send(hook::PublishStream, stream("b4e7")).await;
        let ToClient::Fail(fail) = verdict.to_client() else { panic!("the client is told") };
        assert_eq!((verdict.effect(), &*fail.info), (Effect::BreakOperation, "no such stream"));
    }
    assert_eq!(server.connections(), 1);
}

/// Calls with a body that is too long, and long ones of callers that are turned away before it is read.
#[tokio::test]
async fn a_long_body_is_answered_at_the_first_attempt() {
    let (server, transport) = (Server::start().await, HttpTransport::new().unwrap());
    for (key, length, status) in [
        (Some(KEY), DEFAULT_BODY_LIMIT, 413),
        (Some(KEY), DEFAULT_BODY_LIMIT + DEFAULT_BODY_LIMIT / 2, 413),
        (Some("other"), DEFAULT_BODY_LIMIT / 2, 403),
        (None, DEFAULT_BODY_LIMIT / 2, 401),
        (None, 4096, 401),
    ] {
        for _ in 0..10 {
            let connection = Connection { origin: Some("x".repeat(length)), ..with_token() };
            let declined = signing(key, &transport).connect(&server.app(), connection).await.unwrap_err();
            let verdict = declined.verdict();
            assert_eq!(
                (verdict.outcome(), verdict.attempts()),
                (Outcome::Status(status), 1),
                "{key:?} {length}"
            );
        }
    }
}
