//! The end of the process while hooks come.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicUsize, Ordering::SeqCst},
    time::Duration,
};

use rustix::process::Signal;
use tokio::task::{JoinSet, yield_now};
use wcs_hooks::{
    AllowAll, Hooks, hook,
    payloads::{Connection, Stream},
};
use wcs_hooks_dispatcher::{App, Dispatcher, HttpTransport, Settings};
use wcs_hooks_protocol::{HookName, Outcome};

use super::{
    child::{Child, is_child, serve, told},
    raw::{Raw, request, soon},
    server::{anyone, here},
};

const CALLERS: usize = 16;

/// Prints what it answers, after other work has had its turn. `placeCall` lasts until the test has seen enough.
fn printing() -> Hooks {
    let hooks = Hooks::new(AllowAll).on(hook::PlaceCall, async |_, call| {
        println!("\nholds");
        told().await;
        Ok(call)
    });
    hooks.on(hook::PublishStream, async |_, mut stream: Stream| {
        for _ in 0..20 {
            yield_now().await;
        }
        let asked = stream.name;
        stream.name = format!("{asked}-{}", run());
        println!("\nanswers {asked} {}", stream.name);
        Ok(stream)
    })
}

/// Differs from one run of the handler to the next.
fn run() -> usize {
    static RUNS: AtomicUsize = AtomicUsize::new(0);
    RUNS.fetch_add(1, SeqCst)
}

/// Calls until the backend has gone; the names that were asked for, with what was answered.
async fn call_on(wcs: Dispatcher, app: App, caller: usize) -> Vec<(String, String)> {
    let mut answered = Vec::new();
    let Ok(session) = wcs.connect(&app, Connection::default()).await else { return answered };
    for number in 0.. {
        let name = format!("s{caller}x{number}");
        let stream = Stream { name: name.clone(), ..Stream::default() };
        let verdict = session.send(hook::PublishStream, stream).await;
        if verdict.outcome() != Outcome::Accepted {
            break;
        }
        answered.push((name, verdict.payload::<Stream>().unwrap().name));
    }
    answered
}

/// What was answered, as the process has printed it; no name twice.
fn printed_answers(printed: &[String]) -> BTreeMap<String, String> {
    let mut answers = BTreeMap::new();
    for answer in printed.iter().filter_map(|line| line.strip_prefix("answers ")) {
        let (name, given) = answer.split_once(' ').unwrap();
        assert_eq!(answers.insert(name.to_owned(), given.to_owned()), None, "{name} was answered twice");
    }
    answers
}

#[tokio::test]
async fn no_hook_that_was_handled_stays_without_its_answer() {
    if is_child() {
        let mut settings = anyone();
        settings.deadlines.refusable = Duration::ZERO;
        serve(printing(), here(), settings).await;
    }
    let mut child =
        Child::of_test("faults::sigterm::no_hook_that_was_handled_stays_without_its_answer").await;
    let mut idle = Raw::connect(child.address).await;
    assert_eq!(idle.ask(request(HookName::Connect, "x")).await.status, 200);
    let mut half_sent = Raw::connect(child.address).await;
    half_sent.send(&request(HookName::PublishStream, "half")[..100]).await;
    let mut held = Raw::connect(child.address).await;
    held.send(request(HookName::PlaceCall, "x")).await;
    child.prints("holds").await;

    let wcs = Dispatcher::new(Settings::default(), HttpTransport::new().unwrap());
    let app = App::new("defaultApp", &format!("http://{}/hooks", child.address)).unwrap();
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS {
        callers.spawn(call_on(wcs.clone(), app.clone(), caller));
    }
    for number in [10, 100, 300] {
        child.prints(&format!("answers s0x{number} ")).await;
    }
    child.send(Signal::TERM);
    // The drain goes on behind these, as long as the one that is held.
    for client in [&mut idle, &mut half_sent] {
        client.is_closed().await;
    }
    child.tell().await;
    assert_eq!(held.answer().await.map(|answer| answer.status), Some(200));
    let (printed, code) = child.end().await;
    let answered: BTreeMap<_, _> =
        soon("the end of the load", callers.join_all()).await.into_iter().flatten().collect();
    // What was printed before the signal has been read already.
    for (name, given) in printed_answers(&printed) {
        assert_eq!(answered.get(&name), Some(&given), "{name} was handled");
    }
    assert!(answered.len() >= CALLERS, "{} calls", answered.len());
    assert!(code == Some(0) && printed.contains(&"cut 0".into()), "{code:?}");
}

/// Asks without a pause until it is told that an answer is the last one; how many answers it got.
async fn ask_to_the_end(mut client: Raw, caller: usize) -> usize {
    for number in 1.. {
        let answer = client.ask(request(HookName::StopStream, &format!("s{caller}x{number}"))).await;
        assert_eq!(answer.status, 200);
        if answer.is_last {
            client.is_closed().await;
            return number;
        }
    }
    unreachable!("it is told to stop")
}

/// No connection ends under a request: each hears first that an answer is its last, also with the port closed at once.
#[tokio::test]
async fn a_busy_connection_loses_nothing() {
    if is_child() {
        serve(Hooks::new(AllowAll), here(), anyone()).await;
    }
    let child = Child::of_test("faults::sigterm::a_busy_connection_loses_nothing").await;
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS {
        callers.spawn(ask_to_the_end(Raw::connect(child.address).await, caller));
    }
    let mut other = Raw::connect(child.address).await;
    for _ in 0..100 {
        assert!(!other.ask(request(HookName::StopStream, "x")).await.is_last);
    }
    child.send(Signal::TERM);
    let answers = soon("the end of the load", callers.join_all()).await;
    assert!(answers.iter().all(|answers| *answers > 1), "{answers:?}");
    let (printed, code) = child.end().await;
    assert!(code == Some(0) && printed.contains(&"cut 0".into()), "{code:?} {printed:?}");
}

/// A second signal, or the drain's limit, ends what does not end; the exit code says that something was cut.
#[tokio::test]
async fn what_does_not_end_is_cut_and_the_exit_code_says_so() {
    if is_child() {
        let mut settings = anyone();
        settings.deadlines.refusable = Duration::ZERO;
        let hooks = Hooks::new(AllowAll).on(hook::PlayStream, async |_, _| {
            println!("\nplays");
            std::future::pending().await
        });
        serve(hooks, here(), settings).await;
    }
    for signal in [Signal::TERM, Signal::INT] {
        let mut child =
            Child::of_test("faults::sigterm::what_does_not_end_is_cut_and_the_exit_code_says_so").await;
        let mut client = Raw::connect(child.address).await;
        client.send(request(HookName::PlayStream, "x")).await;
        child.prints("plays").await;
        child.send(Signal::TERM);
        // It accepts no more when it has taken the first signal.
        soon("the end of accepting", async {
            while tokio::net::TcpStream::connect(child.address).await.is_ok() {
                yield_now().await;
            }
        })
        .await;
        child.send(signal);
        client.is_closed().await;
        let (printed, code) = child.end().await;
        assert!(code == Some(1) && printed.contains(&"cut 1".to_owned()), "{code:?} {printed:?}");
    }
}
