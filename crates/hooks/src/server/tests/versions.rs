use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http2;
use hyper_util::rt::TokioExecutor;

use super::*;
use crate::{HookName, server::stage};

pub(super) fn http2_request(hook: HookName) -> Request<Full<Bytes>> {
    let body = Bytes::from_static(br#"{"nodeId":"n","appKey":"a","sessionId":"s"}"#);
    let request = Request::post(format!("http://b/{hook}")).header("content-type", "application/json");
    request.body(Full::new(body)).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_client_that_begins_with_http2_gets_it() {
    let shared = shared(ServerSettings::default());
    let Client { pipe } = Client::connect_from(&shared, Some([192, 0, 2, 1].into()));
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(pipe)).await.unwrap();
    let connection = tokio::spawn(connection);
    let answer = sender.send_request(http2_request(HookName::PushLogs)).await.unwrap();
    assert_eq!(answer.status(), 200);
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    assert!(String::from_utf8_lossy(&body).contains(r#""peer":"192.0.2.1""#), "{body:?}");

    // In flight when the server stops: answered, and the connection ends.
    let slow = tokio::spawn(sender.send_request(http2_request(HookName::PublishStream)));
    sleep(Duration::from_secs(1)).await;
    shared.stage.advance(stage::DRAINING);
    assert_eq!(shared.drain().await.cut, 0);
    assert_eq!(slow.await.unwrap().unwrap().status(), 200);
    connection.await.unwrap().unwrap();
}

/// GOAWAY: what has been asked is answered, and the client asks for the rest elsewhere.
#[tokio::test(start_paused = true)]
async fn http2_connections_end_before_the_drain_but_not_without_an_answer() {
    let shared = shared(ServerSettings::default());
    let connect = async || {
        let Client { pipe } = Client::connect(&shared);
        let (sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(pipe)).await.unwrap();
        (sender, tokio::spawn(connection))
    };
    let (mut asked, asked_connection) = connect().await;
    assert_eq!(asked.send_request(http2_request(HookName::Connect)).await.unwrap().status(), 200);
    shared.stage.advance(stage::LEAVING);
    asked_connection.await.unwrap().unwrap();

    let (mut new, new_connection) = connect().await;
    sleep(Duration::from_secs(3)).await;
    assert!(!new_connection.is_finished());
    let answer = new.send_request(http2_request(HookName::Connect)).await.unwrap();
    assert_eq!((answer.status(), answer.headers().get("connection")), (http::StatusCode::OK, None));
    new_connection.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_idle_http2_connection_is_told_to_end() {
    let shared = shared(ServerSettings::default());
    let Client { pipe } = Client::connect(&shared);
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(pipe)).await.unwrap();
    let connection = tokio::spawn(connection);
    assert_eq!(sender.send_request(http2_request(HookName::Connect)).await.unwrap().status(), 200);
    let start = Instant::now();
    connection.await.unwrap().unwrap();
    assert_eq!(start.elapsed(), Duration::from_secs(75));
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_reset_takes_its_handler_with_it() {
    let shared = shared(ServerSettings::default());
    let Client { pipe } = Client::connect(&shared);
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(pipe)).await.unwrap();
    let _connection = tokio::spawn(connection);
    let at_work = || shared.backend.metrics().value("wcs_hooks_handlers_in_flight", &[]);
    let endless = tokio::spawn(sender.send_request(http2_request(HookName::PlayStream)));
    sleep(Duration::from_secs(1)).await;
    assert_eq!((at_work(), shared.backend.counters().abandoned()), (Some(1), 0));

    endless.abort();
    sleep(Duration::from_millis(1)).await;
    assert_eq!((at_work(), shared.backend.counters().abandoned()), (Some(0), 1));
    // The other streams of the connection go on.
    assert_eq!(sender.send_request(http2_request(HookName::Connect)).await.unwrap().status(), 200);
}

#[tokio::test(start_paused = true)]
async fn a_head_is_not_endless() {
    let shared = shared(ServerSettings::default());
    let mut client = Client::connect(&shared);
    client.send(&format!("POST /x HTTP/1.1\r\nA: {}", "a".repeat(20_000))).await;
    assert!(client.receive().await.starts_with("HTTP/1.1 431 "));
}
