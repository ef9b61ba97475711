//! `simulate`: what it says, what a browser gets by it, and how it ends.

use std::{
    fs,
    io::{BufRead, BufReader, Lines, Read, Write},
    net::TcpStream,
    process::{Child, ChildStdout, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{Message, WebSocket, client};
use wcs_hooks::Callers;

use crate::{
    backend::{SECRET, doorkeeper},
    program::{program, run},
};

/// The program while it runs; killed if a test fails.
struct Simulator {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    first: String,
    /// Its address.
    ws: String,
}

impl Simulator {
    fn start(arguments: &[&str]) -> Self {
        let free = ["simulate", "--listen", "127.0.0.1:0", "--rest-listen", "127.0.0.1:0"];
        let mut program = program(&[&free, arguments].concat());
        program.stderr(Stdio::null());
        Self::of(program)
    }

    fn of(mut program: Command) -> Self {
        let mut child = program.spawn().expect("the program starts");
        let mut lines = BufReader::new(child.stdout.take().expect("an output")).lines();
        let first = lines.next().expect("a line").expect("text");
        let (_, ws) = first.split_once("ws://").expect("where it listens");
        let ws = ws.split('"').next().unwrap_or_default().to_owned();
        Self { child, lines, first, ws }
    }

    /// The next line with this in it.
    fn says(&mut self, text: &str) -> String {
        self.lines.by_ref().map(|line| line.expect("text")).find(|line| line.contains(text)).expect(text)
    }

    fn get(&self, path: &str) -> String {
        get(&self.ws, path)
    }

    /// By SIGTERM. What it said and its exit code.
    fn stop(mut self) -> (Vec<String>, Option<i32>) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").arg(id).status().expect("kill").success());
        let said = self.lines.by_ref().map(|line| line.expect("text")).collect();
        (said, self.child.wait().expect("it ends").code())
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        drop(self.child.kill());
    }
}

/// An answer as text, with its head.
fn get(address: &str, path: &str) -> String {
    let mut stream = tcp(address);
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("it is sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

/// A page's connection.
struct Browser<S>(WebSocket<S>);

fn tcp(address: &str) -> TcpStream {
    let stream = TcpStream::connect(address).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
    stream
}

impl Browser<TcpStream> {
    fn connect(simulator: &Simulator, token: &str) -> Self {
        Self::over(tcp(&simulator.ws), token)
    }
}

impl<S: Read + Write> Browser<S> {
    fn over(stream: S, token: &str) -> Self {
        let (socket, _) = client("ws://simulator/", stream).expect("a WebSocket");
        let mut browser = Self(socket);
        browser.send("connection", &json!({ "mediaProviders": ["WebRTC"], "custom": { "token": token } }));
        browser
    }

    fn send(&mut self, message: &str, argument: &Value) {
        let frame = json!({ "message": message, "data": [argument] });
        self.0.send(Message::text(frame.to_string())).expect("it is sent");
    }

    /// The argument of the next message of this name.
    fn hears(&mut self, message: &str) -> Value {
        loop {
            let frame = self.0.read().expect("a message");
            let frame: Value = serde_json::from_slice(&frame.into_data()).unwrap_or_default();
            if frame["message"] == message {
                return frame["data"][0].clone();
            }
        }
    }
}

fn stream(id: &str, name: &str, published: bool) -> Value {
    json!({ "mediaSessionId": id, "name": name, "published": published, "hasVideo": true, "hasAudio": true })
}

#[test]
fn the_demo_shows_refusals_names_and_messages() {
    let mut simulator = Simulator::start(&["--demo"]);
    assert!(simulator.says("REST API on").starts_with("REST API on http://127.0.0.1:"));
    let page = format!("http://{}/demo/", simulator.ws);
    assert!(simulator.says("open ").contains(&page));

    let mut refused = Browser::connect(&simulator, "guess");
    assert_eq!(refused.hears("fail")["info"], "bad token");
    assert!(simulator.says("403 connect").contains("bad token"));

    let mut browser = Browser::connect(&simulator, "user-alice");
    assert_eq!(browser.hears("getUserData")["login"], "alice");
    for (hook, id, name, published, status) in [
        ("publishStream", "1", "b4e7", true, "PUBLISHING"),
        ("playStream", "2", "alias-b4e7", false, "PLAYING"),
    ] {
        browser.send(hook, &stream(id, name, published));
        let told = browser.hears("notifyStreamStatusEvent");
        assert_eq!((&told["status"], &told["name"]), (&json!(status), &Value::Null));
    }
    browser.send("playStream", &stream("3", "b4e7", false));
    assert_eq!(browser.hears("fail")["info"], "no such stream");
    browser.send("sendData", &json!({ "operationId": "4", "payload": { "text": "hello" } }));
    assert_eq!(browser.hears("OnDataEvent")["payload"]["text"], "you said: hello");

    let (said, code) = simulator.stop();
    assert_eq!((said.last().map(|line| &**line), code), (Some("stopped: all hooks were sent"), Some(0)));
    let told = said.iter().filter(|line| line.contains("ConnectionStatusEvent"));
    assert!(told.count() >= 1, "the backend hears that the client is gone: {said:?}");
}

#[test]
fn the_page_and_its_feed_come_with_the_demo_only() {
    let demo = Simulator::start(&["--demo"]);
    for (path, kind) in
        [("/demo/", "text/html"), ("/demo/page.js", "text/javascript"), ("/demo/page.css", "text/css")]
    {
        let answer = demo.get(path);
        assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.contains(kind), "{path} {answer}");
        assert!(answer.contains("default-src 'none'"), "{path}");
    }
    let bare = Simulator::start(&["--app", "defaultApp=http://127.0.0.1:1"]);
    assert!(!bare.get("/demo/").contains("200 OK"));
}

#[test]
fn the_page_shows_a_backend_of_ones_own() {
    let backend = doorkeeper(Callers::signed([SECRET]));
    let app = format!("defaultApp={}", backend.url);
    let simulator = Simulator::start(&["--demo", "--app", &app, "--secret", SECRET]);
    assert!(simulator.get("/demo/").contains("200 OK"));
    let mut browser = Browser::connect(&simulator, "user-alice");
    assert_eq!(browser.hears("getUserData")["login"], "alice");
    browser.send("sendData", &json!({ "operationId": "1", "payload": { "text": "hello" } }));
    assert_eq!(browser.hears("DataStatusEvent")["status"], "ACCEPTED");
}

#[test]
fn the_log_has_no_colours_where_it_is_no_terminal() {
    let arguments = ["simulate", "--demo", "--listen", "127.0.0.1:0", "--rest-listen", "127.0.0.1:0"];
    let mut simulator = Simulator::of(program(&arguments));
    let mut refused = Browser::connect(&simulator, "guess");
    assert_eq!(refused.hears("fail")["info"], "bad token");
    let mut log = BufReader::new(simulator.child.stderr.take().unwrap()).lines();
    let line = log.next().unwrap().unwrap();
    assert!(line.contains("403 bad token") && !line.contains('\u{1b}'), "{line}");
}

#[test]
fn browsers_come_by_tls_too() {
    let directory = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (certificate, key) = (directory.path().join("cert.pem"), directory.path().join("key.pem"));
    fs::write(&certificate, made.cert.pem()).unwrap();
    fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let [certificate, key] = [&certificate, &key].map(|file| file.to_str().unwrap());
    let arguments = ["--demo", "--tls-listen", "127.0.0.1:0", "--tls-cert", certificate, "--tls-key", key];
    let mut simulator = Simulator::start(&arguments);
    let line = simulator.says("wss://");
    let address = line.strip_prefix("listening on wss://").unwrap();

    let mut roots = rustls::RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config =
        rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = Arc::new(config.with_root_certificates(roots).with_no_client_auth());
    let connection = rustls::ClientConnection::new(config, "localhost".try_into().unwrap()).unwrap();
    let mut browser = Browser::over(rustls::StreamOwned::new(connection, tcp(address)), "user-alice");
    assert_eq!(browser.hears("getUserData")["login"], "alice");

    let swapped = run(&[
        "simulate",
        "--demo",
        "--tls-listen",
        "127.0.0.1:0",
        "--tls-cert",
        certificate,
        "--tls-key",
        certificate,
    ]);
    assert_eq!((swapped.code, swapped.stderr.contains("cert.pem: ")), (Some(3), true), "{swapped:?}");
}

#[test]
fn the_rest_api_and_the_controls_ask_for_credentials_if_there_are_any() {
    let directory = tempfile::tempdir().unwrap();
    let password = directory.path().join("password");
    fs::write(&password, "pw").unwrap();
    let guarded = ["--rest-user", "me", "--rest-password-file", password.to_str().unwrap()];
    for (credentials, status) in [(&[][..], "HTTP/1.1 200 "), (&guarded[..], "HTTP/1.1 401 ")] {
        let mut simulator =
            Simulator::start(&[&["--demo", "--node-address", "10.0.0.5"], credentials].concat());
        let line = simulator.says("REST API on");
        let state = get(line.strip_prefix("REST API on http://").unwrap(), "/simulator/state");
        assert!(state.starts_with(status), "{state}");
        assert_eq!(state.contains("@10.0.0.5"), credentials.is_empty());
    }
}

#[test]
fn what_goes_out_is_printed_as_json_without_secrets() {
    let mut simulator = Simulator::start(&["--demo", "--json"]);
    let first: Value = serde_json::from_str(&simulator.first).unwrap();
    assert!(first["page"].as_str().unwrap().ends_with("/demo/") && first["tls"].is_null());
    let _browser = Browser::connect(&simulator, "user-alice");
    let connect: Value = serde_json::from_str(&simulator.says("connect")).unwrap();
    assert_eq!((&connect["hook"], &connect["status"]), (&json!("connect"), &json!(200)));
    assert_eq!(connect["request"]["custom"]["token"], "[hidden]");
    assert_eq!(connect["answer"]["login"], "alice");
}

#[test]
fn what_is_wrong_is_said() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    for (arguments, code, said) in [
        (&["simulate"][..], 2, "--app <KEY=URL>"),
        (&["simulate", "--app", "http://h"], 2, "write KEY=URL"),
        (&["simulate", "--app", "a=h"], 2, "the app's url must start with http:// or https://"),
        (&["simulate", "--app", "a=http://me:S3cret@h"], 2, "'a=http://[hidden]@h'"),
        (&["simulate", "--app", "a=http://h", "--listen", &taken], 3, "cannot listen on"),
        (&["simulate", "--demo", "--listen", "nonsense"], 2, "write ADDRESS:PORT"),
        (
            &["simulate", "--app", "a=http://h", "--listen", "127.0.0.1:0", "--basic", "me"],
            2,
            "--basic has no password",
        ),
        (&["simulate", "--demo", "--tls-listen", "127.0.0.1:0"], 2, "--tls-cert"),
        (&["simulate", "--demo", "--basic", "me"], 2, "--basic is for the backends of --app"),
        (&["simulate", "--demo", "--rest-user", "me"], 2, "--rest-password-file"),
    ] {
        let free = ["--rest-listen", "127.0.0.1:0"];
        let ran = run(&[arguments, &free[..]].concat());
        assert_eq!(ran.code, Some(code), "{ran:?}");
        assert!(ran.stderr.contains(said), "{ran:?}");
    }
}
