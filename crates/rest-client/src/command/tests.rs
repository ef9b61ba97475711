use std::{pin::Pin, time::Duration};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    sync::oneshot,
    time::timeout,
};
use wcs_hooks_protocol::{
    payloads::{Call, Connection},
    status::DtmfType,
};

use super::*;
use crate::{
    ConnectionFilter, PushFilter, RecordingConfig, RestClient, RestClientBuilder, RtspFilter, StreamFilter,
    testing::Wcs,
};

type Running<'a> = Pin<Box<dyn Future<Output = String> + Send + 'a>>;

type Run = for<'a> fn(&'a Node) -> Running<'a>;

/// A command, the path and body that it is sent with, and what a 404 says.
type Row = (Run, &'static str, Value, &'static str);

macro_rules! row {
    (|$node:ident| $command:expr, $path:literal, $body:tt, $none:literal) => {{
        fn run($node: &Node) -> Running<'_> {
            Box::pin(async move { format!("{:?}", $command.await) })
        }
        (run as Run, $path, json!($body), $none)
    }};
}

/// Where a 404 is an error.
const NONE: &str = "Err";

#[rustfmt::skip]
fn commands() -> Vec<Row> {
    vec![
        row!(|node| node.send_data("s", "o", &1), "/data/send", {"sessionId": "s", "operationId": "o", "payload": 1}, "Ok(NoSuchSession)"),
        row!(|node| node.streams().find(&StreamFilter::named("a")), "/stream/find", {"name": "a"}, "Ok([])"),
        row!(|node| node.streams().all(), "/stream/find_all", {}, "Ok([])"),
        row!(|node| node.streams().terminate(&StreamFilter::named("a")), "/stream/terminate", {"name": "a"}, "Ok(NotFound)"),
        row!(|node| node.streams().terminate_every_stream_of_the_server(), "/stream/terminate", {}, "Ok(NotFound)"),
        row!(|node| node.streams().send_event("a", &1), "/stream/event/send", {"streamName": "a", "payload": 1}, "Ok(NotFound)"),
        row!(|node| node.streams().snapshot("a"), "/stream/snapshot", {"streamName": "a"}, "Ok(None)"),
        row!(|node| node.recordings().start("m", &RecordingConfig::default()), "/recorder/startup", {"mediaSessionId": "m"}, "Ok(NotFound)"),
        row!(|node| node.recordings().stop("m"), "/recorder/terminate", {"mediaSessionId": "m"}, "Ok(NotFound)"),
        row!(|node| node.recordings().all(), "/recorder/find_all", {}, "Ok([])"),
        row!(|node| node.connections().find(&ConnectionFilter::session("s")), "/connection/find", {"sessionId": "s"}, "Ok([])"),
        row!(|node| node.connections().all(), "/connection/find_all", {}, "Ok([])"),
        row!(|node| node.connections().terminate("s"), "/connection/terminate", {"sessionId": "s"}, "Ok(NotFound)"),
        row!(|node| node.connections().set_log_level("s", "DEBUG"), "/connection/set_log_level", {"sessionId": "s", "logLevel": "DEBUG"}, "Ok(NotFound)"),
        row!(|node| node.calls().find("c"), "/call/find", {"callId": "c"}, "Ok([])"),
        row!(|node| node.calls().all(), "/call/find_all", {}, "Ok([])"),
        row!(|node| node.calls().terminate("c"), "/call/terminate", {"callId": "c"}, "Ok(NotFound)"),
        row!(|node| node.calls().send_dtmf("c", "1", &DtmfType::Rfc2833), "/call/send_dtmf", {"callId": "c", "dtmf": "1", "type": "RFC2833"}, "Ok(NotFound)"),
        row!(|node| node.calls().inject_sound("c", Map::from_iter([("x".into(), 1.into())])), "/call/inject_sound", {"callId": "c", "x": 1}, "Ok(NotFound)"),
        row!(|node| node.calls().inject_stream("c", "a"), "/call/inject_stream/startup", {"callId": "c", "streamName": "a"}, "Ok(NotFound)"),
        row!(|node| node.calls().end_injected_stream("c"), "/call/inject_stream/terminate", {"callId": "c"}, "Ok(NotFound)"),
        row!(|node| node.pushes().start("a", "rtmp://h/live"), "/push/startup", {"streamName": "a", "rtmpUrl": "rtmp://h/live"}, "Err"),
        row!(|node| node.pushes().find(&PushFilter::stream("a")), "/push/find", {"streamName": "a"}, "Ok([])"),
        row!(|node| node.pushes().all(), "/push/find_all", {}, "Ok([])"),
        row!(|node| node.pushes().terminate("m"), "/push/terminate", {"mediaSessionId": "m"}, "Ok(NotFound)"),
        row!(|node| node.pushes().mute("m"), "/push/mute", {"mediaSessionId": "m"}, "Ok(NotFound)"),
        row!(|node| node.pushes().unmute("m"), "/push/unmute", {"mediaSessionId": "m"}, "Ok(NotFound)"),
        row!(|node| node.pushes().sound_on("m", "a.wav", true), "/push/sound_on", {"mediaSessionId": "m", "soundFile": "a.wav", "loop": true}, "Ok(NotFound)"),
        row!(|node| node.pushes().sound_off("m"), "/push/sound_off", {"mediaSessionId": "m"}, "Ok(NotFound)"),
        row!(|node| node.rtsp().start("rtsp://h"), "/rtsp/startup", {"uri": "rtsp://h"}, "Err"),
        row!(|node| node.rtsp().find(&RtspFilter::status("PLAYING")), "/rtsp/find", {"status": "PLAYING"}, "Ok([])"),
        row!(|node| node.rtsp().all(), "/rtsp/find_all", {}, "Ok([])"),
        row!(|node| node.rtsp().terminate(&RtspFilter::uri("rtsp://h")), "/rtsp/terminate", {"uri": "rtsp://h"}, "Ok(NotFound)"),
        row!(|node| node.pulls().pull("ws://h", "l", "r"), "/pull/pull", {"uri": "ws://h", "localStreamName": "l", "remoteStreamName": "r"}, "Err"),
        row!(|node| node.pulls().push("ws://h", "l", "r"), "/pull/push", {"uri": "ws://h", "localStreamName": "l", "remoteStreamName": "r"}, "Err"),
        row!(|node| node.pulls().terminate("l", Some("r")), "/pull/terminate", {"localStreamName": "l", "remoteStreamName": "r"}, "Ok(NotFound)"),
        row!(|node| node.pulls().all(), "/pull/find_all", {}, "Ok([])"),
        row!(|node| node.mixers().start("mixer://m", "m"), "/mixer/startup", {"uri": "mixer://m", "localStreamName": "m"}, "Err"),
        row!(|node| node.mixers().add("mixer://m", "a"), "/mixer/add", {"uri": "mixer://m", "remoteStreamName": "a"}, "Ok(NotFound)"),
        row!(|node| node.mixers().remove("mixer://m", "a"), "/mixer/remove", {"uri": "mixer://m", "remoteStreamName": "a"}, "Ok(NotFound)"),
        row!(|node| node.mixers().terminate("mixer://m"), "/mixer/terminate", {"uri": "mixer://m"}, "Ok(NotFound)"),
        row!(|node| node.mixers().all(), "/mixer/find_all", {}, "Ok([])"),
        row!(|node| node.agents().create_session(&Connection { login: Some("l".into()), ..Connection::default() }), "/api/create-session", {"login": "l"}, "Err"),
        row!(|node| node.agents().all(), "/api/find_all", {}, "Ok([])"),
        row!(|node| node.agents().terminate(&Connection { login: Some("l".into()), ..Connection::default() }), "/api/terminate", {"login": "l"}, "Ok(NotFound)"),
        row!(|node| node.agents().call(&Call { callee: "c".into(), ..Call::default() }), "/api/call", {"callee": "c"}, "Err"),
        row!(|node| node.agents().hangup(&Call { call_id: "c".into(), ..Call::default() }), "/api/hangup", {"callId": "c"}, "Ok(NotFound)"),
        row!(|node| node.cdn_routes(), "/cdn/show_routes", {}, "Ok(None)"),
        row!(|node| node.post("/new/command", &json!({"a": 1})), "/new/command", {"a": 1}, "Err"),
    ]
}

