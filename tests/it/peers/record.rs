//! The dispatcher, nginx, `wcs-hooks record` and a backend; then `wcs-hooks replay`, nginx and the backend.

use std::{fs, net::SocketAddr, path::Path, process::Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout},
};
use wcs_hooks::{
    hook,
    payloads::{Connection, Stream},
};
use wcs_hooks_dispatcher::{App, Dispatcher, HttpTransport, Settings, status::SessionStatus};

use super::nginx::Nginx;
use crate::{
    examples::{Program, command},
    support::KEY,
};

const JWT_SECRET: &str = "a secret of at least thirty-two bytes";
const FORGED: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.AAAA";

/// A recorder that runs.
struct Recorder {
    process: Child,
    /// Open, so that it can say what it has recorded.
    lines: Lines<BufReader<ChildStdout>>,
    address: SocketAddr,
}

impl Recorder {
    async fn start(to: &str, file: &Path) -> Self {
        let mut command = command("wcs-hooks");
        command.args(["--json", "record", "--listen", "127.0.0.1:0", "--to", to, "--file"]).arg(file);
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let first: Value = serde_json::from_str(&lines.next_line().await.unwrap().unwrap()).unwrap();
        let address = address(first["listening"].as_str().unwrap());
        Self { process, lines, address }
    }

    async fn stop(mut self) {
        let pid = Pid::from_raw(self.process.id().unwrap().try_into().unwrap()).unwrap();
        kill_process(pid, Signal::TERM).unwrap();
        let last = self.lines.next_line().await.unwrap();
        assert_eq!(last.as_deref(), Some(r#"{"recorded":6,"dropped":0}"#));
        assert!(self.process.wait().await.unwrap().success());
    }
}

fn address(url: &str) -> SocketAddr {
    url.strip_prefix("http://").unwrap().parse().unwrap()
}

/// Two sessions: one that is let in and does what it may and may not, one that is not let in.
async fn call(app: &App, token: &str) {
    let settings = Settings { hook_secret: Some(KEY.into()), ..Settings::default() };
    let dispatcher = Dispatcher::new(settings, HttpTransport::new().unwrap());
    let connection = |token: &str| {
        let mut connection = Connection::default();
        connection.custom.insert("token".into(), token.into());
        connection
    };
    let session = dispatcher.connect(app, connection(token)).await.unwrap();
    session.send_status(SessionStatus::Established).await;
    for (name, reason) in [("studio-1", "OK"), ("backstage", "the token does not allow it")] {
        let stream = Stream { name: name.into(), media_session_id: name.into(), ..Stream::default() };
        let verdict = session.send(hook::PublishStream, stream).await;
        let got = verdict.reply().unwrap().reason();
        assert!((reason == "OK") == (got == "OK"), "{name}: {got}");
    }
    session.send_status(SessionStatus::Disconnected).await;
    dispatcher.connect(app, connection(FORGED)).await.unwrap_err();
}

/// The names of the two tokens in a recording, with their values, as `--masked-values` reads them.
fn masked_values(recording: &str, token: &str) -> String {
    let lines = recording.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let connects: Vec<_> = lines.filter(|line| line["hook"] == "connect").collect();
    let name =
        |connect: &Value| connect["request"]["body"]["json"]["custom"]["token"].as_str().unwrap().to_owned();
    let [accepted, refused] = &*connects else { panic!("{connects:?}") };
    format!("{}={token}\n{}={FORGED}\n", name(accepted), name(refused))
}

async fn replay(recording: &Path, to: &Nginx, values: &Path) -> (Option<i32>, String) {
    let url = format!("http://{}", to.address);
    let mut replay = command("wcs-hooks");
    replay.args(["--json", "replay", "--speed", "max", "--secret", KEY, "--masked-values"]).arg(values);
    let output = replay.arg(recording).arg(url).output().await.unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

#[tokio::test]
async fn what_is_recorded_behind_nginx_is_answered_the_same_behind_nginx() {
    let folder = TempDir::new().unwrap();
    let (recording, values) = (folder.path().join("hooks.jsonl"), folder.path().join("values"));
    let variables = [("JWT_SECRET", JWT_SECRET), ("WCS_HOOKS_SECRET", KEY)];
    let mut backend = Program::start_with("token-auth", &["--show-token"], &variables).await;
    let token = backend.line_after("a token for").await;
    let recorder = Recorder::start(&backend.url, &recording).await;
    let nginx = Nginx::passing_on_to(recorder.address, "1m");
    call(&nginx.app(), &token).await;
    recorder.stop().await;

    let text = fs::read_to_string(&recording).unwrap();
    assert_eq!(text.lines().count(), 7, "{text}");
    for secret in [&token, FORGED, KEY, JWT_SECRET, "WCS "] {
        assert!(!text.contains(secret), "{text}");
    }
    fs::write(&values, masked_values(&text, &token)).unwrap();
    let nginx = Nginx::passing_on_to(address(&backend.url), "1m");
    let (code, said) = replay(&recording, &nginx, &values).await;
    assert_eq!((code, &*said), (Some(0), "{\"replayed\":6,\"same\":6,\"different\":0,\"skipped\":0}\n"));

    // Without the token, it is another answer.
    fs::write(&values, "").unwrap();
    let (code, said) = replay(&recording, &nginx, &values).await;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("HTTP status"), "{said}");
}
