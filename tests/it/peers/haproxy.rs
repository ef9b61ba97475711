//! HAProxy in front of two backends, as in docs/operations.md.

use std::{
    net::{SocketAddr, TcpListener},
    process::Command,
};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use wcs_hooks::{
    hook,
    payloads::{Call, Connection},
};
use wcs_hooks_dispatcher::{App, Dispatcher, HttpTransport, Settings};

use crate::examples::Program;

const CONFIG: &str = include_str!("../../../docs/deploy/haproxy.cfg");

fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// A backend whose operations HAProxy asks whether it is ready.
struct Backend {
    program: Program,
    operations: SocketAddr,
}

impl Backend {
    async fn start() -> Self {
        let operations = free_address();
        let setting = format!("operations.listen='{operations}'");
        let program = Program::start("call-redirect", &["--set", &setting, "2000=1000"]).await;
        Self { program, operations }
    }

    fn address(&self) -> &str {
        self.program.url.strip_prefix("http://").unwrap()
    }
}

/// A running HAProxy; it is stopped when it is dropped.
struct Haproxy {
    folder: TempDir,
    address: SocketAddr,
}

impl Haproxy {
    /// When the command ends, it is listening.
    fn in_front_of(one: &Backend, two: &Backend) -> Self {
        let (folder, address) = (TempDir::new().unwrap(), free_address());
        let pid_file = folder.path().join("pid");
        let config = CONFIG
            .replace("/run/haproxy.pid", pid_file.to_str().unwrap())
            .replace("127.0.0.1:8080", &address.to_string())
            .replace("127.0.0.1:8081", one.address())
            .replace("127.0.0.1:8082", two.address())
            .replace("9081", &one.operations.port().to_string())
            .replace("9082", &two.operations.port().to_string());
        let file = folder.path().join("haproxy.cfg");
        std::fs::write(&file, config).unwrap();
        let path = format!("{}:/usr/sbin", std::env::var("PATH").unwrap_or_default());
        let mut command = Command::new("haproxy");
        assert!(command.env("PATH", path).args(["-D", "-q", "-f"]).arg(&file).status().unwrap().success());
        Self { folder, address }
    }
}

impl Drop for Haproxy {
    fn drop(&mut self) {
        let pid = std::fs::read_to_string(self.folder.path().join("pid")).unwrap_or_default();
        for pid in pid.lines().filter_map(|pid| pid.parse().ok()).filter_map(Pid::from_raw) {
            let _ = kill_process(pid, Signal::TERM);
        }
    }
}

/// Calls go on while one of the two is told to stop, until it has ended, and after that.
#[tokio::test]
async fn a_backend_is_stopped_and_nobody_is_refused() {
    let (mut one, two) = (Backend::start().await, Backend::start().await);
    let proxy = Haproxy::in_front_of(&one, &two);
    let app = App::new("defaultApp", &format!("http://{}/hooks", proxy.address)).unwrap();
    let dispatcher = Dispatcher::new(Settings::default(), HttpTransport::new().unwrap());
    let session = dispatcher.connect(&app, Connection::default()).await.unwrap();
    let mut calls = 0;
    let mut call = async || {
        calls += 1;
        let call = Call { call_id: format!("c{calls}"), callee: "2000".into(), ..Call::default() };
        let verdict = session.send(hook::PlaceCall, call).await;
        assert_eq!(verdict.payload::<Call>().unwrap().callee, "1000", "call {calls}: {verdict:?}");
    };
    for _ in 0..50 {
        call().await;
    }
    one.program.signal(Signal::TERM);
    let ended = loop {
        call().await;
        if let Some(status) = one.program.ended() {
            break status;
        }
    };
    assert!(ended.success(), "{ended}");
    for _ in 0..50 {
        call().await;
    }
}