#[tokio::test]
async fn every_command_is_sent_to_its_path_and_its_answer_read() {
    let wcs = Wcs::start(|command| {
        let body = match &*command.path {
            "/stream/snapshot" => "AAAA",
            "/push/startup" => "{}",
            path if path.ends_with("/find") || path.ends_with("/find_all") => "[{}]",
            _ => "",
        };
        (200, body.to_owned())
    })
    .await;
    let node = wcs.node();
    for (run, path, body, _) in commands() {
        let answer = run(&node).await;
        assert!(answer.starts_with("Ok("), "{path}: {answer}");
        let command = wcs.commands().pop().unwrap();
        assert_eq!((&*command.path, command.body), (path, body));
    }
}

#[tokio::test]
async fn a_404_says_none_where_there_may_be_none() {
    let wcs = Wcs::answering(404, r#"{"status":404,"message":"Not found"}"#).await;
    let node = wcs.node();
    for (run, path, _, none) in commands() {
        let answer = run(&node).await;
        let expected = if none == NONE { answer.contains("404 Not Found: ") } else { answer == none };
        assert!(expected, "{path}: {answer}");
    }
}

#[tokio::test]
async fn other_statuses_are_errors_of_every_command() {
    for status in [302, 400, 401, 409, 500] {
        let wcs = Wcs::answering(status, "").await;
        let node = wcs.node();
        for (run, path, ..) in commands() {
            let answer = run(&node).await;
            assert!(answer.starts_with(&format!("Err(Error {{ kind: Status({status})")), "{path}: {answer}");
        }
    }
}

#[tokio::test]
async fn what_says_nothing_is_not_sent() {
    let wcs = Wcs::answering(200, "").await;
    let node = wcs.node();
    let (nothing, nobody) = (Connection::default(), Call::default());
    for result in [
        node.streams().terminate(&StreamFilter::named("")).await,
        node.streams().terminate(&StreamFilter::media_sessions([""; 0])).await,
        node.connections().terminate("").await,
        node.calls().terminate("").await,
        node.pushes().terminate("").await,
        node.rtsp().terminate(&RtspFilter::uri("rtsp://h").and(RtspFilter::status(""))).await,
        node.pulls().terminate("", None).await,
        node.mixers().terminate("").await,
        node.agents().terminate(&nothing).await,
        node.agents().hangup(&nobody).await,
    ] {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::EmptyFilter);
        assert!(error.to_string().contains("not sent: "), "{error}");
    }
    assert_eq!(wcs.commands().len(), 0);
}

