//! Many tasks bring the same hooks at the same time, in orders of their own.
//!
//! What an order may change is left out: each end is brought late enough to be remembered, and no session connects again. So
//! all orders leave the same, and the model needs none.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::{sync::Barrier, task::JoinSet};

use super::*;
use crate::registry::MemoryStore;

const SESSIONS: usize = 40;
/// Of each session, as many streams as calls.
const OF_SESSION: usize = 3;
/// Each a prime that is no divisor of the number of hooks: steps that reach all of them.
const STEPS: [usize; 8] = [1, 7, 11, 13, 17, 19, 23, 29];

type Sent = (HookName, Value);

/// What becomes of a session.
fn leaves(session: usize) -> bool {
    session.is_multiple_of(3)
}

/// What becomes of the stream or call of this number.
fn ends(session: usize, number: usize) -> bool {
    (session + number).is_multiple_of(2)
}

fn hook_of(session: usize, hook: HookName, fields: &Value) -> Sent {
    let mut body = json!({"nodeId": "n", "appKey": "app", "sessionId": format!("s{session}")});
    body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    (hook, body)
}

fn hooks_of(session: usize) -> Vec<Sent> {
    let of = |hook, fields: Value| hook_of(session, hook, &fields);
    let mut hooks = vec![of(HookName::ConnectionStatus, json!({"status": "ESTABLISHED"}))];
    for number in 0..OF_SESSION {
        let id = format!("{session}x{number}");
        let stream = |hook, status| of(hook, json!({"mediaSessionId": id, "name": "b4e7", "status": status}));
        let call = |status| of(HookName::CallStatus, json!({"callId": id, "status": status}));
        hooks.extend([
            stream(HookName::StreamStatus, "PUBLISHING"),
            stream(HookName::StreamKeepAlive, "PUBLISHING"),
            call("RING"),
            call("ESTABLISHED"),
        ]);
        if ends(session, number) {
            hooks.extend([stream(HookName::StreamStatus, "UNPUBLISHED"), call("FINISH")]);
        }
    }
    if leaves(session) {
        hooks.push(of(HookName::ConnectionStatus, json!({"status": "DISCONNECTED"})));
    }
    hooks
}

/// What is live in the end: sessions, and the ids of streams, which those of calls are too.
fn model() -> (Vec<String>, Vec<String>) {
    let staying = || (0..SESSIONS).filter(|session| !leaves(*session));
    let lasting = |session| {
        let numbers = (0..OF_SESSION).filter(move |number| !ends(session, *number));
        numbers.map(move |number| format!("{session}x{number}"))
    };
    (sorted(staying().map(|session| format!("s{session}"))), sorted(staying().flat_map(lasting)))
}

fn sorted(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn tasks_that_bring_hooks_at_once_leave_what_the_model_says() {
    let bounds = Bounds { late: Duration::from_hours(1), ..Bounds::default() };
    let registry = Registry::with_store(MemoryStore::new(bounds));
    let wcs = Arc::new(Wcs::with(Hooks::new(AllowAll).registry(&registry)));
    for session in 0..SESSIONS {
        let (hook, body) = hook_of(session, HookName::Connect, &json!({}));
        assert_eq!(wcs.send(hook.as_str(), &body).await.0, 200);
    }
    let hooks: Arc<Vec<_>> = Arc::new((0..SESSIONS).flat_map(hooks_of).collect());
    let start = Arc::new(Barrier::new(STEPS.len()));
    let mut tasks = JoinSet::new();
    for step in STEPS {
        assert!(step == 1 || !hooks.len().is_multiple_of(step));
        let (wcs, hooks, start) = (Arc::clone(&wcs), Arc::clone(&hooks), Arc::clone(&start));
        tasks.spawn(async move {
            start.wait().await;
            for turn in 0..hooks.len() {
                let (hook, body) = &hooks[(step + turn * step) % hooks.len()];
                assert_eq!(wcs.send(hook.as_str(), body).await.0, 200);
            }
        });
    }
    tasks.join_all().await;

    let all = Query::new();
    let (Ok(sessions), Ok(streams), Ok(calls)) =
        (registry.sessions(&all).await, registry.streams(&all).await, registry.calls(&all).await);
    let (staying, lasting) = model();
    assert!(sessions.iter().all(|session| session.is_established));
    assert_eq!(sorted(sessions.into_iter().map(|session| session.id.session_id)), staying);
    assert_eq!(sorted(streams.into_iter().map(|stream| stream.id.own)), lasting);
    assert_eq!(sorted(calls.into_iter().map(|call| call.id.own)), lasting);
    let counts = registry.counts();
    assert_eq!(
        (counts.sessions, counts.streams, counts.calls),
        (staying.len(), lasting.len(), lasting.len())
    );
}
