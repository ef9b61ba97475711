//! Clients that call, answer, hold, transfer, hang up and leave in any order: whatever they do, every side of every call comes
//! to one end, and nothing of it is left.

use std::{collections::BTreeMap, time::Duration};

use fastrand::Rng;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::support::{Phone, Reply, World};

const LOGINS: [&str; 3] = ["3000", "3001", "3002"];

/// A phone, and the calls that it knows of.
struct Caller {
    phone: Option<Phone>,
    session: String,
    calls: Vec<String>,
}

impl Caller {
    async fn new(world: &World, login: &str) -> Self {
        let phone = world.phone(login).await;
        Self { session: phone.session.clone(), phone: Some(phone), calls: Vec::new() }
    }

    /// Reads what has come, and learns of calls.
    async fn read(&mut self) {
        let Some(phone) = &mut self.phone else { return };
        while let Ok(Some((message, data))) = timeout(Duration::from_millis(1), phone.client.next()).await {
            if message == "notifyIncomingCall" {
                self.calls.push(data["callId"].as_str().unwrap().to_owned());
            }
        }
    }

    async fn act(&mut self, chance: &mut Rng, number: usize) {
        let Some(phone) = &mut self.phone else { return };
        let callee = *chance.choice(&LOGINS).unwrap();
        let id = chance.choice(&self.calls).cloned().unwrap_or_default();
        let client = &mut phone.client;
        match chance.u8(..26) {
            0..8 => {
                let id = format!("{}-{number}", self.session);
                client.send("call", json!({ "callId": id, "callee": callee, "sdp": "offer" })).await;
                self.calls.push(id);
            }
            8..16 => client.send("answer", json!({ "callId": id, "sdp": "answer" })).await,
            16..18 => client.send("hangup", json!({ "callId": id })).await,
            18..20 => client.send("hold", json!({ "callId": id })).await,
            20 => client.send("unhold", json!({ "callId": id })).await,
            21..25 => client.send("transfer", json!({ "callId": id, "target": callee })).await,
            _ => self.phone = None,
        }
    }
}

/// The answer to a connect after which refusals count.
fn with_policies(connection: &Value) -> Value {
    let policy = json!({ "restExclude": "", "clientExclude": "", "restOnError": "FAIL", "restPolicy": "NOTIFY",
        "restOverwrite": "" });
    let hooks = ["call", "OnCallEvent", "answer", "hangup", "hold", "unhold", "transfer"];
    let mut answer = connection.clone();
    answer["restClientConfig"] = hooks.into_iter().map(|hook| (hook.to_owned(), policy.clone())).collect();
    answer
}

/// What was told of each side of a call, by session and `callId`.
fn statuses(asked: &[(String, Value)]) -> BTreeMap<(String, String), Vec<String>> {
    let mut statuses = BTreeMap::<_, Vec<_>>::new();
    for (_, fields) in asked.iter().filter(|(hook, _)| hook == "CallStatusEvent") {
        let text = |name: &str| fields[name].as_str().unwrap().to_owned();
        statuses.entry((text("sessionId"), text("callId"))).or_default().push(text("status"));
    }
    statuses
}

fn is_final(status: &str) -> bool {
    matches!(status, "FINISH" | "FAILED" | "BUSY")
}

#[tokio::test(start_paused = true)]
async fn every_call_comes_to_one_end() {
    let mut seen = BTreeMap::<String, usize>::new();
    for seed in 0..60 {
        let mut chance = Rng::with_seed(seed);
        // A backend that refuses now and then, whatever it is asked.
        let mut refusals = chance.fork();
        let refused: Vec<bool> = (0..500).map(|_| refusals.u8(..10) == 0).collect();
        let count = std::sync::atomic::AtomicUsize::new(0);
        let world = World::with(move |hook, fields| {
            let number = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            match hook {
                "connect" => Reply::Object(with_policies(fields)),
                hook if refused[number % 500] && !hook.ends_with("StatusEvent") => Reply::Refuse(403, "No"),
                _ => Reply::Echo,
            }
        });
        let mut callers = Vec::new();
        for login in LOGINS {
            callers.push(Caller::new(&world, login).await);
        }
        for number in 0..40 {
            chance.choice(&mut callers).unwrap().act(&mut chance.fork(), number).await;
            if chance.bool() {
                for caller in &mut callers {
                    caller.read().await;
                }
            }
        }
        let sessions: Vec<_> = callers.into_iter().map(|caller| caller.session).collect();
        for session in &sessions {
            world.backend.ended(session).await;
        }
        for (call, statuses) in statuses(&world.backend.all()) {
            let ends = statuses.iter().filter(|status| is_final(status)).count();
            let is_last = statuses.last().is_some_and(|status| is_final(status));
            assert!(ends == 1 && is_last, "seed {seed}: {call:?} {statuses:?}");
            for status in statuses {
                *seen.entry(status).or_default() += 1;
            }
        }
        for (hook, fields) in world.backend.all() {
            if hook == "TransferStatusEvent" {
                *seen.entry(format!("transfer {}", fields["status"].as_str().unwrap())).or_default() += 1;
            }
        }
        let left = world.gateway.rest_api().with_control().into_router();
        let state = crate::control::state(&left).await;
        assert_eq!((&state["calls"], &state["sessions"]), (&json!(0), &json!(0)), "seed {seed}");
    }
    // What never happens is not tested.
    for status in ["TRYING", "RING", "ESTABLISHED", "HOLD", "FINISH", "FAILED", "BUSY"].into_iter().chain([
        "transfer ACCEPTED",
        "transfer FAILED",
        "transfer COMPLETED",
    ]) {
        assert!(seen.get(status).is_some_and(|count| *count > 5), "{status}: {seen:?}");
    }
}
