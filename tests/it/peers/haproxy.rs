//! HAProxy in front of two backends, as in docs/operations.md.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, HashSet},
    net::{SocketAddr, TcpListener},
    process::Command,
};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use wcs_hooks::{
    hook,
    payloads::{Call, Connection},
};
use wcs_hooks_dispatcher::{App, Dispatcher, HttpTransport, Settings};

use wcs_hooks_protocol::{HookName, Object};

use crate::{
    examples::Program,
    faults::raw::{Raw, head, until},
};

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
        Self::start_with(free_address(), &["2000=1000"]).await
    }

    async fn start_with(operations: SocketAddr, arguments: &[&str]) -> Self {
        let setting = format!("operations.listen='{operations}'");
        let program =
            Program::start_logging("call-redirect", &[&["--set", &setting], arguments].concat()).await;
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

const LEAST_CALLS: usize = 10_000;
const CALLERS: usize = 8;

/// One of two backends, which is replaced by a new version of itself.
struct Replica {
    backend: Backend,
    logged: JoinHandle<Vec<String>>,
}

impl Replica {
    /// `version` is what it makes of the callee.
    async fn start(version: u32, operations: SocketAddr, more: &[&str]) -> Self {
        let number = format!("2000={version}");
        let delay = ["--set", "server.drain_delay=1s", &number];
        let mut backend = Backend::start_with(operations, &[&delay, more].concat()).await;
        let logged = backend.program.collect();
        Self { backend, logged }
    }

    /// Stops it, and starts another version where it was; gives what the old one logged.
    async fn replaced(mut self, version: u32) -> (Self, Vec<String>) {
        let address = self.backend.address().to_owned();
        self.backend.program.signal(Signal::TERM);
        // Until all of what it logged has been read, which is its end.
        let logged = self.logged.await.unwrap();
        let ended = self.backend.program.wait().await;
        assert!(ended.success(), "{ended}");
        (Self::start(version, self.backend.operations, &["--listen", &address]).await, logged)
    }
}

/// What the callers have seen, all in this thread.
#[derive(Default)]
struct Load {
    /// How many answers came of each version.
    answers: RefCell<BTreeMap<String, usize>>,
    is_over: Cell<bool>,
}

impl Load {
    /// Calls as fast as it is answered, each call once: nothing is sent again.
    async fn call(&self, address: SocketAddr, caller: usize) {
        let mut client = Raw::connect(address).await;
        for number in 0.. {
            if self.is_over.get() {
                return;
            }
            let name = format!("c{caller}x{number}");
            let body = format!(
                r#"{{"nodeId":"n","appKey":"a","sessionId":"s","callId":"{name}","caller":"{name}","callee":"2000"}}"#
            );
            let head = head(HookName::PlaceCall);
            let answer = client.ask(format!("{head}Content-Length: {}\r\n\r\n{body}", body.len())).await;
            assert_eq!(answer.status, 200, "{name}: {answer:?}");
            let answered = Object::parse(&answer.body).unwrap();
            assert_eq!(answered.string("callId").as_deref(), Some(&*name));
            let version = answered.string("callee").unwrap().into_owned();
            *self.answers.borrow_mut().entry(version).or_default() += 1;
            if answer.is_last {
                client = Raw::connect(address).await;
            }
        }
    }

    /// Until so many answers have come of this version.
    async fn of(&self, version: u32, many: usize) {
        until("answers of a version", || self.answers.borrow().get(&version.to_string()) >= Some(&many))
            .await;
    }

    fn total(&self) -> usize {
        self.answers.borrow().values().sum()
    }
}

/// Both are replaced, one after the other, while eight callers call as fast as they can: each call is answered, and handled
/// once.
#[tokio::test]
async fn a_deploy_loses_no_call() {
    let one = Replica::start(1000, free_address(), &[]).await;
    let two = Replica::start(1000, free_address(), &[]).await;
    let proxy = Haproxy::in_front_of(&one.backend, &two.backend);
    let load = Load::default();
    let deploy = async {
        load.of(1000, 1000).await;
        let (one, first) = one.replaced(1001).await;
        load.of(1001, 1).await;
        let (two, second) = two.replaced(1002).await;
        load.of(1002, 1).await;
        until("enough calls", || load.total() >= LEAST_CALLS).await;
        load.is_over.set(true);
        let ([one, two], mut logged) = ([one, two], [first, second].concat());
        for replica in [one, two] {
            replica.backend.program.signal(Signal::TERM);
            logged.extend(replica.logged.await.unwrap());
        }
        logged
    };
    let calls = (0..CALLERS).map(|caller| load.call(proxy.address, caller));
    let (logged, _) = futures_util::future::join(deploy, futures_util::future::join_all(calls)).await;
    let mut handled = HashSet::new();
    for name in logged.iter().filter_map(|line| line.split_once(" calls ")?.0.rsplit(' ').next()) {
        assert!(handled.insert(name), "{name} was handled twice");
    }
    assert_eq!(handled.len(), load.total());
}
