//! A reader of the log or of standard output that does not read, or has gone; requests and handlers that would fill the log, or
//! keep the threads.

use std::{
    fs,
    process::Stdio,
    str::FromStr,
    time::{Duration, Instant},
};

use rustix::process::Signal;
use wcs_hooks::{
    AllowAll, Arguments, Backend, Callers, Hooks, Program, SigningKey, hook,
    payloads::Stream,
    status::{SessionStatus, StreamStatus},
};
use wcs_hooks_dispatcher::{App, Dispatcher, HttpTransport, Session, Settings};
use wcs_hooks_protocol::{HookName, Outcome};

use crate::{
    examples,
    faults::{
        child::{Child, is_child},
        raw::{Raw, head},
    },
};

const KEY: &str = "1234567890";
const REJECTED: usize = 5000;

/// `publishStream` blocks its thread for a while, `pushLogs` panics, `playStream` logs much.
fn hooks() -> Hooks {
    Hooks::new(AllowAll)
        .on(hook::PublishStream, async |_, stream: Stream| {
            let begun = Instant::now();
            while begun.elapsed() < Duration::from_millis(150) {}
            Ok(stream)
        })
        .on(hook::PushLogs, async |_, _| panic!("{}", "x".repeat(4096)))
        .on(hook::PlayStream, async |_, stream: Stream| {
            tracing::info!("{}", "x".repeat(64 << 10));
            Ok(stream)
        })
}

/// What a program does, with all that `run` gives it.
async fn serve() -> ! {
    let flags = ["--listen", "127.0.0.1:0", "--set", "operations.listen=127.0.0.1:0"].map(String::from);
    let backend = Backend::builder(hooks()).callers(Callers::signed([KEY]));
    let program = Program::start(Arguments::take(flags).unwrap().0, backend).unwrap();
    println!("\nlistening on {}", program.urls()[0].strip_prefix("http://").unwrap());
    println!("operations on {}", program.operations().unwrap());
    let code = program.run().await;
    println!("\nended");
    std::process::exit(i32::from(code != std::process::ExitCode::SUCCESS));
}

struct Attacked {
    child: Child,
    operations: Raw,
    wcs: Raw,
}

impl Attacked {
    async fn start(test: &str, log: Stdio) -> Self {
        let mut child = Child::logging_to(&format!("attack::log::{test}"), log).await;
        let operations = child.prints("operations on ").await.parse().unwrap();
        let wcs = Raw::connect(child.address).await;
        Self { operations: Raw::connect(operations).await, wcs, child }
    }

