//! `record`: what goes through it, and what is written.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, ChildStdout},
    sync::mpsc,
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;
use wcs_hooks_protocol::SigningKey;

use crate::{
    program::{program, run},
    wire::{Backend, answer, body, echo, exchange, hook},
};

/// A recorder that runs.
pub(crate) struct Recorder {
    process: Child,
    output: BufReader<ChildStdout>,
    address: String,
    folder: TempDir,
}

/// What it left.
pub(crate) struct Recorded {
    pub(crate) code: Option<i32>,
    pub(crate) summary: Value,
    /// The first line and the exchanges.
    pub(crate) lines: Vec<Value>,
    pub(crate) text: String,
    pub(crate) file: PathBuf,
    _folder: TempDir,
}

impl Recorder {
    pub(crate) fn start(to: &str, more: &[&str]) -> Self {
        let folder = TempDir::new().unwrap();
        let file = file(&folder);
        let arguments = ["--json", "record", "--listen", "127.0.0.1:0", "--to", to, "--file"];
        let mut command = program(&[&arguments[..], &[file.to_str().unwrap()], more].concat());
        let mut process = command.spawn().unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let listening = json_line(&mut output);
        let address = listening["listening"].as_str().unwrap().strip_prefix("http://").unwrap().to_owned();
        Self { process, output, address, folder }
    }

    pub(crate) fn connect(&self) -> TcpStream {
        TcpStream::connect(&self.address).unwrap()
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.process), signal).unwrap();
    }

    pub(crate) fn stop(self) -> Recorded {
        self.signal(Signal::TERM);
        self.end()
    }

    fn end(mut self) -> Recorded {
        let mut rest = String::new();
        self.output.read_to_string(&mut rest).unwrap();
        let code = self.process.wait().unwrap().code();
        let text = fs::read_to_string(file(&self.folder)).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let summary = rest.lines().last().map_or(Value::Null, |line| serde_json::from_str(line).unwrap());
        Recorded { code, summary, lines, text, file: file(&self.folder), _folder: self.folder }
    }
}

fn file(folder: &TempDir) -> PathBuf {
    folder.path().join("hooks.jsonl")
}

fn json_line(output: &mut impl BufRead) -> Value {
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    serde_json::from_str(&line).unwrap_or_else(|_| panic!("no JSON: {line:?}"))
}

