//! Backends that are wrong in one way each.

use wcs_hooks_protocol::{HookKind, HookName, Signature, SigningKey};

use super::backend::{Ask, Door, Fault, NO_FAULT, Reply, SECRET};

const CONNECT: HookName = HookName::Connect;
const PUBLISH: HookName = HookName::PublishStream;
const REFUSAL: &str = r#"{"status":403,"reason":"no"}"#;

/// An answer in which a text stands for another.
macro_rules! replacing {
    ($name:literal, $is_meant:expr, $from:literal => $to:literal, $($found:literal),*) => {
        Fault {
            name: $name,
            change: |ask, reply| {
                let is_meant: fn(&Ask) -> bool = $is_meant;
                if is_meant(ask) {
                    reply.body = reply.body.replace($from, $to);
                }
            },
            found: &[$($found),*],
            ..NO_FAULT
        }
    };
}

/// An answer for some requests that is not that of the backend.
macro_rules! answering {
    ($name:literal, $is_meant:expr, $status:literal $body:expr, $($found:literal),*) => {
        Fault {
            name: $name,
            instead: |ask| {
                let is_meant: fn(&Ask) -> bool = $is_meant;
                is_meant(ask).then_some(($status, $body))
            },
            found: &[$($found),*],
            ..NO_FAULT
        }
    };
}

/// Refusals that are changed.
macro_rules! refusing {
    ($name:literal, $change:expr, $($found:literal),*) => {
        Fault {
            name: $name,
            change: |ask, reply| {
                let change: fn(&mut Reply) = $change;
                if is(ask, CONNECT) && reply.body.contains("bad token") {
                    change(reply);
                }
            },
            found: &[$($found),*],
            ..NO_FAULT
        }
    };
}

fn is(ask: &Ask, hook: HookName) -> bool {
    ask.hook == hook.as_str()
}

fn is_signed(ask: &Ask) -> bool {
    let header = ask.headers.get("authorization").and_then(|header| header.to_str().ok());
    header.is_some_and(|header| SigningKey::new(&SECRET.into()).verify(&ask.body, header))
}

fn kind(ask: &Ask) -> Option<HookKind> {
    ask.hook.parse().ok().map(HookName::kind)
}

