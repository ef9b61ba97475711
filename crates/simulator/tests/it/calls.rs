//! Calls between two clients: what each is told, and what the backend is asked about each.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, timeout};
use wcs_hooks_simulator::{Limits, dispatcher::Settings};

use crate::support::{Phone, Reply, World};

/// Accepts everything, and makes refusals and a changed callee count.
fn answer(hook: &str, fields: &Value) -> Reply {
    let policy = |overwrite: &str| {
        json!({ "restExclude": "", "clientExclude": "", "restOnError": "FAIL", "restPolicy": "OVERWRITE",
            "restOverwrite": overwrite })
    };
    let is_about = |login: &str| fields["callee"] == login;
    match hook {
        "connect" => {
            let mut answer = fields.clone();
            let hooks = ["call", "OnCallEvent", "answer", "hangup", "transfer", "hold"];
            answer["restClientConfig"] =
                hooks.into_iter().map(|hook| (hook.to_owned(), policy("callee,target"))).collect();
            Reply::Object(answer)
        }
        "call" if is_about("sales") => {
            let mut answer = fields.clone();
            answer["callee"] = "3001".into();
            Reply::Object(answer)
        }
        "call" if is_about("forbidden") => Reply::Refuse(403, "No such luck"),
        "OnCallEvent" if fields["caller"] == "blocked" => Reply::Refuse(403, "Blocked"),
        "transfer" if fields["target"] == "forbidden" => Reply::Refuse(403, "No such luck"),
        _ => Reply::Echo,
    }
}

/// The next frames of a client as lines.
async fn lines<const N: usize>(phone: &mut Phone) -> [String; N] {
    let mut lines = [const { String::new() }; N];
    for line in &mut lines {
        *line = phone.client.line().await;
    }
    lines
}

/// Places a call, and gives the callee's `callId`.
async fn ringing(anna: &mut Phone, ben: &mut Phone, name: &str) -> String {
    let call = json!({ "callId": "1", "callee": name, "sdp": "offer", "hasAudio": true, "hasVideo": true });
    anna.client.send("call", call).await;
    assert_eq!(lines(anna).await, ["notifyTryingResponse TRYING", "ring RING"]);
    let (message, id) = ben.client.next().await.unwrap();
    assert_eq!(message, "setRemoteSDP");
    let (message, call) = ben.client.next().await.unwrap();
    assert_eq!((&*message, &call["callId"], &call["status"]), ("notifyIncomingCall", &id, &json!("PENDING")));
    id.as_str().unwrap().to_owned()
}

async fn answered(anna: &mut Phone, ben: &mut Phone, id: &str) {
    ben.client.send("answer", json!({ "callId": id, "sdp": "answer" })).await;
    assert_eq!(lines(ben).await, ["talk ESTABLISHED"]);
    assert_eq!(lines(anna).await, ["setRemoteSDP", "talk ESTABLISHED"]);
}

/// A call from one to the other that has been answered; gives the callee's `callId`.
async fn talking(anna: &mut Phone, ben: &mut Phone) -> String {
    let id = ringing(anna, ben, "3001").await;
    answered(anna, ben, &id).await;
    id
}

#[tokio::test(start_paused = true)]
async fn two_clients_talk() {
    let world = World::with(answer);
    let (mut anna, mut ben) = (world.phone("3000").await, world.phone("3001").await);
    talking(&mut anna, &mut ben).await;
    anna.client.send("hangup", json!({ "callId": "1" })).await;
    assert_eq!(lines(&mut anna).await, ["finish FINISH"]);
    assert_eq!(lines(&mut ben).await, ["finish FINISH"]);
    let event = |status| format!("CallStatusEvent {status}");
    let expected = ["call PENDING", &event("TRYING"), &event("RING"), &event("ESTABLISHED")];
    assert_eq!(world.asked_of(&anna)[..4], expected);
    assert_eq!(world.asked_of(&anna)[4..], ["hangup ESTABLISHED", &event("FINISH")]);
    let expected = ["OnCallEvent PENDING", "answer PENDING", &event("ESTABLISHED"), &event("FINISH")];
    assert_eq!(world.asked_of(&ben), expected);
}