#[test]
fn both_ends_get_what_the_other_sent() {
    let backend = Backend::start(|request| match () {
        () if request.contains("/publishStream") => answer("403 no such stream", r#"{"status":403}"#),
        () if request.contains("/sendMessage") => answer("200 Fine", " {\r\n} "),
        () => echo(request),
    });
    let recorder = Recorder::start(&format!("{}/apps/", backend.url()), &[]);
    let mut wcs = recorder.connect();
    let key = SigningKey::new(&"1234567890".into());
    let text = r#"{"nodeId":"n", "bitrate":1e3,"custom":{"x":"\u0041","token":"S3cret"},"new":null}"#;
    for (name, status_line, expected) in [
        ("connect", "HTTP/1.1 200 OK", text),
        ("publishStream", "HTTP/1.1 403 no such stream", r#"{"status":403}"#),
        ("sendMessage", "HTTP/1.1 200 Fine", " {\r\n} "),
    ] {
        let signature = key.sign(text.as_bytes());
        let headers = format!("Authorization: {signature}\r\nConnection: keep-alive\r\nX-One: a  b\r\n");
        let got = exchange(&mut wcs, &hook(&format!("/EchoApp/{name}?x=1"), &headers, text)).unwrap();
        assert_eq!((got.lines().next().unwrap(), body(&got)), (status_line, expected), "{got}");
        assert!(got.contains("content-type: application/json\r\n"), "{got}");

        let received = backend.requests().pop().unwrap();
        assert!(received.starts_with(&format!("POST /apps/EchoApp/{name}?x=1 HTTP/1.1\r\n")), "{received}");
        assert!(received.contains("x-one: a  b\r\n"), "{received}");
        assert!(received.contains(&format!("host: {}\r\n", backend.address)), "{received}");
        let header = received.lines().find_map(|line| line.strip_prefix("authorization: ")).unwrap();
        assert!(key.verify(body(&received).as_bytes(), header), "{received}");
    }
    let left = recorder.stop();
    assert_eq!((left.code, &left.summary["recorded"]), (Some(0), &Value::from(3)));
    assert!(!left.text.contains("S3cret") && !left.text.contains("WCS "), "{}", left.text);
    assert_eq!(left.lines[0]["wcsHooksRecording"], 1);
    let exchanges = &left.lines[1..];
    let hooks: Vec<_> = exchanges.iter().map(|exchange| exchange["hook"].as_str().unwrap()).collect();
    assert_eq!(hooks, ["connect", "publishStream", "sendMessage"]);
    let masked = text.replace("S3cret", "***1");
    assert!(left.text.contains(&format!(r#""body":{{"json":{masked}}}"#)), "{}", left.text);
    assert_eq!(exchanges[0]["request"]["authorization"], "WCS");
    assert_eq!(exchanges[1]["answer"]["reason"], "no such stream");
    assert_eq!(exchanges[2]["answer"]["body"]["text"], " {\r\n} ");
}

/// WCS sees that the connection ends without an answer, since the backend gave none: neither a status of ours nor a wait.
#[test]
fn a_backend_that_is_down_is_seen_as_such() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let hangs_up = Backend::start(|_| String::new());
    for (to, why) in
        [(format!("http://{nobody}"), "refused"), (hangs_up.url(), "closed before message completed")]
    {
        let recorder = Recorder::start(&to, &[]);
        assert_eq!(exchange(&mut recorder.connect(), &hook("/connect", "", "{}")), None);
        let left = recorder.stop();
        let failure = left.lines[1]["failure"].as_str().unwrap();
        assert!(failure.contains(why), "{failure}");
        assert!(left.lines[1].get("answer").is_none());
    }
}

#[test]
fn an_answer_that_breaks_off_breaks_off_for_wcs_too() {
    let backend = Backend::start(|_| {
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"a\":\r\n".to_owned()
    });
    let recorder = Recorder::start(&backend.url(), &[]);
    let mut wcs = recorder.connect();
    wcs.write_all(hook("/connect", "", "{}").as_bytes()).unwrap();
    let mut got = String::new();
    // Whether the end is a reset is the system's choice.
    let _ = wcs.read_to_string(&mut got);
    assert!(got.contains("{\"a\":") && !got.contains("\r\n0\r\n"), "{got}");
    let left = recorder.stop();
    let failure = left.lines[1]["failure"].as_str().unwrap();
    assert!(failure.starts_with("the answer's body broke off"), "{failure}");
    assert_eq!(left.lines[1]["answer"]["status"], 200);
}

#[test]
fn a_body_that_is_too_long_is_answered_as_the_framework_does() {
    let backend = Backend::start(|_| answer("200 OK", &format!("\"{}\"", "y".repeat(30))));
    let recorder = Recorder::start(&backend.url(), &["--max-body", "20"]);
    let mut wcs = recorder.connect();
    let got = exchange(&mut wcs, &hook("/connect", "", &"x".repeat(21))).unwrap();
    assert!(got.starts_with("HTTP/1.1 413 the body is too long\r\n"), "{got}");
    assert_eq!(body(&got), r#"{"status":413,"reason":"the body is too long"}"#);
    assert!(backend.requests().is_empty());

    let got = exchange(&mut wcs, &hook("/connect", "", "{}")).unwrap();
    assert_eq!(body(&got).len(), 32);
    let left = recorder.stop();
    assert_eq!(left.lines[1]["request"]["body"]["tooLong"]["bytes"], 21);
    assert!(left.lines[1]["failure"].as_str().unwrap().contains("--max-body"));
    assert_eq!(left.lines[2]["answer"]["body"]["tooLong"]["bytes"], 32);
    assert!(left.lines[2].get("failure").is_none());
}

#[test]
fn bodies_in_chunks_go_through() {
    let backend = Backend::start(echo);
    let recorder = Recorder::start(&backend.url(), &[]);
    let request = "POST /connect HTTP/1.1\r\nHost: wcs\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{\"a\r\n4\r\n\":1}\r\n0\r\n\r\n";
    let got = exchange(&mut recorder.connect(), request).unwrap();
    assert_eq!(body(&got), r#"{"a":1}"#);
    assert_eq!(recorder.stop().lines[1]["request"]["body"]["json"]["a"], 1);
}

/// The hook that is under way is answered, and the file is complete.
#[test]
fn it_stops_behind_what_is_under_way() {
    let (arrived, has_arrived) = mpsc::channel();
    let (go_on, may_go_on) = mpsc::channel::<()>();
    let may_go_on = std::sync::Mutex::new(may_go_on);
    let backend = Backend::start(move |request| {
        arrived.send(()).unwrap();
        may_go_on.lock().unwrap().recv().unwrap();
        echo(request)
    });
    let recorder = Recorder::start(&backend.url(), &[]);
    let mut wcs = recorder.connect();
    wcs.write_all(hook("/connect", "", r#"{"a":1}"#).as_bytes()).unwrap();
    has_arrived.recv().unwrap();
    recorder.signal(Signal::TERM);
    // It has stopped listening once nobody can connect.
    while TcpStream::connect(&recorder.address).is_ok() {
        std::thread::yield_now();
    }
    go_on.send(()).unwrap();
    let mut got = String::new();
    wcs.read_to_string(&mut got).unwrap();
    assert_eq!(body(&got), r#"{"a":1}"#);
    let left = recorder.end();
    assert_eq!((left.code, left.lines.len()), (Some(0), 2));
    assert!(left.lines[1].get("failure").is_none());
}

#[test]
fn what_is_written_survives_a_kill() {
    let backend = Backend::start(echo);
    let recorder = Recorder::start(&backend.url(), &[]);
    let mut wcs = recorder.connect();
    for number in 0..20 {
        exchange(&mut wcs, &hook("/connect", "", &format!(r#"{{"number":{number}}}"#))).unwrap();
    }
    // Written is what came before the last of them, at least.
    let file = file(&recorder.folder);
    while fs::read_to_string(&file).unwrap().lines().count() < 20 {
        std::thread::yield_now();
    }
    recorder.signal(Signal::KILL);
    let left = recorder.end();
    assert_eq!(left.code, None);
    assert!(left.lines.len() >= 20 && left.text.ends_with('\n'));
}

#[test]
fn a_recording_is_not_written_over() {
    let folder = TempDir::new().unwrap();
    let file = file(&folder);
    fs::write(&file, "mine").unwrap();
    let arguments = ["record", "--listen", "127.0.0.1:0", "--to", "http://127.0.0.1:1", "--file"];
    let ran = run(&[&arguments[..], &[file.to_str().unwrap()]].concat());
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(ran.stderr.contains("is there already: give another --file, or --overwrite"), "{ran:?}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
}

#[test]
fn what_is_no_address_is_a_wrong_argument() {
    let ran = run(&["record", "--listen", "nonsense", "--to", "http://h", "--file", "f"]);
    assert_eq!((ran.code, ran.stderr.contains("write ADDRESS:PORT")), (Some(2), true), "{ran:?}");
}

#[test]
fn only_its_owner_reads_a_recording() {
    use std::os::unix::fs::PermissionsExt;
    let recorder = Recorder::start("http://127.0.0.1:1", &[]);
    let mode = |file: &Path| fs::metadata(file).unwrap().permissions().mode();
    assert_eq!(mode(&file(&recorder.folder)) & 0o777, 0o600);
    recorder.stop();
}

#[test]
fn a_file_that_everybody_read_is_written_over_for_its_owner() {
    use std::os::unix::fs::PermissionsExt;
    let folder = TempDir::new().unwrap();
    let file = file(&folder);
    fs::write(&file, "old").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let arguments =
        ["record", "--listen", "127.0.0.1:0", "--to", "http://127.0.0.1:1", "--overwrite", "--file"];
    let mut recording = program(&[&arguments[..], &[file.to_str().unwrap()]].concat()).spawn().unwrap();
    let mut said = String::new();
    BufReader::new(recording.stdout.take().unwrap()).read_line(&mut said).unwrap();
    recording.kill().unwrap();
    recording.wait().unwrap();
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600, "{said}");
}
