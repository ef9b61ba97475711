//! What clients do, what the backend is asked, what clients are told: one row each.

use serde_json::{Value, json};

use crate::support::{Client, Reply, World};

/// Who does what, and which lines it then gets. No message only waits for them; `leave` closes the socket.
type Step = (usize, &'static str, &'static [&'static str]);

struct Flow {
    name: &'static str,
    answer: fn(&str, &Value) -> Reply,
    steps: &'static [Step],
    /// What the backend was asked, without what opens the sessions.
    hooks: &'static [&'static str],
}

/// `connect` with a policy of these words for every hook.
fn policy(fields: &Value, hook: &str, words: Value) -> Reply {
    let mut object = fields.clone();
    object["restClientConfig"][hook] = words;
    Reply::Object(object)
}

fn echo(_: &str, _: &Value) -> Reply {
    Reply::Echo
}

/// Refuses everything but `connect`, and wants that to count.
fn refuses(hook: &str, fields: &Value) -> Reply {
    if hook != "connect" {
        return Reply::Refuse(403, "Not you");
    }
    let mut object = fields.clone();
    for hook in ["publishStream", "playStream", "stopStream", "OnDataEvent", "snapshot", "availableStream"] {
        object["restClientConfig"][hook] = json!({ "restOnError": "FAIL" });
    }
    Reply::Object(object)
}

/// Refuses everything but `connect`, which changes nothing.
fn refuses_in_vain(hook: &str, _: &Value) -> Reply {
    if hook == "connect" { Reply::Echo } else { Reply::Refuse(403, "Not you") }
}

/// Publishes under another name, which the client is not told.
fn renames(hook: &str, fields: &Value) -> Reply {
    let mut object = fields.clone();
    match hook {
        "connect" => {
            let overwrite = json!({ "restPolicy": "OVERWRITE", "restOverwrite": "name" });
            object["restClientConfig"]["publishStream"] = overwrite.clone();
            object["restClientConfig"]["playStream"] = overwrite;
            object["restClientConfig"]["StreamStatusEvent"] = json!({ "clientExclude": "name" });
        }
        "publishStream" => object["name"] = "real".into(),
        "playStream" if fields["name"] == "alias" => object["name"] = "real".into(),
        _ => {}
    }
    Reply::Object(object)
}

/// Does not let anybody stop, and wants that to count.
fn holds_on(hook: &str, fields: &Value) -> Reply {
    match hook {
        "connect" => policy(fields, "unPublishStream", json!({ "restOnError": "FAIL" })),
        "unPublishStream" => Reply::Refuse(403, "Stay"),
        _ => Reply::Echo,
    }
}

/// Refuses an event, and wants that to count.
fn refuses_an_event(hook: &str, fields: &Value) -> Reply {
    match hook {
        "connect" => policy(fields, "StreamStatusEvent", json!({ "restOnError": "FAIL" })),
        "StreamStatusEvent" => Reply::Refuse(403, "Not you"),
        _ => Reply::Echo,
    }
}

const FLOWS: &[Flow] = &[
    Flow {
        name: "publish and stop",
        answer: echo,
        steps: &[
            (
                0,
                r#"publishStream {"mediaSessionId":"1","name":"b4e7"}"#,
                &["notifyStreamStatusEvent b4e7 PUBLISHING"],
            ),
            (
                0,
                r#"unPublishStream {"mediaSessionId":"1","name":"b4e7"}"#,
                &["notifyStreamStatusEvent b4e7 UNPUBLISHED"],
            ),
        ],
        hooks: &[
            "publishStream b4e7 PENDING",
            "StreamStatusEvent b4e7 PUBLISHING",
            "unPublishStream b4e7",
            "StreamStatusEvent b4e7 UNPUBLISHED",
        ],
    },
    Flow {
        name: "a name that is taken",
        answer: echo,
        steps: &[
            (
                0,
                r#"publishStream {"mediaSessionId":"1","name":"b4e7"}"#,
                &["notifyStreamStatusEvent b4e7 PUBLISHING"],
            ),
            (
                1,
                r#"publishStream {"mediaSessionId":"2","name":"b4e7"}"#,
                &["notifyStreamStatusEvent b4e7 FAILED Stream name is already in use"],
            ),
        ],
        hooks: &[
            "publishStream b4e7 PENDING",
            "StreamStatusEvent b4e7 PUBLISHING",
            "publishStream b4e7 PENDING",
            "StreamStatusEvent b4e7 FAILED Stream name is already in use",
        ],
    },
    Flow {
        name: "an id that is taken",
        answer: echo,
        steps: &[
            (
                0,
                r#"publishStream {"mediaSessionId":"1","name":"a"}"#,
                &["notifyStreamStatusEvent a PUBLISHING"],
            ),
            (
                0,
                r#"publishStream {"mediaSessionId":"1","name":"b"}"#,
                &["notifyStreamStatusEvent b FAILED MediaSessionId is already in use"],
            ),
            (1, r#"playStream {"mediaSessionId":"2","name":"a"}"#, &["notifyStreamStatusEvent a PLAYING"]),
        ],
        hooks: &[
            "publishStream a PENDING",
            "StreamStatusEvent a PUBLISHING",
            "publishStream b PENDING",
            "StreamStatusEvent b FAILED MediaSessionId is already in use",
            "playStream a PENDING",
            "StreamStatusEvent a PLAYING",
        ],
    },
    Flow {
        name: "play what is not there, and a URL",
        answer: echo,
        steps: &[
            (
                0,
                r#"playStream {"mediaSessionId":"1","name":"b4e7"}"#,
                &["notifyStreamStatusEvent b4e7 FAILED Stream not found"],
            ),
            (
                0,
                r#"playStream {"mediaSessionId":"2","name":"rtsp://camera/1"}"#,
                &["notifyStreamStatusEvent rtsp://camera/1 PLAYING"],
            ),
            (0, r#"stopStream {"mediaSessionId":"2"}"#, &["notifyStreamStatusEvent rtsp://camera/1 STOPPED"]),
        ],
        hooks: &[
            "playStream b4e7 PENDING",
            "StreamStatusEvent b4e7 FAILED Stream not found",
            "playStream rtsp://camera/1 PENDING",
            "StreamStatusEvent rtsp://camera/1 PLAYING",
            "stopStream",
            "StreamStatusEvent rtsp://camera/1 STOPPED",
        ],
    },
    Flow {
        name: "the publisher stops",
        answer: echo,
        steps: &[
            (
                0,
                r#"publishStream {"mediaSessionId":"1","name":"b4e7"}"#,
                &["notifyStreamStatusEvent b4e7 PUBLISHING"],
            ),
            (
                1,
                r#"playStream {"mediaSessionId":"2","name":"b4e7"}"#,
                &["notifyStreamStatusEvent b4e7 PLAYING"],
            ),
            (0, r#"unPublishStream {"mediaSessionId":"1"}"#, &["notifyStreamStatusEvent b4e7 UNPUBLISHED"]),
            (1, "", &["notifyStreamStatusEvent b4e7 FAILED Stopped by publisher stop"]),
            (
                0,
                r#"playStream {"mediaSessionId":"3","name":"b4e7"}"#,
                &["notifyStreamStatusEvent b4e7 FAILED Stream not found"],
            ),
        ],
        hooks: &[
            "publishStream b4e7 PENDING",
            "StreamStatusEvent b4e7 PUBLISHING",
            "playStream b4e7 PENDING",
            "StreamStatusEvent b4e7 PLAYING",
            "unPublishStream",
            "StreamStatusEvent b4e7 UNPUBLISHED",
            "StreamStatusEvent b4e7 FAILED Stopped by publisher stop",
            "playStream b4e7 PENDING",
            "StreamStatusEvent b4e7 FAILED Stream not found",
        ],
    },
    Flow {
        name: "the publisher leaves",
        answer: echo,
        steps: &[
            (
                0,
                r#"publishStream {"mediaSessionId":"1","name":"a"}"#,
                &["notifyStreamStatusEvent a PUBLISHING"],
            ),
            (
                0,
                r#"playStream {"mediaSessionId":"2","name":"vod://b"}"#,
                &["notifyStreamStatusEvent vod://b PLAYING"],
            ),
            (1, r#"playStream {"mediaSessionId":"3","name":"a"}"#, &["notifyStreamStatusEvent a PLAYING"]),
            (0, "leave", &[]),
            (1, "", &["notifyStreamStatusEvent a FAILED Stopped by publisher stop"]),
        ],
        hooks: &[
            "publishStream a PENDING",
            "StreamStatusEvent a PUBLISHING",
            "playStream vod://b PENDING",
            "StreamStatusEvent vod://b PLAYING",
            "playStream a PENDING",
            "StreamStatusEvent a PLAYING",
            "StreamStatusEvent a FAILED Stopped by session disconnect",
            "StreamStatusEvent a FAILED Stopped by publisher stop",
            "StreamStatusEvent vod://b FAILED Stopped by session disconnect",
            "ConnectionStatusEvent DISCONNECTED",
        ],
    },
    Flow {
        name: "refusals that count",
        answer: refuses,
        steps: &[
            (
                0,
                r#"publishStream {"mediaSessionId":"1","name":"b4e7"}"#,
                &["fail FAILED Not you StreamStatusEvent 1"],
            ),
            (
                0,
                r#"playStream {"mediaSessionId":"2","name":"b4e7"}"#,
                &["fail FAILED Not you StreamStatusEvent 2"],
            ),
            (
                0,
                r#"snapshot {"mediaSessionId":"3","name":"b4e7"}"#,
                &["fail FAILED Not you StreamStatusEvent 3"],
            ),
            (0, r#"availableStream {"mediaSessionId":"4","name":"b4e7"}"#, &["fail FAILED Not you 4"]),
            (0, r#"sendData {"operationId":"5","payload":1}"#, &["DataStatusEvent FAILED Not you"]),
        ],
        hooks: &[
            "publishStream b4e7 PENDING",
            "playStream b4e7 PENDING",
            "snapshot b4e7",
            "availableStream b4e7",
            "OnDataEvent",
            "DataStatusEvent FAILED Not you",
        ],
    },
    Flow {
        name: "refusals that change nothing",
        answer: refuses_in_vain,
        steps: &[
            (
                0,
                r#"publishStream {"mediaSessionId":"1","name":"b4e7"}"#,
                &["notifyStreamStatusEvent b4e7 PUBLISHING"],
            ),
            (0, r#"sendData {"operationId":"5","payload":1}"#, &["DataStatusEvent ACCEPTED"]),
            (0, r#"unPublishStream {"mediaSessionId":"1"}"#, &["notifyStreamStatusEvent b4e7 UNPUBLISHED"]),
        ],
        hooks: &[
            "publishStream b4e7 PENDING",
            "StreamStatusEvent b4e7 PUBLISHING",
            "OnDataEvent",
            "DataStatusEvent ACCEPTED",
            "unPublishStream",
            "StreamStatusEvent b4e7 UNPUBLISHED",
        ],
    },
    Flow {
        name: "another name, hidden from the client",
        answer: renames,
        steps: &[
            (
                0,
                r#"publishStream {"mediaSessionId":"1","name":"b4e7"}"#,
                &["notifyStreamStatusEvent PUBLISHING"],
            ),
            (
                1,
                r#"playStream {"mediaSessionId":"2","name":"b4e7"}"#,
                &["notifyStreamStatusEvent FAILED Stream not found"],
            ),
            (1, r#"playStream {"mediaSessionId":"3","name":"alias"}"#, &["notifyStreamStatusEvent PLAYING"]),
            (
                0,
                r#"unPublishStream {"mediaSessionId":"1","name":"b4e7"}"#,
                &["notifyStreamStatusEvent UNPUBLISHED"],
            ),
            (1, "", &["notifyStreamStatusEvent FAILED Stopped by publisher stop"]),
        ],
        hooks: &[
            "publishStream b4e7 PENDING",
            "StreamStatusEvent real PUBLISHING",
            "playStream b4e7 PENDING",
            "StreamStatusEvent b4e7 FAILED Stream not found",
            "playStream alias PENDING",
            "StreamStatusEvent real PLAYING",
            "unPublishStream b4e7",
            "StreamStatusEvent real UNPUBLISHED",
            "StreamStatusEvent real FAILED Stopped by publisher stop",
        ],
    },
    Flow {
        name: "an event that is refused: the client is told, the stream stays",
        answer: refuses_an_event,
        steps: &[
            (
                0,
                r#"publishStream {"mediaSessionId":"1","name":"b4e7"}"#,
                &["fail FAILED Not you StreamStatusEvent 1"],
            ),
            (0, r#"availableStream {"mediaSessionId":"2","name":"b4e7"}"#, &["availableStream true 2"]),
        ],
        hooks: &["publishStream b4e7 PENDING", "StreamStatusEvent b4e7 PUBLISHING", "availableStream b4e7"],
    },
    Flow {
        name: "who may not stop goes on",
        answer: holds_on,
        steps: &[
            (
                0,
                r#"publishStream {"mediaSessionId":"1","name":"b4e7"}"#,
                &["notifyStreamStatusEvent b4e7 PUBLISHING"],
            ),
            (0, r#"unPublishStream {"mediaSessionId":"1"}"#, &["fail FAILED Stay StreamStatusEvent 1"]),
            (0, r#"availableStream {"mediaSessionId":"2","name":"b4e7"}"#, &["availableStream true 2"]),
        ],
        hooks: &[
            "publishStream b4e7 PENDING",
            "StreamStatusEvent b4e7 PUBLISHING",
            "unPublishStream",
            "availableStream b4e7",
        ],
    },
    Flow {
        name: "what is available",
        answer: echo,
        steps: &[
            (
                0,
                r#"availableStream {"mediaSessionId":"1","name":"b4e7"}"#,
                &["availableStream false Stream not found 1"],
            ),
            (0, r#"availableStream {"mediaSessionId":"2","name":"rtmp://a/b"}"#, &["availableStream true 2"]),
        ],
        hooks: &["availableStream b4e7", "availableStream rtmp://a/b"],
    },
    Flow {
        name: "a pause",
        answer: echo,
        steps: &[
            (
                0,
                r#"playStream {"mediaSessionId":"1","name":"vod://a"}"#,
                &["notifyStreamStatusEvent vod://a PLAYING"],
            ),
            (0, r#"pauseStream {"mediaSessionId":"1"}"#, &["notifyStreamStatusEvent vod://a PAUSED"]),
        ],
        hooks: &[
            "playStream vod://a PENDING",
            "StreamStatusEvent vod://a PLAYING",
            "pauseStream",
            "StreamStatusEvent vod://a PAUSED",
        ],
    },
    Flow {
        name: "snapshots",
        answer: echo,
        steps: &[
            (0, r#"snapshot {"mediaSessionId":"1","name":"b4e7"}"#, &["notifyStreamEvent snapshotFailed"]),
            (
                0,
                r#"publishStream {"mediaSessionId":"2","name":"b4e7"}"#,
                &["notifyStreamStatusEvent b4e7 PUBLISHING"],
            ),
            (0, r#"snapshot {"mediaSessionId":"1","name":"b4e7"}"#, &["notifyStreamEvent snapshotCompleted"]),
        ],
        hooks: &[
            "snapshot b4e7",
            "publishStream b4e7 PENDING",
            "StreamStatusEvent b4e7 PUBLISHING",
            "snapshot b4e7",
            "StreamStatusEvent b4e7 SNAPSHOT_COMPLETE",
        ],
    },
    Flow {
        name: "an event of a stream goes to its players, without a hook",
        answer: echo,
        steps: &[
            (
                0,
                r#"publishStream {"mediaSessionId":"1","name":"b4e7"}"#,
                &["notifyStreamStatusEvent b4e7 PUBLISHING"],
            ),
            (
                1,
                r#"playStream {"mediaSessionId":"2","name":"b4e7"}"#,
                &["notifyStreamStatusEvent b4e7 PLAYING"],
            ),
            (0, r#"sendStreamEvent {"mediaSessionId":"1","type":"audioMuted"}"#, &[]),
            (1, "", &["notifyStreamEvent audioMuted"]),
        ],
        hooks: &[
            "publishStream b4e7 PENDING",
            "StreamStatusEvent b4e7 PUBLISHING",
            "playStream b4e7 PENDING",
            "StreamStatusEvent b4e7 PLAYING",
        ],
    },
    Flow {
        name: "diagnostics",
        answer: echo,
        steps: &[
            (0, r#"sessionDebug {"command":"start"}"#, &["notifySessionDebugEvent STARTED"]),
            (0, r#"sessionDebug {"command":"stop"}"#, &["notifySessionDebugEvent STOPPED"]),
            (0, r#"submitBugReport {"text":"no sound","type":"no_media"}"#, &[]),
            (0, r#"pushLogs {"logs":"line"}"#, &[]),
        ],
        hooks: &[
            "sessionDebug",
            "SessionDebugStatusEvent STARTED",
            "sessionDebug",
            "SessionDebugStatusEvent STOPPED",
            "submitBugReport no_media",
            "BugReportStatusEvent no_media",
            "pushLogs",
        ],
    },
    Flow {
        name: "what cannot be done is told, and asks nobody",
        answer: echo,
        steps: &[
            (0, "{", &["fail FAILED a frame must be JSON"]),
            (0, "publishStream", &["fail FAILED The argument of publishStream must be an object"]),
            (0, r#"publishStream {"name":"a"}"#, &["fail FAILED MediaSessionId is null StreamStatusEvent"]),
            (
                0,
                r#"publishStream {"mediaSessionId":"9"}"#,
                &["fail FAILED A stream needs a name StreamStatusEvent 9"],
            ),
            (
                0,
                r#"stopStream {"mediaSessionId":"9"}"#,
                &["fail FAILED Stream not found StreamStatusEvent 9"],
            ),
            (0, r#"sendData {"payload":1}"#, &["fail FAILED Data needs an operationId DataStatusEvent"]),
            (
                0,
                r#"sessionDebug {"command":"jump"}"#,
                &["fail FAILED The command must be start or stop SessionDebugStatusEvent"],
            ),
            (0, "connection {}", &["fail FAILED The session is connected already"]),
            (0, "neverHeardOf {}", &[]),
            (0, "playHLS {}", &["fail FAILED playHLS is not supported"]),
            (0, "pong", &[]),
        ],
        hooks: &[],
    },
];

#[tokio::test(start_paused = true)]
async fn flows() {
    for flow in FLOWS {
        run(flow).await;
    }
}

async fn run(flow: &Flow) {
    let world = World::with(flow.answer);
    let mut clients = [Some(world.connected().await), Some(world.connected().await)];
    for (who, action, lines) in flow.steps {
        if *action == "leave" {
            clients[*who] = None;
            continue;
        }
        let client = clients[*who].as_mut().unwrap();
        act(client, action).await;
        for line in *lines {
            assert_eq!(client.line().await, *line, "{}: {action}", flow.name);
        }
        if !action.is_empty() {
            client.send("ping", Value::Null).await;
            assert_eq!(client.line().await, "pong", "{}: {action}", flow.name);
        }
    }
    let opening = 4;
    let mut hooks = world.backend.asked_for(opening + flow.hooks.len()).await.split_off(opening);
    let mut expected: Vec<_> = flow.hooks.iter().map(ToString::to_string).collect();
    if flow.steps.iter().any(|(_, action, _)| *action == "leave") {
        // Two sessions act at once then.
        hooks.sort_unstable();
        expected.sort_unstable();
    }
    assert_eq!(hooks, expected, "{}", flow.name);
}

/// Sends what stands in a step: a name and an argument, or any text.
async fn act(client: &mut Client, action: &str) {
    match action.split_once(' ') {
        _ if action.is_empty() => {}
        _ if action.starts_with('{') => client.text(action).await,
        Some((message, argument)) => client.send(message, serde_json::from_str(argument).unwrap()).await,
        None => client.text(&json!({ "message": action }).to_string()).await,
    }
}