#[tokio::test]
async fn the_raw_answer_is_json_or_a_text() {
    for (body, expected) in [("", Value::Null), (r#"{"a":1}"#, json!({"a": 1})), ("OK", json!("OK"))] {
        let wcs = Wcs::answering(200, body).await;
        assert_eq!(wcs.node().post("x", &()).await.unwrap(), expected);
        assert_eq!(wcs.command().path, "/x");
    }
}

#[tokio::test]
async fn an_answer_has_a_limit() {
    for (bytes, is_taken) in [(100, true), (101, false)] {
        let wcs = Wcs::start(move |_| (200, "x".repeat(bytes))).await;
        let answer = wcs.node_of(RestClient::builder().max_answer_bytes(100)).post("/x", &()).await;
        match answer {
            Ok(_) => assert!(is_taken),
            Err(error) => {
                assert_eq!((error.kind(), is_taken), (ErrorKind::TooLarge, false));
                assert!(error.to_string().contains("more than 100 bytes"), "{error}");
            }
        }
    }
}

/// A server that takes a connection, writes this and keeps it open until the test ends.
async fn writing(bytes: &'static [u8]) -> (String, oneshot::Sender<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (end, ended) = oneshot::channel();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut some = [0; 1024];
        assert_ne!(stream.read(&mut some).await.unwrap(), 0);
        stream.write_all(bytes).await.unwrap();
        let _ = ended.await;
    });
    (url, end)
}