#[tokio::test(start_paused = true)]
async fn the_offer_and_the_answer_are_relayed_as_they_are() {
    let world = World::with(answer);
    let (mut anna, mut ben) = (world.phone("3000").await, world.phone("3001").await);
    let offer = "v=0\r\no=- 1 \"\u{e9}\" \\ IN IP4\r\n";
    anna.client.send("call", json!({ "callId": "1", "callee": "3001", "sdp": offer })).await;
    let frame = ben.client.frame().await;
    let id = frame["data"][0].clone();
    assert_eq!(frame, json!({ "message": "setRemoteSDP", "data": [id, offer, false] }));
    ben.client.next().await;
    ben.client.send("answer", json!({ "callId": id, "sdp": "answer" })).await;
    assert_eq!(lines(&mut anna).await, ["notifyTryingResponse TRYING", "ring RING"]);
    let frame = anna.client.frame().await;
    assert_eq!(frame, json!({ "message": "setRemoteSDP", "data": ["1", "answer", true] }));
}

#[tokio::test(start_paused = true)]
async fn what_the_backend_is_told_of_an_incoming_call() {
    let world = World::with(answer);
    let (mut anna, mut ben) = (world.phone("3000").await, world.phone("3001").await);
    let id = ringing(&mut anna, &mut ben, "3001").await;
    let call = world.backend.asked_about("call").await;
    assert_eq!(
        (&call["caller"], &call["sdp"], &call["incoming"]),
        (&json!("3000"), &json!("offer"), &json!(false))
    );
    let incoming = world.backend.asked_about("OnCallEvent").await;
    let expected = json!({ "nodeId": call["nodeId"], "appKey": "defaultApp", "sessionId": ben.session,
        "callId": id, "incoming": true, "status": "PENDING", "caller": "3000", "callee": "3001",
        "hasAudio": true, "hasVideo": true, "isMsrp": false, "holdForTransfer": false });
    assert_eq!(incoming, expected);
}

#[tokio::test(start_paused = true)]
async fn the_backend_redirects_a_call() {
    let world = World::with(answer);
    let (mut anna, mut ben) = (world.phone("3000").await, world.phone("3001").await);
    ringing(&mut anna, &mut ben, "sales").await;
    assert_eq!(world.backend.asked_about("OnCallEvent").await["callee"], "3001");
}

