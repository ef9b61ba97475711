//! Scanners and load generators that others wrote, against our server: schemathesis, h2load, sslscan.

use std::{fs, process::Stdio};

use tokio::process::Command;
use wcs_hooks::{Callers, ServerSettings, Settings};
use wcs_hooks_protocol::SigningKey;

use crate::{
    every_hook::handling_everything,
    examples::run,
    faults::{
        certificates::{Files, authority, issued},
        server::{Seen, Served, here},
    },
    support::{KEY, PASSWORD, USER},
};

/// A server that handles every hook of those that prove who they are.
fn serve(server: ServerSettings) -> Served {
    let mut settings = Settings::default();
    settings.callers = Some(Callers::signed([KEY]).or_basic(USER, PASSWORD));
    Served::start_of(handling_everything(), Seen::default(), server, settings)
}

/// What a program printed; it ended well.
async fn printed(command: &mut Command) -> String {
    let output = command.stderr(Stdio::inherit()).kill_on_drop(true).output().await.unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}");
    text
}

/// Bodies that follow the schema and bodies that break it: no failure of the server, and no answer that the document does not
/// have.
#[tokio::test(flavor = "multi_thread")]
async fn schemathesis_finds_no_answer_that_is_not_documented() {
    let served = serve(here());
    let folder = tempfile::tempdir().unwrap();
    let document = folder.path().join("openapi.json");
    let (status, text) = run("wcs-hooks", &["schema"]).await;
    assert!(status.success());
    fs::write(&document, text).unwrap();
    // `tests/install-peers` makes this environment.
    let schemathesis = concat!(env!("CARGO_TARGET_TMPDIR"), "/../schemathesis/bin/schemathesis");
    let basic = format!("{USER}:{PASSWORD}");
    for (who, authentication, phases) in
        [("WCS", vec!["--auth", &basic], "coverage,fuzzing"), ("anyone", vec![], "fuzzing")]
    {
        let mut command = Command::new(schemathesis);
        command.current_dir(folder.path()).arg("run").arg(&document);
        command.args(["--url", &format!("http://{}/app", served.address)]).args(authentication);
        command.args(["--checks", "not_a_server_error,status_code_conformance,content_type_conformance"]);
        command.args(["--phases", phases, "--max-examples", "3", "--seed", "7"]);
        command.args(["--warnings", "off", "--no-color"]);
        let text = printed(&mut command).await;
        assert!(text.contains("No issues found"), "{who}: {text}");
    }
    served.stop_in_order().await;
}

/// Many streams at once over HTTP/2: who proves who it is gets every answer, and who does not keeps nobody from getting theirs.
#[tokio::test(flavor = "multi_thread")]
async fn h2load_loses_no_call_and_a_flood_of_forged_ones_stops_nobody() {
    let served = serve(here());
    let folder = tempfile::tempdir().unwrap();
    let body = folder.path().join("body");
    let text = r#"{"nodeId":"n","appKey":"defaultApp","sessionId":"s","name":"b4e7"}"#;
    fs::write(&body, text).unwrap();
    let url = format!("http://{}/app/playStream", served.address);
    // More streams at once than the server has, before it could say so, end the connection.
    let h2load = |signature: String, streams: &str| {
        let mut command = Command::new("h2load");
        command.args(["-n", "3000", "-c", "10", "-m", streams, "-d"]).arg(&body);
        command.args(["-H", "content-type: application/json", "-H", &format!("authorization: {signature}")]);
        command.arg(&url);
        command
    };
    let signature = SigningKey::new(&KEY.into()).sign(text.as_bytes());
    let honest = printed(&mut h2load(signature, "32")).await;
    assert!(honest.contains("status codes: 3000 2xx, 0 3xx, 0 4xx, 0 5xx"), "{honest}");
    let forged = format!("WCS {}", "0".repeat(32));
    let (forged, honest) = tokio::join!(async { h2load(forged, "100").output().await.unwrap() }, async {
        let (user, url) = (format!("{USER}:{PASSWORD}"), format!("{url}?"));
        let mut statuses = Vec::new();
        for _ in 0..20 {
            let mut curl = Command::new("curl");
            curl.args([
                "-s",
                "-o",
                "/dev/null",
                "-w",
                "%{http_code}",
                "-u",
                &user,
                "--interface",
                "127.0.0.3",
            ]);
            curl.args(["-m", "5", "-H", "Content-Type: application/json", "-d", text, &url]);
            statuses.push(printed(&mut curl).await);
        }
        statuses
    });
    let forged = String::from_utf8_lossy(&forged.stdout);
    assert!(forged.contains("status codes: 0 2xx") && forged.contains(" 0 5xx"), "{forged}");
    assert_eq!(honest, vec!["200"; 20]);
    served.stop_in_order().await;
}

/// TLS as scanners want it: 1.2 and 1.3 only, forward secrecy, no old cipher.
#[tokio::test(flavor = "multi_thread")]
async fn sslscan_finds_nothing_old() {
    let files = Files::of(&issued(&authority(), "localhost"));
    let served = serve(files.settings(None));
    let mut command = Command::new("sslscan");
    command.args(["--no-colour", "--show-certificate", &format!("127.0.0.1:{}", served.address.port())]);
    let text = printed(&mut command).await;
    for (protocol, expected) in [
        ("SSLv2", "disabled"),
        ("SSLv3", "disabled"),
        ("TLSv1.0", "disabled"),
        ("TLSv1.1", "disabled"),
        ("TLSv1.2", "enabled"),
        ("TLSv1.3", "enabled"),
    ] {
        let mut lines = text.lines().filter_map(|line| line.strip_prefix(protocol));
        assert_eq!(lines.next().map(str::trim), Some(expected), "{protocol}: {text}");
    }
    let ciphers = text.lines().filter(|line| line.starts_with("Accepted") || line.starts_with("Preferred"));
    let ciphers: Vec<&str> = ciphers.collect();
    let is_modern = |line: &&str| line.contains("GCM") || line.contains("CHACHA20");
    assert!(ciphers.len() >= 4 && ciphers.iter().all(is_modern), "{text}");
    assert!(
        !text.contains(" vulnerable to heartbleed") || text.contains("not vulnerable to heartbleed"),
        "{text}"
    );
    served.stop_in_order().await;
}