/// What most libraries do: read into values and write them again.
fn through_values(_: &Ask, reply: &mut Reply) {
    let value = serde_json::from_str::<serde_json::Value>(&reply.body);
    reply.body = value.map(|value| value.to_string()).unwrap_or_default();
}

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "reads into values of doubles and sorted maps",
        change: through_values,
        found: &["echo.key-order warn"],
        ..NO_FAULT
    },
    replacing!("drops nulls", |_| true, r#""a":null,"# => "", "echo.nulls warn"),
    replacing!("floats integers", |_| true, ",5060," => ",5060.0,", "echo.numbers warn"),
    replacing!("changes numbers", |_| true, ",5060," => ",5061,", "echo.numbers fail"),
    replacing!("rounds large integers", |_| true, "9007199254740993" => "9007199254740992", "echo.large-integers warn"),
    replacing!("empties are arrays", |_| true, "{}" => "[]", "echo.empties fail", "echo.empty-custom warn"),
    replacing!("knows Latin only", |_| true, "😀" => "?", "echo.unicode fail"),
    replacing!("loses a name", |_| true, r#""__proto__":{"a":1},"# => "", "echo.keys fail"),
    replacing!("loses depth", |_| true, r#"{"a":[{"a":[{"a":[{"a":["# => "[[[[[[[[", "echo.nesting warn"),
    replacing!(
        "knows only the fields that it knows", |ask| is(ask, CONNECT), r#""wcsHooksCheck":"# => r#""x":"#,
        "echo.unknown-fields fail", "echo.nulls warn", "echo.empties fail", "echo.numbers fail", "echo.large-integers warn",
        "echo.unicode fail", "echo.keys fail", "echo.nesting warn"
    ),
    replacing!("leaves the context out", |ask| is(ask, CONNECT), r#""appKey":"defaultApp","# => "", "echo.context warn"),
    replacing!("changes the context", |ask| is(ask, CONNECT), r#""appKey":"defaultApp","# => r#""appKey":"x","#, "echo.context fail"),
    replacing!("leaves a field out", |ask| is(ask, CONNECT), r#""keepAlive":false,"# => "", "echo.fields fail"),
    answering!("fails on huge numbers", |ask| ask.text().contains("1e400"), 500 "", "echo.huge-numbers warn"),
    answering!("fails on half a pair", |ask| ask.text().contains("\\ud800"), 500 "", "echo.half-surrogates warn"),
    replacing!("answers calls with less", |ask| is(ask, HookName::Hold), r#""callee":"1001","# => "", "echo.requests warn"),
    replacing!(
        "leaves out what it wants to overwrite", |ask| is(ask, PUBLISH), r#""name":"check-b4e7","# => "",
        "echo.requests warn", "policy.overwrites warn"
    ),
    answering!("long bodies", |ask| ask.body.len() > 100_000, 413 "", "echo.megabyte warn"),
    answering!(
        "bodies that are not short", |ask| ask.body.len() > 50_000 && is(ask, PUBLISH), 413 "",
        "echo.long-text fail", "echo.megabyte warn"
    ),
    answering!("404 for what is not known", |ask| kind(ask).is_none() && ask.hook != "CONNECT", 404 "", "hooks.unknown-methods fail"),
    answering!(
        "404 for the docs' spellings",
        |ask| HookName::ALL.iter().any(|hook| hook.info().other_spellings.contains(&&*ask.hook)), 404 "",
        "hooks.other-spellings warn"
    ),
    answering!("404 for a request", |ask| is(ask, HookName::Subscribe), 404 "", "hooks.requests fail"),
    answering!("events are refused", |ask| kind(ask) == Some(HookKind::Event), 403 REFUSAL, "hooks.events fail"),
    answering!("500 for the keep-alive", |ask| is(ask, HookName::StreamKeepAlive), 500 "", "hooks.keep-alive fail"),
    answering!("500 for what a session needs", |ask| is(ask, HookName::StreamStatus), 500 "", "hooks.events fail", "session.flow fail"),
    answering!("two slashes", |ask| ask.path.contains("//"), 404 "", "paths.trailing-slash warn"),
    answering!("another prefix", |ask| ask.path.matches("EchoApp").count() > 1, 404 "", "paths.prefix warn"),
    answering!("a name in upper case", |ask| ask.hook == "CONNECT", 500 "", "paths.case fail"),
    Fault {
        name: "answers are text",
        change: |_, reply| drop(reply.headers.insert("content-type", "text/html".parse().unwrap())),
        found: &["http.json fail", "refusals.body warn", "session.flow fail"],
        ..NO_FAULT
    },
    Fault {
        name: "connections are closed",
        change: |_, reply| drop(reply.headers.insert("connection", "close".parse().unwrap())),
        found: &["http.keep-alive warn"],
        ..NO_FAULT
    },
    Fault {
        name: "answers end with their connections",
        change: |_, reply| reply.ends_with_connection = true,
        found: &["http.length warn", "http.keep-alive warn"],
        ..NO_FAULT
    },
    Fault {
        name: "sets no policy",
        change: |ask, reply| {
            if let Some(at) = reply.body.find(r#","restClientConfig""#).filter(|_| is(ask, CONNECT)) {
                reply.body.replace_range(at.., "}");
            }
        },
        found: &["policy.present warn"],
        ..NO_FAULT
    },
    Fault {
        name: "refuses and sets no policy",
        instead: |ask| is(ask, PUBLISH).then_some((403, REFUSAL)),
        change: |ask, reply| {
            if let Some(at) = reply.body.find(r#","restClientConfig""#).filter(|_| is(ask, CONNECT)) {
                reply.body.replace_range(at.., "}");
            }
        },
        found: &["policy.present warn", "policy.refusals-count fail"],
        ..NO_FAULT
    },
    replacing!("has other words", |ask| is(ask, CONNECT), r#""NOTIFY""# => r#""notify""#, "policy.words fail"),
    replacing!("names other hooks", |ask| is(ask, CONNECT), r#""unhold":"# => r#""Unhold":"#, "policy.hooks warn"),
    replacing!("writes four keys", |ask| is(ask, CONNECT), r#""restExclude":"","# => "", "policy.five-keys warn"),
    replacing!("writes blanks", |ask| is(ask, CONNECT), r#""name,"# => r#""name, "#, "policy.blanks warn"),
    replacing!(
        "changes what is not taken", |ask| is(ask, HookName::PlaceCall), r#""callee":"1001""# => r#""callee":"1""#,
        "policy.changes-count warn"
    ),
    replacing!(
        "supplies a password for all to see", |ask| is(ask, CONNECT), r#""restClientConfig":"# => r#""sipPassword":"S","restClientConfig":"#,
        "policy.secrets warn"
    ),
    refusing!(
        "a refusal with more fields",
        |reply| reply.body = reply.body.replace('{', r#"{"code":1,"#),
        "refusals.body fail"
    ),
    refusing!("a refusal without a body", |reply| reply.body.clear(), "refusals.body warn"),
    refusing!(
        "a refusal of another number",
        |reply| reply.body = reply.body.replace("403", "401"),
        "refusals.same-status warn"
    ),
    refusing!(
        "a refusal that is a failure",
        |reply| reply.status = 500,
        "refusals.status fail",
        "refusals.same-status warn"
    ),
    refusing!(
        "a refusal that is none",
        |reply| reply.status = 200,
        "refusals.status fail",
        "session.refused fail"
    ),
    refusing!("a refusal without a phrase", |reply| reply.reason = Some(""), "refusals.reason-phrase warn"),
    refusing!(
        "a refusal that says nothing",
        |reply| reply.body = r#"{"status":403,"reason":"Forbidden"}"#.to_owned(),
        "session.refused warn"
    ),
    Fault {
        name: "lets anybody in",
        door: Door::Anyone,
        found: &[
            "callers.missing fail",
            "callers.every-hook fail",
            "callers.wrong-secret fail",
            "callers.other-body fail",
            "callers.malformed fail",
        ],
        ..NO_FAULT
    },
    Fault {
        name: "checks connect alone",
        door: Door::Anyone,
        instead: |ask| (is(ask, CONNECT) && !is_signed(ask)).then_some((403, REFUSAL)),
        found: &["callers.every-hook fail"],
        ..NO_FAULT
    },
    Fault {
        name: "checks the scheme alone",
        door: Door::Anyone,
        instead: |ask| {
            let header = ask.headers.get("authorization").and_then(|header| header.to_str().ok());
            header.and_then(Signature::in_header).is_none().then_some((403, REFUSAL))
        },
        found: &["callers.wrong-secret fail", "callers.other-body fail"],
        ..NO_FAULT
    },
    answering!("signs what it writes itself", |ask| ask.text().contains("\" : "), 403 REFUSAL, "callers.raw-bytes fail"),
    answering!("fails on upper case", |ask| {
        let header = ask.headers.get("authorization").and_then(|header| header.to_str().ok());
        header.is_some_and(|header| header.len() == 36 && header[4..].contains(['A', 'B', 'C', 'D', 'E', 'F']))
    }, 500 "", "callers.upper-case fail"),
    Fault {
        name: "answers 401 to a wrong signature",
        change: |ask, reply| {
            if reply.status == 403 && !is_signed(ask) {
                reply.status = 401;
            }
        },
        found: &["callers.wrong-secret warn"],
        ..NO_FAULT
    },
    Fault {
        name: "lets any user in",
        door: Door::Basic,
        instead: |ask| {
            let right = "Basic dXNlcjpwYXNzd29yZA==";
            let header = ask
                .headers
                .get("authorization")
                .is_some_and(|header| header.as_bytes().starts_with(b"Basic "));
            header.then(|| ask.headers.insert("authorization", right.parse().unwrap()));
            None
        },
        found: &["callers.malformed fail", "callers.wrong-password fail"],
        ..NO_FAULT
    },
    Fault {
        name: "does not say what it wants",
        door: Door::Basic,
        change: |_, reply| drop(reply.headers.remove("www-authenticate")),
        found: &["callers.challenge warn"],
        ..NO_FAULT
    },
    answering!(
        "refuses a stream that it has", |ask| ask.came_before && is(ask, PUBLISH) && ask.text().contains("Number"), 409 "",
        "duplicates.stream fail", "duplicates.stream-concurrent fail"
    ),
    Fault {
        name: "answers duplicates differently",
        change: |ask, reply| {
            if is(ask, CONNECT) {
                reply.body = reply.body.replace(
                    r#""restClientConfig""#,
                    &format!(r#""login":{},"restClientConfig""#, ask.number),
                );
            }
        },
        found: &["duplicates.sequential warn", "duplicates.concurrent warn"],
        ..NO_FAULT
    },
    answering!("fails on nothing", |ask| ask.method == "POST" && ask.body.is_empty(), 500 "", "bodies.empty fail"),
    answering!("takes what is no JSON", |ask| ask.text().starts_with("nodeId"), 200 "{}", "bodies.not-json warn"),
    answering!("fails on cut-off JSON", |ask| ask.text().ends_with(":{"), 500 "", "bodies.cut-off fail"),
    answering!("takes arrays", |ask| ask.text() == "[1,2]", 200 "[1,2]", "bodies.array warn"),
    answering!("fails on null", |ask| ask.text() == "null", 500 "", "bodies.null fail"),
    answering!("fails on bytes", |ask| std::str::from_utf8(&ask.body).is_err(), 500 "", "bodies.not-utf-8 fail"),
    answering!("fails in the depth", |ask| ask.text().contains("[[[["), 500 "", "bodies.deep fail"),
    answering!("fails on two keys", |ask| ask.text().matches("clientVersion").count() > 1, 500 "", "bodies.duplicate-keys fail"),
    answering!("fails without context", |ask| ask.text().starts_with(r#"{"clientVersion""#), 500 "", "bodies.missing-context fail"),
    answering!("fails on other kinds", |ask| ask.text().contains(r#""mediaProviders":7"#), 500 "", "bodies.wrong-kinds fail"),
    answering!("takes text", |ask| ask.headers["content-type"] == "text/plain", 200 "{}", "bodies.content-type warn"),
    answering!("takes GET", |ask| ask.method == "GET", 200 "{}", "survival.get warn"),
    answering!("too busy", |ask| ask.text().contains(r#"Number":1007"#), 503 "", "survival.crowd fail"),
    answering!("dies of a cut-off body", |ask| ask.after_cut_off, 500 "", "survival.cut-off fail"),
];