/// Calls that do not come about: who calls whom, and what the caller hears.
#[tokio::test(start_paused = true)]
async fn a_call_that_does_not_come_about() {
    for (who, name, expected) in [
        ("3000", "3001", "finish FAILED SIP 404 Not Found"),
        ("blocked", "3002", "finish FAILED SIP 403 FORBIDDEN"),
    ] {
        let world = World::with(answer);
        let (mut anna, mut other) = (world.phone(who).await, world.phone("3002").await);
        anna.client.send("call", json!({ "callId": "1", "callee": name, "sdp": "offer" })).await;
        assert_eq!(lines(&mut anna).await, ["notifyTryingResponse TRYING", expected], "{who} {name}");
        if who == "blocked" {
            let call = world.backend.asked_about("OnCallEvent").await;
            let fail = format!("fail FAILED Blocked CallStatusEvent {}", call["callId"].as_str().unwrap());
            assert_eq!(lines(&mut other).await, [fail]);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_call_is_broken() {
    let world = World::with(answer);
    let mut anna = world.phone("3000").await;
    anna.client.send("call", json!({ "callId": "1", "callee": "forbidden" })).await;
    assert_eq!(lines(&mut anna).await, ["fail FAILED No such luck CallStatusEvent 1"]);
    assert_eq!(world.asked_of(&anna), ["call PENDING"]);
}

/// A call that nobody answers: who hangs up, and what both hear.
#[tokio::test(start_paused = true)]
async fn a_call_that_ends_before_it_is_answered() {
    for (is_caller, caller_hears, callee_hears) in
        [(true, "finish FINISH", "finish FINISH"), (false, "finish BUSY SIP 486 Busy Here", "finish FINISH")]
    {
        let world = World::with(answer);
        let (mut anna, mut ben) = (world.phone("3000").await, world.phone("3001").await);
        let id = ringing(&mut anna, &mut ben, "3001").await;
        let (who, id) = if is_caller { (&mut anna, "1") } else { (&mut ben, &*id) };
        who.client.send("hangup", json!({ "callId": id })).await;
        assert_eq!(lines(&mut anna).await, [caller_hears]);
        assert_eq!(lines(&mut ben).await, [callee_hears]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_nobody_answers_ends() {
    let limits = Limits { ringing: Duration::from_secs(20), ..Limits::default() };
    let world = World::built(Settings::default(), answer, |builder| builder.limits(limits));
    let (mut anna, mut ben) = (world.phone("3000").await, world.phone("3001").await);
    ringing(&mut anna, &mut ben, "3001").await;
    let start = Instant::now();
    let (anna_hears, ben_hears) = tokio::join!(anna.client.line(), ben.client.line());
    assert_eq!((&*anna_hears, &*ben_hears), ("finish FAILED SIP 408 Request Timeout", "finish FINISH"));
    assert_eq!(start.elapsed().as_secs(), 20);
    assert_eq!(world.backend.last("CallStatusEvent")["sipStatus"], 408);
    assert_eq!(world.asked_of(&ben), ["OnCallEvent PENDING", "CallStatusEvent FINISH"]);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_answered_stays() {
    let world = World::with(answer);
    let (mut anna, mut ben) = (world.phone("3000").await, world.phone("3001").await);
    talking(&mut anna, &mut ben).await;
    let heard =
        timeout(Duration::from_mins(5), async { tokio::join!(anna.client.line(), ben.client.line()) });
    assert!(heard.await.is_err(), "nothing is said but pings");
}

#[tokio::test(start_paused = true)]
async fn a_transfer_to_who_does_not_answer_fails() {
    let world = World::with(answer);
    let (mut anna, mut ben) = (world.phone("3000").await, world.phone("3001").await);
    let mut third = world.phone("3002").await;
    talking(&mut anna, &mut ben).await;
    anna.client.send("transfer", json!({ "callId": "1", "target": "3002" })).await;
    let expected = "notifyTransferEvent FAILED SIP 408 Request Timeout";
    tokio::join!(
        anna.client.until(expected),
        ben.client.until(expected),
        third.client.until("finish FINISH")
    );
}

#[tokio::test(start_paused = true)]
async fn a_session_that_leaves_ends_its_calls() {
    let world = World::with(answer);
    let (mut anna, mut ben) = (world.phone("3000").await, world.phone("3001").await);
    talking(&mut anna, &mut ben).await;
    let session = ben.session.clone();
    drop(ben);
    assert_eq!(lines(&mut anna).await, ["finish FINISH"]);
    let lines = world.backend.ended(&session).await;
    assert_eq!(lines[lines.len() - 2..], ["CallStatusEvent FINISH", "ConnectionStatusEvent DISCONNECTED"]);
}

#[tokio::test(start_paused = true)]
async fn a_call_is_held_and_taken_up_again() {
    let world = World::with(answer);
    let (mut anna, mut ben) = (world.phone("3000").await, world.phone("3001").await);
    let id = ringing(&mut anna, &mut ben, "3001").await;
    anna.client.send("hold", json!({ "callId": "1" })).await;
    assert_eq!(lines(&mut anna).await, ["fail FAILED The call is not established CallStatusEvent 1"]);
    answered(&mut anna, &mut ben, &id).await;
    anna.client.send("hold", json!({ "callId": "1", "holdForTransfer": true })).await;
    assert_eq!(lines(&mut anna).await, ["hold HOLD"]);
    assert_eq!(world.backend.asked_about("hold").await["holdForTransfer"], true);
    anna.client.send("unhold", json!({ "callId": "1" })).await;
    assert_eq!(lines(&mut anna).await, ["talk ESTABLISHED"]);
    anna.client.send("sendDtmf", json!({ "callId": "1", "type": "INFO", "dtmf": 7 })).await;
    assert_eq!(world.backend.asked_about("sendDtmf").await["dtmf"], 7);
}

#[tokio::test(start_paused = true)]
async fn a_call_is_transferred() {
    let world = World::with(answer);
    let (mut anna, mut ben) = (world.phone("3000").await, world.phone("3001").await);
    let mut third = world.phone("3002").await;
    let id = talking(&mut anna, &mut ben).await;
    anna.client.send("transfer", json!({ "callId": "1", "target": "3002" })).await;
    let transfer = |status: &str| format!("notifyTransferEvent {status}");
    assert_eq!(lines(&mut anna).await, [transfer("ACCEPTED"), transfer("TRYING")]);
    assert_eq!(lines(&mut ben).await, [transfer("PENDING")]);
    let (_, new_id) = third.client.next().await.unwrap();
    let (_, call) = third.client.next().await.unwrap();
    assert_eq!((&call["caller"], &call["callee"]), (&json!("3001"), &json!("3002")));
    assert_eq!(call["parentCallId"], id);
    third.client.send("answer", json!({ "callId": new_id, "sdp": "answer" })).await;
    assert_eq!(lines(&mut third).await, ["talk ESTABLISHED"]);
    assert_eq!(lines(&mut ben).await, [transfer("COMPLETED")]);
    assert_eq!(lines(&mut anna).await, [transfer("COMPLETED"), "finish FINISH".to_owned()]);
    third.client.send("hangup", json!({ "callId": new_id })).await;
    assert_eq!(lines(&mut ben).await, ["finish FINISH"]);
}

#[tokio::test(start_paused = true)]
async fn a_transfer_fails() {
    for (target, expected) in [
        ("3009", "notifyTransferEvent FAILED SIP 404 Not Found"),
        ("3002", "notifyTransferEvent FAILED SIP 486 Busy Here"),
    ] {
        let world = World::with(answer);
        let (mut anna, mut ben) = (world.phone("3000").await, world.phone("3001").await);
        let mut third = world.phone("3002").await;
        let id = talking(&mut anna, &mut ben).await;
        anna.client.send("transfer", json!({ "callId": "1", "target": target })).await;
        if target == "3002" {
            let (_, new_id) = third.client.next().await.unwrap();
            third.client.next().await;
            third.client.send("hangup", json!({ "callId": new_id })).await;
            assert_eq!(anna.client.line().await, "notifyTransferEvent ACCEPTED");
        }
        assert!(anna.client.line().await.starts_with("notifyTransferEvent"));
        assert_eq!(anna.client.line().await, expected);
        ben.client.send("hangup", json!({ "callId": id })).await;
        assert_eq!(lines(&mut anna).await, ["finish FINISH"], "the call itself stays");
    }
}

#[tokio::test(start_paused = true)]
async fn who_is_being_transferred_is_not_transferred_again() {
    let world = World::with(answer);
    let (mut anna, mut ben) = (world.phone("3000").await, world.phone("3001").await);
    let mut third = world.phone("3002").await;
    talking(&mut anna, &mut ben).await;
    let transfer = |status: &str| format!("notifyTransferEvent {status}");
    anna.client.send("transfer", json!({ "callId": "1", "target": "3002" })).await;
    assert_eq!(lines(&mut anna).await, [transfer("ACCEPTED"), transfer("TRYING")]);
    anna.client.send("transfer", json!({ "callId": "1", "target": "3003" })).await;
    assert_eq!(lines(&mut anna).await, [transfer("ACCEPTED"), transfer("FAILED SIP 491 Request Pending")]);
    assert_eq!(world.backend.last("TransferStatusEvent")["target"], "3003");
    let (_, new_id) = third.client.next().await.unwrap();
    third.client.send("answer", json!({ "callId": new_id, "sdp": "answer" })).await;
    let (_, completed) = anna.client.next().await.unwrap();
    assert_eq!((&completed["status"], &completed["target"]), (&json!("COMPLETED"), &json!("3002")));
    assert_eq!(lines(&mut ben).await, [transfer("PENDING"), transfer("COMPLETED")]);
}

/// What is wrong about a message, and how the client is told.
#[tokio::test(start_paused = true)]
async fn messages_that_make_no_sense() {
    let world = World::with(answer);
    let mut phone = world.phone("3000").await;
    for (message, fields, expected) in [
        ("call", json!({}), "fail FAILED The call has no callId CallStatusEvent"),
        ("hangup", json!({ "callId": "9" }), "fail FAILED Call not found CallStatusEvent 9"),
        ("answer", json!({ "callId": "9" }), "fail FAILED Call not found CallStatusEvent 9"),
    ] {
        phone.client.send(message, fields).await;
        assert_eq!(lines(&mut phone).await, [expected]);
    }
    assert_eq!(world.asked_of(&phone), Vec::<String>::new());
}