fn node(builder: RestClientBuilder, url: &str) -> Node {
    builder.build().unwrap().node_at(url).unwrap()
}

const SHORT: Duration = Duration::from_millis(100);

#[tokio::test]
async fn an_answer_that_does_not_come_or_does_not_end_is_given_up() {
    for bytes in [
        &b""[..],
        b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n12",
        b"HTTP/1.1 500 Oh\r\ncontent-length: 5\r\n\r\n12",
    ] {
        let (url, _end) = writing(bytes).await;
        let error = node(RestClient::builder().timeout(SHORT), &url).post("/x", &()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AnswerTimeout);
        assert!(
            error.is_timeout() && error.to_string().ends_with("no complete answer within 100ms"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_connection_that_breaks_is_an_error() {
    for bytes in [&b""[..], b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n12", b"no HTTP\r\n\r\n"] {
        let (url, end) = writing(bytes).await;
        drop(end);
        let error = node(RestClient::builder(), &url).post("/x", &()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Broken, "{error}");
        assert!(error.to_string().contains("no complete answer: "), "{error}");
    }
}

#[tokio::test]
async fn credentials_do_not_follow_a_redirect() {
    let elsewhere = Wcs::answering(200, "").await;
    let moved =
        format!("HTTP/1.1 307 Moved\r\nlocation: {}/rest-api/x\r\ncontent-length: 0\r\n\r\n", elsewhere.url);
    let (url, _end) = writing(moved.leak().as_bytes()).await;
    let error =
        node(RestClient::builder().credentials("me", "secret"), &url).post("/x", &()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Status(307));
    assert_eq!(elsewhere.commands().len(), 0);
}

#[tokio::test]
async fn a_connection_is_kept_for_later_commands() {
    let wcs = Wcs::answering(200, "").await;
    let client = RestClient::builder().build().unwrap();
    for _ in 0..5 {
        client.clone().node_at(&wcs.url).unwrap().post("/x", &()).await.unwrap();
    }
    let commands = wcs.commands();
    assert!(commands.len() == 5 && commands.iter().all(|command| command.peer == commands[0].peer));
}

#[tokio::test]
async fn nobody_to_connect_to_is_an_error() {
    let error = node(RestClient::builder(), "http://127.0.0.1:1").post("/x", &()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert!(error.to_string().contains("no connection: ") && !error.is_timeout(), "{error}");
}

#[tokio::test]
async fn connecting_has_a_time_of_its_own() {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(0).unwrap();
    let address = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    while let Ok(stream) = timeout(SHORT, TcpStream::connect(address)).await {
        waiting.push(stream.unwrap());
    }
    let builder = RestClient::builder().connect_timeout(SHORT);
    let error = node(builder, &format!("http://{address}")).post("/x", &()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectTimeout);
    assert!(error.to_string().ends_with("no connection within 100ms"), "{error}");
}

#[tokio::test]
async fn waiting_for_a_turn_has_an_end() {
    let wcs = Wcs::answering(200, "").await;
    let node = wcs.node_of(RestClient::builder().concurrency(1).timeout(SHORT));
    let turn = node.client.shared.turns.take(&node.turns).await;
    let error = node.post("/x", &()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TurnTimeout);
    assert!(error.to_string().contains("not sent within 100ms: "), "{error}");
    drop(turn);
    node.post("/x", &()).await.unwrap();
    assert_eq!(wcs.commands().len(), 1);
}