    async fn get(&mut self, path: &str) -> (u16, String) {
        let answer = self.operations.ask(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")).await;
        (answer.status, answer.body)
    }

    /// A hook, signed.
    async fn hook(&mut self, hook: HookName, number: usize) -> u16 {
        let body = format!(r#"{{"nodeId":"n","appKey":"defaultApp","sessionId":"s","name":"{number}"}}"#);
        let signature = SigningKey::new(&KEY.into()).sign(body.as_bytes());
        let request = format!(
            "{}Authorization: {signature}\r\nContent-Length: {}\r\n\r\n{body}",
            head(hook),
            body.len()
        );
        self.wcs.ask(request).await.status
    }

    /// Each on a connection of its own: the server closes it.
    async fn reject(&self, count: usize) {
        for _ in 0..count {
            let mut client = Raw::connect(self.child.address).await;
            assert_eq!(client.ask("GET /connect HTTP/1.1\r\nHost: backend\r\n\r\n").await.status, 405);
        }
    }

    async fn metric<T: FromStr>(&mut self, name: &str) -> T {
        let (_, page) = self.get("/metrics").await;
        let value = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok());
        value.unwrap_or_else(|| panic!("no {name} in {page}"))
    }

    async fn end(self) -> (Vec<String>, Option<i32>) {
        self.child.send(Signal::TERM);
        self.child.end().await
    }
}

/// Standard error is a pipe that nobody reads: everything is answered, and the end comes all the same.
#[tokio::test]
async fn a_reader_of_the_log_that_does_not_read_stops_nothing() {
    if is_child() {
        serve().await;
    }
    let mut server =
        Attacked::start("a_reader_of_the_log_that_does_not_read_stops_nothing", Stdio::piped()).await;
    for number in 0..100 {
        // 6 MiB of lines, and panics.
        assert_eq!(server.hook(HookName::PlayStream, number).await, 200);
        assert_eq!(server.hook(HookName::PushLogs, number).await, 500);
    }
    server.reject(REJECTED).await;
    assert_eq!(server.hook(HookName::Connect, 0).await, 200);
    assert_eq!(server.get("/live").await.0, 200);
    assert!(server.metric::<u64>("wcs_hooks_log_lines_dropped_total").await > 0);
    let (printed, code) = server.end().await;
    assert!(code == Some(0) && printed.contains(&"ended".to_owned()), "{code:?} {printed:?}");
}

/// Whoever sends what is rejected fills no disk, and is named.
#[tokio::test]
async fn many_rejected_requests_are_few_lines_that_say_who() {
    if is_child() {
        serve().await;
    }
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("log");
    let log = fs::File::create(&file).unwrap();
    let server = Attacked::start("many_rejected_requests_are_few_lines_that_say_who", log.into()).await;
    server.reject(REJECTED).await;
    assert_eq!(server.end().await.1, Some(0));
    let text = fs::read_to_string(&file).unwrap();
    let lines: Vec<&str> = text.lines().filter(|line| line.contains("rejected")).collect();
    let requests: usize = lines
        .iter()
        .filter_map(|line| line.split_once("requests=")?.1.split(' ').next()?.parse::<usize>().ok())
        .sum();
    assert!(lines.len() <= 4 && lines[0].contains("path=/connect"), "{text}");
    let names_who = |line: &&str| line.contains("peer=127.0.0.1") && line.contains("reason=\"not_posted\"");
    assert!(lines.iter().all(names_who), "{text}");
    let firsts = lines.iter().filter(|line| line.contains("path=")).count();
    assert_eq!(firsts + requests, REJECTED, "{text}");
}

/// The log names the hook, and operations see it.
#[tokio::test]
async fn a_handler_that_blocks_its_thread_is_named() {
    if is_child() {
        serve().await;
    }
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("log");
    let log = fs::File::create(&file).unwrap();
    let mut server = Attacked::start("a_handler_that_blocks_its_thread_is_named", log.into()).await;
    assert_eq!(server.hook(HookName::PublishStream, 0).await, 200);
    assert_eq!(server.hook(HookName::PlayStream, 0).await, 200);
    let polls = |hook| format!("wcs_hooks_blocking_polls_total{{hook=\"{hook}\"}}");
    assert_eq!(server.metric::<u64>(&polls("publishStream")).await, 1);
    // The runtime of a test has one thread.
    assert!(server.metric::<f64>("wcs_hooks_runtime_lag_seconds").await > 0.04);
    assert_eq!(server.get("/ready").await.0, 200);
    assert_eq!(server.end().await.1, Some(0));
    let text = fs::read_to_string(&file).unwrap();
    let line = text.lines().find(|line| line.contains("blocks its thread"));
    assert!(line.is_some_and(|line| line.contains("hook=publishStream")), "{text}");
}

/// A session of WCS with an example.
async fn session(example: &examples::Program, key: Option<&str>, token: &str) -> Session {
    let settings = Settings { hook_secret: key.map(Into::into), ..Settings::default() };
    let app = App::new("defaultApp", &example.url).unwrap();
    let dispatcher = Dispatcher::new(settings, HttpTransport::new().unwrap());
    let custom = [("token".to_owned(), token.into())].into_iter().collect();
    let connection = wcs_hooks::payloads::Connection { custom, ..Default::default() };
    dispatcher.connect(&app, connection).await.unwrap()
}

#[tokio::test]
async fn an_event_log_that_nobody_reads_answers_every_event() {
    let example = examples::Program::start("event-log", &[]).await;
    let session = session(&example, None, "t").await;
    // 1 MB: a pipe takes 64 KiB.
    for number in 0..1000 {
        let name = format!("{number} {}", "x".repeat(1000));
        let event = Stream { name, status: Some(StreamStatus::Publishing), ..Stream::default() };
        let verdict = session.send(hook::StreamStatus, event).await;
        assert_eq!(verdict.outcome(), Outcome::Accepted, "{number}");
    }
    assert_eq!(example.stop().await, Some(0));
}

/// A process was killed within a line.
#[tokio::test]
async fn a_torn_line_of_the_event_log_takes_no_other_with_it() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("events");
    let whole = "{\"at\":1}\n";
    for (before, after) in
        [("", ""), (whole, whole), ("{\"at\":1}\n{\"at", "{\"at\":1}\n{\"at\n"), ("x", "x\n")]
    {
        fs::write(&file, before).unwrap();
        let example = examples::Program::start("event-log", &["--out", file.to_str().unwrap()]).await;
        let session = session(&example, None, "t").await;
        assert!(session.send_status(SessionStatus::Established).await.goes_on());
        // It was written before it was answered.
        let text = fs::read_to_string(&file).unwrap();
        let event = text.strip_prefix(after).unwrap_or_else(|| panic!("{text:?}"));
        assert!(event.starts_with("{\"at\":") && event.ends_with("}\n"), "{text:?}");
        serde_json::from_str::<serde_json::Value>(event).unwrap();
        assert_eq!(example.stop().await, Some(0));
    }
}

/// As `token-auth | head`.
#[tokio::test]
async fn an_example_whose_output_is_closed_answers() {
    let mut example = examples::Program::start("token-auth", &[]).await;
    let token = example.line_after("a token for alice").await;
    example.close_stdout();
    let session = session(&example, Some(KEY), &token).await;
    let name = |name: &str| Stream { media_session_id: "m".into(), name: name.into(), ..Stream::default() };
    assert!(session.send(hook::PublishStream, name("studio-1")).await.goes_on());
    assert!(!session.send(hook::PublishStream, name("backstage")).await.goes_on());
    assert_eq!(example.stop().await, Some(0));
}
